image sl5
mkdir -p /etc/systemd/system
