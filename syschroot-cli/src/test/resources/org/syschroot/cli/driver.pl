# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0

# Brings itself into the state that a specification asks for and replaces itself by a command, all
# with system calls of its own: neither Java nor a shell can pass on any bytes, set every limit or
# ignore every signal.
#
# Usage: perl driver.pl SPECIFICATION. Each line of it is a word and values, those that may be any
# bytes in hexadecimal. The lines are obeyed in order; the last is "execute".

use strict;
use warnings;
use POSIX ();

my %NUMBERS = (
    x86_64 => {
        execve => 59, prctl => 157, prlimit => 302, rt_sigaction => 13, rt_sigprocmask => 14,
        sched_setaffinity => 203, sched_setattr => 314, tgkill => 234, setresgid => 119, setresuid => 117,
    },
    aarch64 => {
        execve => 221, prctl => 167, prlimit => 261, rt_sigaction => 134, rt_sigprocmask => 135,
        sched_setaffinity => 122, sched_setattr => 274, tgkill => 131, setresgid => 149, setresuid => 147,
    },
);
my $number = $NUMBERS{(POSIX::uname())[4]} or die "no system call numbers for this machine\n";

my (@argv, @environment);
my %obey = (
    argv => sub { @argv = map { bytes($_) } @_ },
    env => sub { @environment = map { bytes($_) } @_ },
    directory => sub {
        my $path = bytes($_[0]);
        mkdir $path, 0755;
        chdir $path or die "chdir: $!\n";
    },
    remove_directory => sub { rmdir bytes($_[0]) or die "rmdir: $!\n" },
    umask => sub { umask oct $_[0] },
    nice => sub { defined POSIX::nice($_[0]) or die "nice: $!\n" },
    processor => sub { call("sched_setaffinity", 0, 8, pack("Q", 1 << $_[0])) },
    groups => sub { $) = "0 @_"; die "setgroups: $!\n" if $!; },
    gids => sub { call("setresgid", $_[0] + 0, $_[1] + 0, $_[2] + 0) },
    user => sub {
        my ($user, $group) = map { $_ + 0 } @_;
        call("setresgid", $group, $group, $group);
        call("setresuid", $user, $user, $user);
    },
    limit => sub { limit(@_) },
    no_new_privileges => sub { call("prctl", 38, 1, 0, 0, 0) },
    timer_slack => sub { call("prctl", 29, $_[0] + 0, 0, 0, 0) },
    oom => sub {
        open(my $file, ">", "/proc/self/oom_score_adj") or die "oom_score_adj: $!\n";
        print $file $_[0];
        close $file or die "oom_score_adj: $!\n";
    },
    coredump => sub {
        open(my $file, ">", "/proc/self/coredump_filter") or die "coredump_filter: $!\n";
        print $file $_[0];
        close $file or die "coredump_filter: $!\n";
    },
    death_signal => sub { call("prctl", 1, $_[0] + 0, 0, 0, 0) },
    # Policy, flags, nice value, priority, run time, deadline, period.
    scheduling => sub { call("sched_setattr", 0, pack("LLQlLQQQ", 48, @_), 0) },
    # Sent to the thread; pending if "signals" before has blocked it.
    pending => sub { call("tgkill", $$, $$, $_[0] + 0) },
    own_group => sub { setpgrp(0, 0) or die "setpgrp: $!\n" },
    own_session => sub { POSIX::setsid() != -1 or die "setsid: $!\n" },
    alarm => sub { alarm $_[0] },
    child => sub { child() },
    signals => sub { signals(@_) },
    open => sub { open_at(@_) },
    close => sub { POSIX::close($_[0]) },
    # Runs the code of a probe here, to say what it must find again in the command.
    facts => sub {
        local @ARGV = (bytes($_[1]));
        eval bytes($_[0]);
        die $@ if $@;
    },
    execute => sub {
        call("execve", "$argv[0]\0", strings(@argv), strings(@environment));
    },
);

open(my $specification, "<", $ARGV[0]) or die "$ARGV[0]: $!\n";
my @lines = <$specification>;
close $specification;
for my $line (@lines) {
    chomp $line;
    my ($word, @values) = split / /, $line, -1;
    $! = 0;
    ($obey{$word} or die "unknown word $word\n")->(@values);
}
die "no execute\n";

sub bytes {
    return pack("H*", $_[0]);
}

sub call {
    my ($name, @arguments) = @_;
    syscall($number->{$name}, @arguments) != -1 or die "$name: $!\n";
}

our @keep;

sub strings {
    my @strings = map { "$_\0" } @_;
    push @keep, \@strings;
    return pack("p*", @strings) . pack("Q", 0);
}

# Exactly these signals blocked and ignored, all others at their default; Perl itself ignores FPE.
sub signals {
    my ($blocked, $ignored) = map { hex64($_) } @_;
    for my $signal (1 .. 64) {
        next if $signal == 9 || $signal == 19;
        my $handler = $ignored >> ($signal - 1) & 1;
        call("rt_sigaction", $signal, pack("QQQQ", $handler, 0, 0, 0), 0, 8);
    }
    call("rt_sigprocmask", 2, pack("Q", $blocked), 0, 8);
}

# Not every root may raise a hard limit; the lower one is as good for a comparison.
sub limit {
    my ($resource, $soft, $hard) = @_;
    my $present = pack("QQ", 0, 0);
    syscall($number->{prlimit}, 0, $resource + 0, 0, $present) != -1 or die "prlimit: $!\n";
    my $most = (unpack("QQ", $present))[1];
    $hard = ~0 if $hard == -1;
    $hard = $most if $most < $hard;
    $soft = $hard if $hard < $soft;
    call("prlimit", 0, $resource + 0, pack("QQ", $soft, $hard), 0);
}

sub hex64 {
    no warnings "portable";
    return hex $_[0];
}

sub open_at {
    my ($descriptor, $path, $flags, $offset) = @_;
    my $opened = POSIX::open(bytes($path), $flags, 0644);
    defined $opened or die "open: $!\n";
    if ($opened != $descriptor) {
        defined POSIX::dup2($opened, $descriptor) or die "dup2: $!\n";
        POSIX::close($opened);
    } else {
        # Perl has no fcntl without a handle; duplicating there and back clears close-on-exec.
        my $other = POSIX::dup2($opened, 200);
        POSIX::dup2(200, $descriptor);
        POSIX::close(200);
    }
    POSIX::lseek($descriptor, $offset, 0) if $offset;
}

# A child that was there before must still be a child of the command.
sub child {
    my $pid = fork;
    die "fork: $!\n" unless defined $pid;
    POSIX::_exit(37) if $pid == 0;
}
