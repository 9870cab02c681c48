# A tar.gz of the same layout, of what is built at this time.
name=syschroot-0.1.0-SNAPSHOT
mkdir -p build/$name/bin build/$name/share/man/man1
cp "$checkout/syschroot" build/$name/bin
cp -r "$checkout/syschroot-cli/target/command" build/$name/share/syschroot
printf '.TH SYSCHROOT-RUN 1\n.SH NAME\nsyschroot-run \\- runs\n' > build/$name/share/man/man1/syschroot-run.1
tar -C build -czf $name.tar.gz $name
