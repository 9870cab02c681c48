# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0

# The least that the kernel needs of a FUSE daemon: an empty directory that only its owner may look at,
# not even root. Usage: perl fuse.pl DIRECTORY UID. Says "ready", then serves until it is ended.

use strict;
use warnings;
use POSIX ();

use constant { FUSE_LOOKUP => 1, FUSE_FORGET => 2, FUSE_GETATTR => 3, FUSE_INIT => 26,
    FUSE_BATCH_FORGET => 42, ENOENT => -2, ENOSYS => -38 };

my ($directory, $uid) = @ARGV;
my $mount = { x86_64 => 165, aarch64 => 40 }->{(POSIX::uname())[4]}
    or die "no system call numbers for this machine\n";
sysopen(my $kernel, "/dev/fuse", POSIX::O_RDWR()) or die "/dev/fuse: $!\n";
my $options = "fd=" . fileno($kernel) . ",rootmode=40755,user_id=$uid,group_id=$uid";
my ($source, $type, $flags) = ("user", "fuse.test", 0);
syscall($mount, $source, $directory, $type, $flags, $options) == 0 or die "mount: $!\n";
$| = 1;
print "ready\n";
while (sysread($kernel, my $request, 135168)) {
    my (undef, $operation, $unique) = unpack("LLQ", $request);
    next if $operation == FUSE_FORGET || $operation == FUSE_BATCH_FORGET;
    if ($operation == FUSE_INIT) {
        answer($unique, 0, pack("LLLLSSLLSSL7", 7, 31, 4096, 0, 1, 1, 4096, 1, 0, 0, (0) x 7));
    } elsif ($operation == FUSE_GETATTR) {
        my $attributes = pack("Q6L3LLLLLLL", 1, 0, 0, 0, 0, 0, 0, 0, 0, 040755, 2, $uid, $uid, 0, 512, 0);
        answer($unique, 0, pack("QLL", 0, 0, 0) . $attributes);
    } else {
        answer($unique, $operation == FUSE_LOOKUP ? ENOENT : ENOSYS, "");
    }
}

sub answer {
    my ($unique, $error, $body) = @_;
    syswrite($kernel, pack("LlQ", 16 + length $body, $error, $unique) . $body);
}
