image sl4
ln -sf dash /sysroot/sl4/bin/ksh
