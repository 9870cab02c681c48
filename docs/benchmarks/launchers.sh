#!/bin/sh
# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0

# Compares the time of "sh -c :" on the native system and in an image, by a launcher and by the tools
# that an administrator would use otherwise: all of them as root, and then, as an ordinary user, those
# that one can use.
#
#   docs/benchmarks/launchers.sh ROOT [RUNS]
#
# ROOT is the root directory of an image. As root, with hyperfine; tools that are not installed are
# left out. The launcher, its configuration, the image's mounts and schroot's configuration are in a
# mount namespace of this script alone, and nothing is left of them. The image must have a /mnt.

set -eu

if [ $# -lt 1 ]; then
    echo "usage: $0 ROOT [RUNS]" >&2
    exit 2
fi
root=$(cd "$1" && pwd)
runs=${2:-200}
syschroot=$(cd "$(dirname "$0")/../.." && pwd)/syschroot

if [ -z "${SYSCHROOT_BENCHMARK:-}" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    SYSCHROOT_BENCHMARK=$work unshare --mount --propagation slave sh "$0" "$root" "$runs"
    exit
fi
work=$SYSCHROOT_BENCHMARK
chmod 755 "$work"
cd /

mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir -p /mnt/bin4 /mnt/conf/images.d
cat >/mnt/conf/images.d/benchmark.toml <<END
root = "$root"
personality = "linux32"
mounts = ["standard"]
END
"$syschroot" mount --quiet --config /mnt/conf benchmark
"$syschroot" link --quiet --config /mnt/conf benchmark --into /mnt/bin4 sh >/dev/null

add() { # NAME COMMAND
    printf '%s\n' "$2" >"$work/$(printf '%02d' "$number")"
    printf '%s\n' "$1" >"$work/$(printf '%02d' "$number").name"
    number=$((number + 1))
}

measure() { # TITLE PREFIX-OF-HYPERFINE...
    title=$1
    shift
    for file in "$work"/[0-9][0-9]; do
        set -- "$@" --command-name "$(cat "$file.name")" "$(cat "$file")"
    done
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    printf '%s\n\n| | times native | mean, ms | median, ms | least, ms | added to native, ms |\n|---|---|---|---|---|---|\n' "$title"
    awk -F, 'NR == 2 { native = $4 }
        NR > 1 { printf "| %s | %.2f | %.2f | %.2f | %.2f | %.2f |\n", $1, $4 / native, 1000 * $2, 1000 * $4, 1000 * $7, 1000 * ($4 - native) }' \
        "$work/times.csv"
    echo
    rm -f "$work"/[0-9][0-9] "$work"/[0-9][0-9].name
}

common() {
    number=10
    add "native /bin/sh" "/bin/sh -c :"
    loader=$(echo "$root"/lib/ld-linux*.so.2)
    [ ! -x "$loader" ] ||
        add "sh of the image on the native system" "$loader --library-path $root/lib/i386-linux-gnu $root/bin/sh -c :"
    add "launcher" "/mnt/bin4/sh -c :"
    command -v bwrap >/dev/null && add "bwrap" "bwrap --dev-bind $root / /bin/sh -c :"
    if command -v schroot >/dev/null; then
        add "schroot plain" "schroot -c benchmark -d / -- /bin/sh -c :"
    fi
}

if command -v schroot >/dev/null; then
    cp -a /etc/schroot "$work/schroot"
    rm -rf "$work/schroot/chroot.d"
    mkdir -p "$work/schroot/chroot.d" "$work/var/session" "$work/var/unpack" "$work/var/union"
    cat >"$work/schroot/chroot.d/benchmark" <<END
[benchmark]
type=plain
directory=$root
users=nobody
root-users=root
personality=linux32
END
    mount --bind "$work/schroot" /etc/schroot
    mount --bind "$work/var" /var/lib/schroot
fi

hyperfine="hyperfine -N --warmup 20 --runs $runs --style none"
: >"$work/times.csv"
chmod 666 "$work/times.csv"

common
add "chroot(1)" "chroot $root /bin/sh -c :"
# shellcheck disable=SC2086
measure "As root:" $hyperfine --export-csv "$work/times.csv"
common
# shellcheck disable=SC2086
measure "As an ordinary user:" setpriv --reuid nobody --regid nogroup --clear-groups \
    $hyperfine --export-csv "$work/times.csv"

# With nothing mounted in the image: the ways that make the mounts at each call.
"$syschroot" unlink --quiet --config /mnt/conf benchmark --into /mnt/bin4 sh >/dev/null
"$syschroot" umount --quiet --config /mnt/conf benchmark
printf '[launchers]\ndirectory = "/mnt/bin4"\nmounts = "entry"\n' >>/mnt/conf/images.d/benchmark.toml
"$syschroot" link --quiet --config /mnt/conf benchmark --into /mnt/bin4 sh >/dev/null
mkdir /mnt/own
chown nobody:nogroup /mnt/own
user="setpriv --reuid nobody --regid nogroup --clear-groups"
$user env HOME=/ "$syschroot" link --quiet --config /mnt/conf benchmark --into /mnt/own sh >/dev/null
number=10
add "native /bin/sh" "/bin/sh -c :"
add "entry launcher" "/mnt/bin4/sh -c :"
add "rootless launcher" "/mnt/own/sh -c :"
command -v bwrap >/dev/null && add "bwrap" "bwrap --bind $root / --dev-bind /dev /dev --bind /proc /proc --bind /sys /sys --bind /tmp /tmp /bin/sh -c :"
# shellcheck disable=SC2086
measure "As an ordinary user, the mounts made at each call:" $user $hyperfine --export-csv "$work/times.csv"

uname -srm
echo "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(nproc) processors," \
    "load $(cut -d ' ' -f 1-3 /proc/loadavg), $(date -u +%Y-%m-%d), $runs runs"

"$syschroot" unlink --quiet --config /mnt/conf benchmark --into /mnt/bin4 sh >/dev/null
rmdir "$root/mnt/bin4" 2>/dev/null || true
