groupadd -f hep
id alice > /dev/null 2>&1 || useradd -G hep alice
id bob > /dev/null 2>&1 || useradd bob
image sl5
rm /etc/syschroot/images.d/sl5.toml
mkdir -p /data /etc/systemd/system
cd /tmp
