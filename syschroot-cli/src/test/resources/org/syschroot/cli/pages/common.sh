# Prepares a native system for the commands of a page: as root, in a layer that vanishes. $checkout is
# the project's, $kept the root of a Debian for i386.
export HOME=/root
cd /root

# The command, as the pages call it: installed, and at a place of one's own.
mkdir -p /path/to
ln -s "$checkout/syschroot" /path/to/syschroot
ln -sf "$checkout/syschroot" /usr/bin/syschroot

# debootstrap would need minutes and a network: here is what it made once, as far
# as the pages look at it.
cat > /usr/sbin/debootstrap <<'END'
#!/bin/sh
for argument; do
    case $argument in
        /*) target=$argument; break ;;
    esac
done
tar -C KEPT --exclude=./usr/share --exclude=./var -cf - . | tar -C "$target" -xf -
END
sed -i "s|KEPT|$kept|" /usr/sbin/debootstrap
chmod 755 /usr/sbin/debootstrap

rm -rf /etc/syschroot
mkdir -p /etc/syschroot/images.d /bin4 /bin5

# image NAME [LINE...]: makes the kept tree an image at /sysroot/NAME.
image() {
    name=$1
    shift
    mkdir -p "/sysroot/$name"
    mount --bind "$kept" "/sysroot/$name"
    mount --make-private "/sysroot/$name"
    printf 'root = "/sysroot/%s"\npersonality = "linux32"\n' "$name" > "/etc/syschroot/images.d/$name.toml"
    [ $# = 0 ] || printf '%s\n' "$@" >> "/etc/syschroot/images.d/$name.toml"
}
