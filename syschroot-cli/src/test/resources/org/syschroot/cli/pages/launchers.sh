image sl4
ln -sf dash "$kept/bin/ksh"
