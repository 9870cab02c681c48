# A checkout, and no image yet.
rm -r /bin4
mkdir -p /srv
cd "$checkout"
