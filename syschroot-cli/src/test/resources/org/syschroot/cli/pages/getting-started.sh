mkdir -p /srv
id alice > /dev/null 2>&1 || useradd alice
cd "$checkout"
