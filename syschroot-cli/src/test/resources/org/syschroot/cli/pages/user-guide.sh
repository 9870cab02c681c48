# What an administrator has done, in a directory that the images see.
for name in sl4 sl5; do
    image "$name"
    syschroot mount "$name"
done
syschroot link sl4 --into /bin4 sh
syschroot link sl5 --into /usr/local/bin
printf '#!/bin/sh\n' > /sysroot/sl5/usr/bin/make
chmod 755 /sysroot/sl5/usr/bin/make
groupadd -f hep
id alice > /dev/null 2>&1 || useradd -G hep alice
cd /tmp
