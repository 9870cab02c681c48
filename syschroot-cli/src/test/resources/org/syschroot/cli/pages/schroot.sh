# schroot's configuration, as its package installs it, and a chroot.
rm -rf /etc/schroot
mkdir -p /etc/schroot/chroot.d /etc/schroot/minimal
cd /etc/schroot
printf '# schroot chroot definitions.\n' > schroot.conf
printf '/proc /proc none rw,bind 0 0\n/sys /sys none rw,bind 0 0\n' > minimal/fstab
printf '# Files to copy into the chroot from the host system.\n#\n#\n/etc/resolv.conf\n' > minimal/copyfiles
printf 'passwd\nshadow\ngroup\ngshadow\n' > minimal/nssdatabases
cat > chroot.d/sid <<'END'
[sid]
description=Debian sid
directory=/srv/chroot/sid
type=directory
aliases=unstable
groups=sbuild
root-groups=sbuild
profile=minimal
END
cd /root
