# A checkout, and no image yet.
rm -rf /bin4 /sysroot
id alice > /dev/null 2>&1 || useradd alice
cd "$checkout"
