#!/bin/bash
# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0

# Compares how long commands take in an image that is a squashfs file, mounted for the command alone or
# for all, in the same tree as a directory, and with a layer that is thrown away: in turns, one of each
# after the other, so that all meet the same load.
#
#   docs/benchmarks/image-files.sh [ROUNDS]
#
# As root, with a JDK, busybox (static), Perl and mksquashfs; JAVA_HOME chooses the Java, SYSCHROOT
# another command than the checkout's, laid out as an installed one. What is written
# goes to a temporary directory and to a /run of this script alone.
set -euo pipefail

rounds=${1:-40}
top=$(cd "$(dirname "$0")/../.." && pwd)
if [ -z "${SYSCHROOT_BENCHMARK:-}" ]; then
    work=$(mktemp -d)
    chmod 755 "$work"
    trap 'rm -rf --one-file-system "$work"' EXIT
    SYSCHROOT_BENCHMARK=$work unshare --mount --propagation private "$0" "$rounds"
    exit
fi
work=$SYSCHROOT_BENCHMARK
cd /
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
mount -t tmpfs -o mode=755 tmpfs /run

tree=$work/tree
mkdir -p "$tree/bin" "$tree/etc" "$tree/lib" "$tree/usr" "$work/config/images.d"
for directory in dev proc sys tmp home; do
    mkdir -p "$tree/$directory"
done
cp /bin/busybox "$tree/bin/true"
cp /bin/busybox "$tree/bin/sh"
head -c 20000000 /dev/urandom >"$tree/lib/something"
echo "root = \"$tree\"" >"$work/config/images.d/directory.toml"

# A user's own image, whose launchers need no privilege: those of root have no layer.
user="setpriv --reuid=65533 --regid=65533 --clear-groups env HOME=$work/home"
mkdir -p "$work/home/.config/syschroot/images.d" "$work/home/bin"
cp -a "$tree" "$work/home/tree"
echo "root = \"$work/home/tree\"" >"$work/home/.config/syschroot/images.d/plain.toml"
printf 'root = "%s"\nlayer = "throw-away"\n' "$work/home/tree" >"$work/home/.config/syschroot/images.d/layered.toml"
chown -R 65533:65533 "$work/home"

# The time of a command, in microseconds.
timed() {
    local before=${EPOCHREALTIME/./}
    "$@" >/dev/null
    echo $((${EPOCHREALTIME/./} - before))
}

command=${SYSCHROOT:-$top/syschroot}
jars=$top/syschroot-cli/target/command
[ -z "${SYSCHROOT:-}" ] || jars=$(dirname "$SYSCHROOT")/../share/syschroot
run="$command run --config $work/config"
$run --no-cache directory -- true    # builds if needed, and makes the archive of classes
$command pack --config "$work/config" directory "$work/file.squashfs" >/dev/null
mksquashfs "$tree" "$work/gzip.squashfs" -quiet -no-progress >/dev/null # what it does by itself
for image in file mounted; do
    echo "root = \"$work/file.squashfs\"" >"$work/config/images.d/$image.toml"
done
echo "root = \"$work/gzip.squashfs\"" >"$work/config/images.d/gzip.toml"
$command mount --config "$work/config" mounted
for image in plain layered; do
    $user "$command" link "$image" --into "$work/home/bin" >/dev/null
done
for ((i = 0; i < rounds; i++)); do
    {
        echo "run directory $(timed $run --no-cache directory -- true)"
        echo "run file $(timed $run --no-cache file -- true)"
        echo "run file of gzip $(timed $run --no-cache gzip -- true)"
        echo "run mounted file $(timed $run --no-cache mounted -- true)"
        echo "run --throw-away directory $(timed $run --no-cache --throw-away directory -- true)"
        echo "cached run directory $(timed $run directory -- true)"
        echo "cached run --throw-away directory $(timed $run --throw-away directory -- true)"
    } | sed 's/ \([0-9]*\)$/\t\1/' >>"$work/times"
done

cat >"$work/launchers.pl" <<'END'
use strict;
use warnings;
use Time::HiRes qw(time);
my ($directory, $rounds) = @ARGV;
for my $i (-20 .. $rounds - 1) {
    for my $name ($i % 2 ? qw(plain layered) : qw(layered plain)) {
        my $before = time;
        system("$directory/$name", "true") == 0 or die "$name: $?";
        my $taken = (time - $before) * 1e6;
        my $what = $name eq "plain" ? "directory" : "directory with a layer";
        printf "launcher of a user, %s\t%d\n", $what, $taken if $i >= 0;
    }
}
END
(cd "$work/home" && $user perl "$work/launchers.pl" "$work/home/bin" $((10 * rounds))) >>"$work/times"

cat >"$work/Starts.java" <<'END'
import java.nio.file.Path;
import org.syschroot.Syschroot;
import org.syschroot.mountplan.Layer;
import org.syschroot.path.ImagePath;
import org.syschroot.plan.SwitchRequest;

class Starts {
  public static void main(String[] arguments) throws Exception {
    Syschroot syschroot = Syschroot.load(Path.of(arguments[0]));
    int rounds = Integer.parseInt(arguments[1]);
    for (int i = -rounds; i < rounds; i++) {
      for (String what : new String[] {"directory", "file", "gzip", "throw-away directory"}) {
        String image = what.substring(what.indexOf(' ') + 1);
        SwitchRequest request =
            SwitchRequest.in(syschroot.image(image)).directory(ImagePath.ROOT).command("true");
        if (what.startsWith("throw-away")) {
          request = request.layer(Layer.THROW_AWAY);
        }
        long before = System.nanoTime();
        int status = syschroot.start(request).waitFor();
        long after = System.nanoTime();
        if (status != 0) {
          throw new AssertionError(what + ": " + status);
        }
        if (i >= 0) { // those before are for the JIT
          System.out.println("start " + what + "\t" + (after - before) / 1000);
        }
      }
    }
  }
}
END
"$java" -cp "$(printf '%s:' "$jars"/*.jar)" "$work/Starts.java" \
    "$work/config" $((5 * rounds)) >>"$work/times"

$command umount --config "$work/config" mounted
sort -t '	' -k 1,1 -k 2,2n "$work/times" | awk -F '\t' '
    function close_group() {
        if (n) { printf "| %s | %.1f | %.1f |\n", name, t[1] / 1000, t[int((n + 1) / 2)] / 1000 }
        n = 0
    }
    $1 != name { close_group(); name = $1 }
    { t[++n] = $2 }
    BEGIN { print "| | least, ms | median, ms |\n|---|---|---|" }
    END { close_group() }'
echo
"$java" -version 2>&1 | head -n 1
uname -srm
echo "$(nproc) processors, load $(cut -d ' ' -f 1-3 /proc/loadavg), $(date -u +%Y-%m-%d), $rounds rounds"
