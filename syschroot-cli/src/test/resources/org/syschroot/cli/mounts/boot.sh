#!/bin/sh
# Boots this machine's systemd over a throw-away layer of this machine's files, as process 1 of
# namespaces of its own, and ends with its shutdown. Usage, in a private mount namespace:
# boot.sh FOLDER CHECKOUT; FOLDER has scripts, and gets what they find, in /results inside.
set -e
folder=$1
checkout=$2

if [ "$3" != inside ]; then
    groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
    group=$groups/syschroot-boot-$$
    mkdir "$group"
    trap 'echo 1 > "$group/cgroup.kill"
        while ! find "$group" -depth -type d -exec rmdir {} + 2> /dev/null; do sleep 0.1; done' EXIT
    sh -c 'echo 0 > "$1/cgroup.procs"; shift; exec "$@"' sh "$group" \
        timeout -s KILL 100 unshare --mount --pid --fork --cgroup --uts --ipc --propagation private \
        --kill-child sh "$0" "$folder" "$checkout" inside || status=$?
    # That is how the kernel ends process 1 of a namespace that has powered off: SIGINT.
    [ "$status" = 130 ]
    exit
fi

layer=$folder/layer
mkdir "$layer"
mount -t tmpfs tmpfs "$layer"
mkdir "$layer/root" "$layer/upper" "$layer/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work" "$layer/root"
cd "$layer/root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for name in null zero full random urandom tty fuse; do
    touch "dev/$name"
    mount --bind "/dev/$name" "dev/$name"
done
mkdir dev/shm dev/pts results
mount -t devpts devpts dev/pts
mkdir -p ".$checkout"
mount --rbind "$checkout" ".$checkout"
mount --bind "$folder" results
# Nothing but systemd's own and what is to be tried.
rm -rf usr/sbin/policy-rc.d etc/systemd/system/* etc/syschroot etc/rc?.d usr/local/bin/syschroot
mkdir -p etc/systemd/system/multi-user.target.wants etc/syschroot/images.d
: > etc/fstab
: > etc/machine-id
pivot_root . mnt
umount -l /mnt
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
ln -s "$checkout/syschroot" /usr/sbin/syschroot

service() { # NAME ORDER START STOP
    printf '[Unit]\n%s\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c "%s"\nExecStop=/bin/sh -c "%s"\n' \
        "$2" "$3" "$4" > "/etc/systemd/system/$1.service"
    ln -s "../$1.service" /etc/systemd/system/multi-user.target.wants
}
image() { # NAME MOUNTS
    mkdir -p "/srv/$1"
    printf 'root = "/srv/%s"\nmounts = [%s]\n' "$1" "$2" > "/etc/syschroot/images.d/$1.toml"
}
mounted='grep -o \x27 /srv/.*\x27 /proc/self/mountinfo | cut -d\x27 \x27 -f2'
. /results/prepare
syschroot mount --install-boot 2> /dev/null
systemctl -q enable syschroot-mounts
# As the unit of Slurm has it.
service slurmd 'After=munge.service network-online.target remote-fs.target' \
    "$mounted > /results/job-starts" "$mounted > /results/job-stops"
# What is stopped after the mounts.
service earlier 'Before=syschroot-mounts.service' /bin/true "$mounted > /results/at-end"
cat > /etc/systemd/system/probe.service << 'END'
[Service]
ExecStart=/bin/sh -c 'systemctl is-system-running --wait; systemctl show -p ActiveState -p Result -p ExecMainStatus syschroot-mounts > /results/unit; journalctl -o cat --no-pager -u syschroot-mounts > /results/journal; [ ! -e /results/probe ] || sh /results/probe > /results/probed 2>&1; systemctl poweroff'
END
ln -s ../probe.service /etc/systemd/system/multi-user.target.wants
exec env -i container=test PATH="$PATH" /lib/systemd/systemd --unit=multi-user.target
