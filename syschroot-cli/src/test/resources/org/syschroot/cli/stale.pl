# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0

# Mounts a FUSE file system whose daemon is gone. Usage: perl stale.pl DIRECTORY.

use strict;
use warnings;
use POSIX ();

my ($directory) = @ARGV;
my $mount = { x86_64 => 165, aarch64 => 40 }->{(POSIX::uname())[4]}
    or die "no system call numbers for this machine\n";
open(my $daemon, "+<", "/dev/fuse") or die "/dev/fuse: $!\n";
my ($source, $type) = ("gone", "fuse");
my $options = "fd=" . fileno($daemon) . ",rootmode=40000,user_id=0,group_id=0";
syscall($mount, $source, $directory, $type, my $flags = 0, $options) == 0 or die "mount: $!\n";
