# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0

# Read by the start script in a checkout only: builds the command when its sources are newer. An
# installed copy has no such file, and nothing of this runs there.
package SyschrootCheckout;

use strict;

my ($home, $command, $java, $path);

sub build_if_stale {
    ($home, $command, $java, $path) = @_;
    build() if is_stale();
}

# Returns whether there is nothing to build, for a start that does without Java.
sub is_built {
    ($home, $command) = @_;
    return !is_stale();
}

sub is_stale {
    my @jar = stat "$command/syschroot.jar";
    return 1 unless @jar;
    my @stamp = stat "$command/built";
    my $built = @stamp && $stamp[9] > $jar[9] ? $stamp[9] : $jar[9];
    # The age in days is compared, which makes no list of all that stat(2) says of each file.
    my $age = ($^T - $built) / 86400;
    my @files = ("$home/pom.xml", map { ("$_/pom.xml", "$_/src/main") } glob_modules());
    while (@files) {
        my $file = pop @files;
        lstat $file or next;
        return 1 if -M _ < $age;
        if (-d _ && opendir(my $directory, $file)) {
            push @files, map { "$file/$_" } grep { !/^\./ }
                split /\0/, main::untaint(join "\0", readdir $directory);
        }
    }
    return 0;
}

sub glob_modules {
    opendir(my $directory, $home) or return ();
    return map { "$home/" . main::untaint($_) } grep { /^syschroot-/ } readdir $directory;
}

sub build {
    mkdir "$home/syschroot-cli/target";
    open(my $lock, ">>", "$home/syschroot-cli/target/build.lock")
        or main::fail("cannot build in $home: $!");
    flock $lock, 2;
    return unless is_stale();    # somebody else was faster
    print STDERR "syschroot: building (first use, or the sources are newer)\n";
    my ($terminal, $start) = (-t STDERR, time);
    my $child = open(my $output, "-|");
    main::fail("cannot fork: $!") unless defined $child;
    if ($child == 0) {
        my $home_of_user = (getpwuid $>)[7];
        $ENV{PATH} = defined $path ? main::untaint($path) : $ENV{PATH};
        $ENV{JAVA_HOME} = main::parent(main::parent($java));
        $ENV{HOME} = main::untaint($home_of_user) if defined $home_of_user;
        open(STDERR, ">&", \*STDOUT);
        chdir $home or exit 1;
        exec "mvn", "-B", "-ntp", "package", "-DskipTests", "-Dspotless.check.skip=true",
            "-Dstyle.color=never";
        print STDERR "syschroot: cannot start mvn: $!: install Maven 3.8.7 or later\n";
        exit 1;
    }
    while (my $line = <$output>) {
        $line =~ s/\e\[[0-9;]*m//g;    # Maven resets colours that it was told not to use
        if ($line =~ /^\[INFO\] Building (.+?) +\S+ +\[(\d+)\/(\d+)\]\s*$/) {
            print STDERR "\r\e[K[$2/$3] $1" if $terminal;
        } elsif ($line =~ /\S/ && $line !~ /^\[(INFO|WARNING)\]/) {
            print STDERR $terminal ? "\r\e[K" : "", $line;
        }
    }
    close $output;
    print STDERR "\r\e[K" if $terminal;
    main::fail("the build failed: see above, or run mvn package in $home") if $? != 0;
    open(my $stamp, ">", "$command/built") or main::fail("cannot write $command/built: $!");
    close $stamp;
    print STDERR "syschroot: built in ", time - $start, " s\n" if $terminal;
}

1;
