# For pages without a script of their own: the images that they talk of, and a user.
for name in SL54 sl4 sl5 deb32; do
    image "$name"
done
id alice > /dev/null 2>&1 || useradd -m alice
