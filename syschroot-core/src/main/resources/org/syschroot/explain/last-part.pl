use strict;
use Config;

my $image = '@IMAGE@';
my ($root, $uid, $gid, $ignored, $closed, $count, @command) = @ARGV;
my @environment = splice @command, 0, $count;
my $machine = $Config{archname} =~ /^x86_64/ ? 0 : 1;
$machine == 0 || $Config{archname} =~ /^aarch64/ or fail("this Perl is not for x86-64 or AArch64");
# The number of each call on either machine.
my %number = (
@CALLS@);
my ($eperm, $enoent, $enoexec, $eacces, $enotdir, $einval, $erofs) = (1, 2, 8, 13, 20, 22, 30);
my ($here, @pathnames, $denied, $shared);

sub call {
    my $name = shift;
    return syscall($number{$name}[$machine], @_);
}

sub tell_user {
    my ($text) = @_;
    $text =~ s/([\x00-\x1f\x7f])/sprintf '\x%02x', ord $1/ge;
    print STDERR "syschroot: $image: $text\n";
}

sub fail {
    my ($text, $status) = @_;
    tell_user($text);
    exit($status || 125);
}

sub value {
    my ($name) = @_;
    my ($entry) = grep { /\A\Q$name\E=/ } @environment;
    return defined $entry ? substr($entry, length($name) + 1) : undef;
}

# The first entry of a name gets the value, and further ones go.
sub set_variable {
    my ($name, $value) = @_;
    my ($placed, @changed);
    for my $entry (@environment) {
        if ($entry !~ /\A\Q$name\E=/) {
            push @changed, $entry;
        } elsif (!$placed++) {
            push @changed, "$name=$value";
        }
    }
    push @changed, "$name=$value" unless $placed;
    @environment = @changed;
}

sub replace_variable {
    my ($name, $value) = @_;
    set_variable($name, $value) if defined value($name);
}

sub default_variable {
    my ($name, $value) = @_;
    set_variable($name, $value) unless defined value($name);
}

sub unset_variable {
    my ($name) = @_;
    @environment = grep { !/\A\Q$name\E=/ } @environment;
}

# Holds the directory open, and finds out its pathname, and the one in $PWD if it is another one.
sub open_directory {
    my ($o_path, $path_max) = (010000000, 4096);
    sysopen($here, ".", $o_path) || $! == $eacces or fail("cannot open the working directory: $!");
    my $buffer = "\0" x $path_max;
    my $length = call("getcwd", $buffer, $path_max);
    push @pathnames, substr($buffer, 0, $length - 1) if $length > 1 && $buffer =~ m{\A/};
    my $logical = value("PWD");
    return if !defined $logical || $logical !~ m{\A/} || $logical =~ m{/\.\.?(/|\z)};
    my @there = stat $logical;
    my @this = stat ".";
    push @pathnames, $logical
        if @there && @this && "@there[0, 1]" eq "@this[0, 1]" && !grep { $_ eq $logical } @pathnames;
}

# In a user namespace within the one whose root has made the mounts.
sub become_caller_again {
    my ($uid, $gid, $new_user_namespace) = (@_, 0x10000000);
    call("unshare", $new_user_namespace) == 0 or fail("cannot create a user namespace: $!");
    for (["setgroups", "deny"], ["uid_map", "$uid 0 1"], ["gid_map", "$gid 0 1"]) {
        my ($name, $text) = @$_;
        open(my $file, ">", "/proc/self/$name") or fail("cannot open /proc/self/$name: $!");
        syswrite($file, $text) or fail("cannot write /proc/self/$name: $!");
    }
}

sub enter_root {
    chdir $root && chroot "." or fail("cannot change root to $root: $!");
}

# Tries the directories of whoever runs this, and then another one, if there is one.
sub enter_working_directory {
    my ($when_denied, $other) = @_;
    my $fact = @pathnames ? "cannot enter $pathnames[0] in the image"
        : "cannot enter the working directory in the image: it has no pathname (deleted, too long,"
        . " or outside the root directory)";
    my @choices = map { [$_] } @pathnames;
    push @choices, [$other, $fact] if defined $other && length $other;
    fail($fact) unless @choices;
    change_directory($when_denied, @choices);
}

sub change_directory {
    my ($when_denied, @choices) = @_;
    return if $when_denied eq "ONLY_IF_DENIED_BEFORE" && !$denied;
    my $cause = "";
    for my $choice (@choices) {
        my ($directory, $reason) = @$choice;
        if (chdir $directory) {
            $shared = $directory unless defined $reason;
            tell_user("$reason$cause; starting in $directory") if defined $reason;
            return;
        }
        if ($! == $eacces && $when_denied eq "TRY_AGAIN_LATER") {
            $denied = 1;
            return;
        }
        $cause ||= ": $!";
    }
    fail("cannot enter $choices[0][0] in the image$cause");
}

sub compare_directory {
    my ($must_be_same) = @_;
    return if !defined $shared || $shared eq "/";
    my @host = fileno $here ? stat $here : ();
    my @inside = stat "." or fail("cannot look at $shared in the image: $!");
    my $same = @host && "@host[0, 1]" eq "@inside[0, 1]";
    my $fact = "$shared in the image is not $shared of the host";
    if ($must_be_same) {
        fail(@host ? $fact : "cannot compare $shared in the image with the one of the host")
            unless $same;
    } elsif (@host && !$same && (may_write(fileno $here) || may_write(-100))) {
        tell_user("$fact: files you write here stay in the image");
    }
}

sub may_write {
    my ($directory) = @_;
    my ($itself, $w_ok, $at_empty_path_and_eaccess) = ("", 2, 0x1200);
    return 1 if call("faccessat2", $directory, $itself, $w_ok, $at_empty_path_and_eaccess) == 0;
    return $! != $eacces && $! != $erofs && $! != $eperm;
}

sub set_personality {
    my ($bits) = @_;
    call("personality", $bits) >= 0 or fail("cannot set the personality: $!");
}

# At most to the hard limit.
sub set_limit {
    my ($resource, $what, $value, $both) = @_;
    my $limits = "\0" x 16;
    call("prlimit64", 0, $resource, 0, $limits) == 0 or fail("cannot limit $what: $!");
    my (undef, $hard) = unpack "QQ", $limits;
    $value = $hard if $value > $hard;
    $limits = pack "QQ", $value, $both ? $value : $hard;
    call("prlimit64", 0, $resource, $limits, 0) == 0 or fail("cannot limit $what: $!");
}

# From the bounding, the ambient and the inheritable set; what this kernel does not know has gone.
sub drop_capabilities {
    my ($drop_from_bounding_set, $ambient, $lower, $version) = (24, 47, 3, 0x20080522);
    for my $capability (@_) {
        if (call("prctl", $drop_from_bounding_set, $capability, 0, 0, 0) < 0) {
            next if $! == $einval;
            fail("cannot drop the capability $capability: $!");
        }
        call("prctl", $ambient, $lower, $capability, 0, 0);
        my ($header, $sets) = (pack("L2", $version, 0), "\0" x 24);
        call("capget", $header, $sets) == 0 or fail("cannot drop capabilities: $!");
        my @words = unpack "L6", $sets;
        $words[$capability < 32 ? 2 : 5] &= 0xffffffff ^ 1 << ($capability & 31);
        $sets = pack "L6", @words;
        call("capset", $header, $sets) == 0 or fail("cannot drop capabilities: $!");
    }
}

sub become_user {
    my ($uid, $gid, @groups) = @_;
    my $list = pack "L*", @groups;
    call("setgroups", scalar @groups, $list) == 0
        && call("setresgid", $gid, $gid, $gid) == 0
        && call("setresuid", $uid, $uid, $uid) == 0
        or fail("cannot become uid $uid: $!");
}

sub set_no_new_privileges {
    call("prctl", 38, 1, 0, 0, 0) == 0 or fail("cannot set no_new_privs: $!");
}

sub search {
    my ($name) = @_;
    return $name if $name =~ m{/};
    my $path = value("PATH");
    $path = '@PATH@' unless defined $path;
    return map { length $_ ? "$_/$name" : $name } length $path ? split(/:/, $path, -1) : "";
}

sub base_name {
    my ($base) = $_[0] =~ m{([^/]*)\z};
    return $base;
}

sub first_argument {
    my ($own, $login, $name) = @_;
    my $first = defined $name ? $name : $own;
    return $login && $first !~ /\A-/ ? "-$first" : $first;
}

sub run_command {
    my ($login, $name) = @_;
    my ($word, @arguments) = @command;
    my $first = first_argument($login ? base_name($word) : $word, $login, $name);
    run(map { [$_, $first, @arguments] } search($word));
}

# The shell of the image, or else that of the caller, or else the one that every image has.
sub run_shell {
    my ($login, $name, $own) = @_;
    my @arguments = @command;
    my @shells = defined $own ? ($own) : ('@SHELL@');
    my $callers = value("SHELL");
    unshift @shells, $callers
        if !defined $own && defined $callers && $callers =~ m{\A/} && $callers ne $shells[0];
    run(map { [$_, first_argument(base_name($_), $login, $name), @arguments] } @shells);
}

# Tries programs as execvp(3) does.
sub run {
    my @candidates = @_;
    # Perl itself ignores this one.
    $SIG{FPE} = hex(substr $ignored, -2) & 0x80 ? "IGNORE" : "DEFAULT";
    my ($denied, $last);
    # What Perl has opened in the place of a closed standard stream would be inherited.
    call("close", $_ + 0) for split " ", $closed;
    for my $candidate (@candidates) {
        my ($program, @arguments) = @$candidate;
        execute($program, @arguments);
        my ($error, $text) = ($! + 0, "$program: $!");
        $last = $text;
        if ($error == $enoent) {
            fail("cannot execute the command: $program: its interpreter is missing in the image", 126)
                if -e $program;
        } elsif ($error == $enoexec && is_text($program)) {
            execute('@SHELL@', '@SHELL@', $program, @arguments[1 .. $#arguments]);
            fail("cannot execute the command: $program has no #! line, and @SHELL@: $!", 126);
        } elsif ($error == $eacces) {
            $denied ||= $text;
        } elsif ($error != $enotdir) {
            fail("cannot execute the command: $text", 126);
        }
    }
    fail("cannot execute the command: $denied", 126) if defined $denied;
    fail("cannot find the command: $last", 127) if @candidates == 1;
    my $name = base_name($candidates[0][0]);
    fail("cannot find the command $name in the image along PATH: No such file or directory", 127);
}

sub is_text {
    my ($program) = @_;
    open(my $file, "<:raw", $program) or return 0;
    my $head = "";
    sysread($file, $head, 256);
    return $head !~ /\0/ && $head !~ /\A\x7fELF/;
}

# Arguments and entries go to the kernel as they are; only what failed comes back.
sub execute {
    my ($program, @arguments) = @_;
    my ($argv, $envp) = (pack("p*", @arguments, undef), pack("p*", @environment, undef));
    call("execve", $program, $argv, $envp);
}
