image deb32 'accounts = "merged"'
for user in alice "$(id -nu 1000 2> /dev/null)"; do
    userdel "$user" > /dev/null 2>&1 || true
done
useradd -u 1000 -U -G audio alice
id carol > /dev/null 2>&1 || useradd carol
mkdir -p /etc/systemd/system
cd /
