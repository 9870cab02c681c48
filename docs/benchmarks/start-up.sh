#!/bin/sh
# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0

# Compares the time to run "true" in an image by syschroot, by the tools that an administrator would
# use otherwise, and, as a floor, the start of an empty Java program.
#
#   docs/benchmarks/start-up.sh CONFIG IMAGE [RUNS]
#
# As root, with hyperfine and a JDK; JAVA_HOME chooses the Java for both of them. Tools that are not
# installed are left out. What is written (the empty program, schroot's configuration) goes to a
# temporary directory and is mounted over /etc/schroot in a mount namespace of this script alone.
# Nothing of it is left, neither on the host nor in the image.

set -eu

if [ $# -lt 2 ]; then
    echo "usage: $0 CONFIG IMAGE [RUNS]" >&2
    exit 2
fi
config=$(cd "$1" && pwd)
image=$2
runs=${3:-30}
top=$(cd "$(dirname "$0")/../.." && pwd)
syschroot=$top/syschroot

if [ -z "${SYSCHROOT_BENCHMARK:-}" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    SYSCHROOT_BENCHMARK=$work unshare --mount --propagation private sh "$0" "$config" "$image" "$runs"
    exit
fi
work=$SYSCHROOT_BENCHMARK
cd /

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
java=$(readlink -f "$(command -v "$java")")
"$(dirname "$java")/javac" -version >/dev/null 2>&1 || {
    echo "$0: $java is no JDK: set JAVA_HOME" >&2
    exit 1
}
echo 'class Empty { public static void main(String[] arguments) {} }' >"$work/Empty.java"
"$(dirname "$java")/javac" -d "$work" "$work/Empty.java"

# Builds if needed, and makes the archive of classes.
root=$("$syschroot" show --config "$config" "$image" --json |
    sed -n 's/^ *"root": *"\(.*\)",*$/\1/p' | head -n 1)
if [ ! -d "$root" ]; then
    echo "$0: $image has no root directory" >&2
    exit 1
fi
binds=
for directory in /dev /proc /sys /tmp; do
    [ ! -d "$root$directory" ] || binds="$binds $directory"
done

set -- --command-name "empty Java main" "$java -cp $work Empty"
set -- "$@" --command-name "syschroot run" "$syschroot run --config $config $image -- true"

mounts=
for directory in $binds; do
    mounts="${mounts}mount --rbind --make-rslave $directory $root$directory; "
done
cat >"$work/unshare-chroot" <<END
#!/bin/sh
$mounts
exec setarch linux32 chroot $root true
END
chmod +x "$work/unshare-chroot"
set -- "$@" --command-name "unshare with mounts and chroot" "unshare --mount $work/unshare-chroot"
set -- "$@" --command-name "chroot" "chroot $root true"
set -- "$@" --command-name "setarch linux32 chroot" "setarch linux32 chroot $root true"

if command -v bwrap >/dev/null; then
    arguments="--bind $root /"
    for directory in $binds; do
        arguments="$arguments --dev-bind $directory $directory"
    done
    set -- "$@" --command-name "bwrap with the same binds" "bwrap $arguments true"
fi

if command -v schroot >/dev/null; then
    # schroot copies files of the host into an image (passwd, shadow, hosts and more) unless its
    # profile says otherwise, and writes etc/debian_chroot in any case. So it gets a profile without
    # copies, and a layer over the image that takes what it writes.
    mkdir "$work/layer" "$work/image"
    mount -t tmpfs tmpfs "$work/layer"
    mkdir "$work/layer/upper" "$work/layer/work"
    mount -t overlay -o "lowerdir=$root,upperdir=$work/layer/upper,workdir=$work/layer/work" \
        overlay "$work/image"
    cp -a /etc/schroot "$work/schroot"
    rm -rf "$work/schroot/chroot.d"
    mkdir -p "$work/schroot/chroot.d" "$work/schroot/benchmark" "$work/var/session" \
        "$work/var/union" "$work/var/unpack"
    : >"$work/schroot/benchmark/copyfiles"
    : >"$work/schroot/benchmark/nssdatabases"
    for directory in $binds; do
        echo "$directory $directory none rw,rbind 0 0" >>"$work/schroot/benchmark/fstab"
    done
    for type in plain directory; do
        cat >>"$work/schroot/chroot.d/benchmark" <<END
[benchmark-$type]
type=$type
directory=$work/image
root-users=root
personality=linux32
END
        [ $type = plain ] || echo profile=benchmark >>"$work/schroot/chroot.d/benchmark"
    done
    mount --bind "$work/schroot" /etc/schroot
    mount --bind "$work/var" /var/lib/schroot
    mount -t tmpfs tmpfs /run    # where it mounts the image and keeps its locks
    mkdir /run/lock
    set -- "$@" --command-name "schroot plain" "schroot -c benchmark-plain -d / -- true"
    set -- "$@" --command-name "schroot directory" "schroot -c benchmark-directory -d / -- true"
fi

hyperfine -N -w 3 -r "$runs" --style none --export-csv "$work/times.csv" "$@" >/dev/null

printf '| | times the empty Java main | mean, ms | least, ms |\n|---|---|---|---|\n'
awk -F, 'NR == 2 { empty = $2 }
    NR > 1 { printf "| %s | %.2f | %.1f | %.1f |\n", $1, $2 / empty, 1000 * $2, 1000 * $7 }' "$work/times.csv"
echo
"$java" -version 2>&1 | head -n 1
uname -srm
echo "$(nproc) processors, load $(cut -d ' ' -f 1-3 /proc/loadavg), $(date -u +%Y-%m-%d), $runs runs"
