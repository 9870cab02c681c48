# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0

# The least that the kernel needs of an automounter: whoever enters the directory gets a tmpfs mounted
# there, with a file "late". Usage: perl automounter.pl DIRECTORY. Says "ready", then serves one visit
# and waits to be ended.

use strict;
use warnings;
use POSIX ();

use constant AUTOFS_IOC_READY => 0x9360;

my ($directory) = @ARGV;
my $mount = { x86_64 => 165, aarch64 => 40 }->{(POSIX::uname())[4]}
    or die "no system call numbers for this machine\n";

setpgrp(0, 0);
pipe(my $requests, my $kernels_end) or die "pipe: $!\n";
call("auto", "autofs", "fd=" . fileno($kernels_end) . ",pgrp=$$,minproto=5,maxproto=5,direct");
open(my $root, "<", $directory) or die "open: $!\n";
$| = 1;
print "ready\n";
sysread($requests, my $packet, 1024) or die "read: $!\n";
my (undef, undef, $token) = unpack("iiL", $packet);
call("late", "tmpfs", "size=64k");
open(my $late, ">", "$directory/late") or die "late: $!\n";
print $late "came late";
close $late;
ioctl($root, AUTOFS_IOC_READY, $token) or die "ioctl: $!\n";
close $root;
sleep 60;

sub call {
    my ($source, $type, $options) = @_;
    syscall($mount, $source, $directory, $type, my $flags = 0, $options) == 0 or die "mount $type: $!\n";
}
