# A native /dev with a syslog daemon, which ends with the page, and images that see it.
mkdir /own
mount -t tmpfs -o mode=755 tmpfs /own
for device in null zero full random urandom tty; do
    cp -a "/dev/$device" /own/
done
mkdir /own/pts /own/shm
mount --bind /dev/pts /own/pts
ln -s pts/ptmx /own/ptmx
mount --rbind /own /dev
cat > /etc/rsyslog-page.conf <<'END'
module(load="imuxsock")
action(type="omfile" file="/var/log/syslog" flushOnTXEnd="on" asyncWriting="off")
END
: > /var/log/syslog
rsyslogd -n -f /etc/rsyslog-page.conf -i /run/rsyslog-page.pid &
trap "kill $!" EXIT
until [ -S /dev/log ]; do sleep 0.05; done
image SL54
image SL55
id alice > /dev/null 2>&1 || useradd -m alice
cd /tmp
