#!/usr/bin/env bash
# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0

# Measures how long a child takes that is switched into an image, and other ways to the same end.
# As root, after "mvn -Pbench package -DskipTests"; needs busybox (static), bwrap and schroot.
#
#   docs/benchmarks/spawn.sh [JMH OPTION...]       e.g. -t 8 -bm thrpt -tu s -p way=syschroot,chroot
#
# JAVA_HOME chooses the JDK.
set -euo pipefail
cd "$(dirname "$0")/../.."
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
classes=syschroot-examples/target/classes
classpath=$classes:$(cat syschroot-examples/target/bench.classpath)

if [ "${IN_NAMESPACE:-}" != yes ]; then
    # schroot reads its settings from /etc/schroot only: they are put there in a mount namespace.
    IN_NAMESPACE=yes exec unshare --mount --propagation private "$0" "$@"
fi
place=$(mktemp -d)
mkdir "$place/etc" "$place/jmh"
mount -t tmpfs -o mode=755 tmpfs "$place/etc"
mkdir "$place/etc/chroot.d"
root=$place/image
mkdir -p "$root/bin" "$root/proc" "$root/dev" "$root/home" "$root/etc"
chmod 755 "$place" "$root"
cp /bin/busybox "$root/bin/true"
printf '[bench]\ntype=plain\ndirectory=%s\nroot-users=root\nusers=root\npersonality=linux32\n' "$root" \
    > "$place/etc/chroot.d/bench.conf"
touch "$place/etc/schroot.conf"
if [ -d /etc/schroot ]; then
    mount --bind "$place/etc" /etc/schroot
fi

uname -sr
nproc
cat /proc/loadavg
status=0
"$java" -Dsyschroot.bench.root="$root" -Djava.io.tmpdir="$place/jmh" -cp "$classpath" \
    org.openjdk.jmh.Main SpawnBenchmark -foe true "$@" || status=$?
umount /etc/schroot 2> /dev/null || true
umount "$place/etc"
# Nothing of ours is mounted beneath any more: the switched children had namespaces of their own.
if ! grep -q " $place" /proc/self/mountinfo; then
    rm -rf "$place"
fi
exit "$status"
