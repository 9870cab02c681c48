for name in sl4 sl5; do
    image "$name"
done
id alice > /dev/null 2>&1 || useradd alice
mkdir -p /data/run1 /sysroot/sl7
chmod 777 /sysroot/sl7
mkdir -p /etc/site-sl6/images.d /etc/site-sl7/images.d /etc/site-typo/images.d
printf 'root = "/sysroot/sl6"\n' > /etc/site-sl6/images.d/sl6.toml
printf 'root = "/sysroot/sl7"\n' > /etc/site-sl7/images.d/sl7.toml
printf 'root = "/sysroot/sl6"\nmount = ["/home"]\n' > /etc/site-typo/images.d/sl6.toml
for site in cvmfs:/cvmfs/images/sl5 file:/net/images/sl5.squashfs tar:/srv/sl5.tar; do
    mkdir -p "/etc/site-${site%%:*}/images.d"
    printf 'root = "%s"\n' "${site#*:}" > "/etc/site-${site%%:*}/images.d/sl5.toml"
done
mkdir -p /cvmfs/images /net/images /tree/bin
cp -a /bin/true /tree/bin
cp -a /tree /cvmfs/images/sl5
chown -R 65533:65533 /cvmfs/images/sl5
mksquashfs /tree /net/images/sl5.squashfs -quiet -all-root > /dev/null
tar -C /tree -cf /srv/sl5.tar .
printf '#!/usr/bin/tclsh\n' > /tmp/script
chmod 755 /tmp/script
# Somebody in an image, for as long as this shell runs.
busy() {
    syschroot mount "$1"
    (cd "/sysroot/$1/tmp" && exec sleep 300 > /dev/null 2>&1) &
    while [ "$(readlink /proc/$!/cwd)" != "/sysroot/$1/tmp" ] || [ "$(cat /proc/$!/comm)" != sleep ]; do
        sleep 0.05
    done
    trap "kill $!" EXIT
}
cd /tmp
