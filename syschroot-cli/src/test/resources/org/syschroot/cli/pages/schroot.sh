rm -rf /etc/schroot/chroot.d/*
mkdir -p /etc/schroot/chroot.d
cat > /etc/schroot/chroot.d/sid <<'END'
[sid]
description=Debian sid
directory=/srv/chroot/sid
type=directory
aliases=unstable
groups=sbuild
root-groups=sbuild
profile=minimal
END
