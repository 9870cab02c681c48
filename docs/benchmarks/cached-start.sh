#!/bin/sh
# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0

# Compares a cached "syschroot run" with one by the JVM, with bwrap and schroot with the same mounts,
# and with an empty Java program: in turns, one of each after the other, so that all meet the same
# load.
#
#   docs/benchmarks/cached-start.sh CONFIG IMAGE [ROUNDS]
#
# As root, with a JDK; JAVA_HOME chooses the Java. Once as root and once as an ordinary user (nobody),
# from a checkout and from a copy that is laid out as an installed one. Tools that are not installed
# are left out. What is written goes to a temporary directory and to a /run of this script alone.

set -eu

if [ $# -lt 2 ]; then
    echo "usage: $0 CONFIG IMAGE [ROUNDS]" >&2
    exit 2
fi
config=$(cd "$1" && pwd)
image=$2
rounds=${3:-40}
top=$(cd "$(dirname "$0")/../.." && pwd)

if [ -z "${SYSCHROOT_BENCHMARK:-}" ]; then
    work=$(mktemp -d)
    chmod 755 "$work"
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    SYSCHROOT_BENCHMARK=$work unshare --mount --propagation private sh "$0" "$config" "$image" "$rounds"
    exit
fi
work=$SYSCHROOT_BENCHMARK
cd /

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
java=$(readlink -f "$(command -v "$java")")
echo 'class Empty { public static void main(String[] arguments) {} }' >"$work/Empty.java"
"$(dirname "$java")/javac" -d "$work" "$work/Empty.java"

# Builds if needed.
root=$("$top/syschroot" show --config "$config" "$image" --json |
    sed -n 's/^ *"root": *"\(.*\)",*$/\1/p' | head -n 1)
mkdir -p "$work/copy/bin" "$work/copy/share"
cp "$top/syschroot" "$work/copy/bin"
cp -a "$top/syschroot-cli/target/command" "$work/copy/share/syschroot"
# Of the archive the JVM uses none but one that was made for these pathnames.
rm -f "$work"/copy/share/syschroot/syschroot-*.jsa* "$work"/copy/share/syschroot/syschroot-*.aot*
installed=$work/copy/bin/syschroot

mount -t tmpfs -o mode=755 tmpfs /run
mkdir -m 700 /run/nobody
mkdir /run/lock
chown nobody /run/nobody
user="setpriv --reuid=65534 --regid=65534 --clear-groups env XDG_RUNTIME_DIR=/run/nobody"
run="run --config $config"

binds=
for directory in /dev /proc /sys /tmp; do
    [ ! -d "$root$directory" ] || binds="$binds --dev-bind $directory $directory"
done
{
    echo "empty Java main	$java -cp $work Empty"
    echo "run by the JVM	$installed $run --no-cache $image -- true"
    echo "run, cached	$installed $run $image -- true"
    echo "run, cached, from a checkout	$top/syschroot $run $image -- true"
    echo "run by the JVM, nobody	$user $installed $run --no-cache $image -- true"
    echo "run, cached, nobody	$user $installed $run $image -- true"
    echo "setpriv env true, nobody	$user true"
    if command -v bwrap >/dev/null; then
        echo "bwrap with the same binds	bwrap --bind $root / $binds true"
        echo "bwrap with the same binds, nobody	$user bwrap --bind $root / $binds true"
    fi
    if command -v schroot >/dev/null; then
        cp -a /etc/schroot "$work/schroot"
        rm -rf "$work/schroot/chroot.d"
        mkdir -p "$work/schroot/chroot.d" "$work/var/session" "$work/var/union" "$work/var/unpack" \
            "$work/layer" "$work/image"
        # A layer over the image takes what schroot writes into it.
        mount -t tmpfs tmpfs "$work/layer"
        mkdir "$work/layer/upper" "$work/layer/work"
        mount -t overlay -o "lowerdir=$root,upperdir=$work/layer/upper,workdir=$work/layer/work" \
            overlay "$work/image"
        printf '[plain]\ntype=plain\ndirectory=%s\nroot-users=root\npersonality=linux32\n' \
            "$work/image" >"$work/schroot/chroot.d/plain"
        mount --bind "$work/schroot" /etc/schroot
        mount --bind "$work/var" /var/lib/schroot
        echo "schroot plain	schroot -c plain -d / -- true"
    fi
} >"$work/commands"

perl -MTime::HiRes=time -e '
    my ($file, $rounds) = @ARGV;
    open(my $list, "<", $file) or die $!;
    my @commands = map { chomp; [split /\t/] } <$list>;
    # What all children have taken of the processors so far, getrusage(2).
    my $getrusage = -e "/lib64/ld-linux-x86-64.so.2" ? 98 : 165;
    my $processors = sub {
        my ($children, $usage) = (-1, "\0" x 144);
        syscall($getrusage, $children, $usage);
        my ($s, $us, $system_s, $system_us) = unpack "q4", $usage;
        return 1000 * ($s + $system_s) + ($us + $system_us) / 1000;
    };
    my (%times, %taken);
    for my $round (-3 .. $rounds) {
        for my $command (@commands) {
            my ($begin, $before) = (time, $processors->());
            system(split " ", $command->[1]) == 0 or die "$command->[1]: status $?\n";
            next if $round <= 0;
            push @{ $times{$command->[0]} }, 1000 * (time - $begin);
            $taken{$command->[0]} += ($processors->() - $before) / $rounds;
        }
    }
    print "| | least, ms | median, ms | processor time, mean, ms |\n|---|---|---|---|\n";
    for my $command (@commands) {
        my @sorted = sort { $a <=> $b } @{ $times{$command->[0]} };
        printf "| %s | %.1f | %.1f | %.1f |\n", $command->[0], $sorted[0], $sorted[@sorted / 2],
            $taken{$command->[0]};
    }' "$work/commands" "$rounds"
echo
"$java" -version 2>&1 | head -n 1
uname -srm
echo "$(nproc) processors, load $(cut -d ' ' -f 1-3 /proc/loadavg), $(date -u +%Y-%m-%d), $rounds rounds"
