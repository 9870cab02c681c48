#!/usr/bin/perl
# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0

# Compares, as an ordinary user and in turns, the time from execve to the end of "sh -c :": on the
# native system, in a process that is already in the image, and by a launcher. The difference of the
# last two is what the launcher itself takes.
#
#   perl docs/benchmarks/launcher-overhead.pl ROOT LAUNCHER [ROUNDS]
#
# ROOT is the root directory of the image, LAUNCHER one of its launchers for /bin/sh. As root.

use strict;
use warnings;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

my ($root, $launcher, $rounds) = @ARGV;
defined $launcher or die "usage: $0 ROOT LAUNCHER [ROUNDS]\n";
my $nobody = 65534;
my @ways = (
    ["native", "/bin/sh", undef],
    ["already in the image", "/bin/sh", $root],
    ["launcher", $launcher, undef],
);
my @times = map { [] } @ways;
for (1 .. $rounds || 400) {
    for my $i (0 .. $#ways) {
        push @{$times[$i]}, measure(@{$ways[$i]}[1, 2]);
    }
}
print "| | least, ms | first quartile, ms | median, ms |\n|---|---|---|---|\n";
for my $i (0 .. $#ways) {
    my @sorted = sort { $a <=> $b } @{$times[$i]};
    printf "| %s | %.3f | %.3f | %.3f |\n", $ways[$i][0],
        map { 1000 * $_ } @sorted[0, @sorted / 4, @sorted / 2];
}

sub measure {
    my ($program, $inside) = @_;
    pipe(my $wait, my $go) or die "pipe: $!\n";
    my $pid = fork;
    defined $pid or die "fork: $!\n";
    if ($pid == 0) {
        close $go;
        if (defined $inside) {
            chroot $inside or die "chroot: $!\n";
            chdir "/" or die "chdir: $!\n";
        }
        $) = "$nobody $nobody";
        $( = $nobody;
        ($<, $>) = ($nobody, $nobody);
        <$wait>;
        exec { $program } "sh", "-c", ":";
        die "$program: $!\n";
    }
    close $wait;
    select(undef, undef, undef, 0.001);    # until it waits
    my $start = clock_gettime(CLOCK_MONOTONIC);
    close $go;
    waitpid $pid, 0;
    my $time = clock_gettime(CLOCK_MONOTONIC) - $start;
    die "$program: status $?\n" if $?;
    return $time;
}
