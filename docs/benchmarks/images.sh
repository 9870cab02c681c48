#!/bin/sh
# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0

# Measures how long it takes to make an image from an archive, in turns with umoci(1) and tar(1); see
# docs/images.md. To be run as root after mvn package.
# Usage: docs/benchmarks/images.sh TREE WORK [ROUNDS], where TREE holds a system and WORK has room for
# it four times in each round, and four times more. SYSCHROOT is another command than the checkout's.

set -e
home=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(cd "$1" && pwd)
work=$2
rounds=${3:-5}
command=${SYSCHROOT:-$home/syschroot}

mkdir "$work"
work=$(cd "$work" && pwd)
cd "$work"
mkdir -m 755 config
umoci init --layout oci
umoci new --image oci:x
umoci unpack --image oci:x bundle > log 2>&1
cp -a "$tree/." bundle/rootfs/
umoci repack --image oci:x bundle >> log 2>&1
tar -C bundle/rootfs --xattrs -czf tree.tar.gz .
echo "tree: $(du -sm bundle/rootfs | cut -f1) MB in $(find bundle/rootfs | wc -l) files; load: $(cut -d' ' -f1-3 /proc/loadavg)"

now() { date +%s%3N; }
measure() { # NAME COMMAND...
    name=$1
    shift
    sync
    begin=$(now)
    "$@" > log 2>&1 || { cat log; exit 1; }
    echo "$(($(now) - begin))" >> "times.$name"
}
create_oci() { measure create-oci "$command" create a$round --config "$work/config" --root "$work/a$round" --from oci:oci; }
unpack_oci() { measure umoci umoci unpack --image oci:x b$round; }
create_tar() { measure create-tar "$command" create c$round --config "$work/config" --root "$work/c$round" --from tree.tar.gz; }
unpack_tar() {
    mkdir d$round
    measure tar tar -x --xattrs --xattrs-include='*' --numeric-owner -p -C d$round -f tree.tar.gz
}
# Nothing is deleted between the rounds: ext4 does not use the inodes again of what was deleted in the
# last minutes, and whoever comes next has to search for others. Each is the first one in turn.
ways="create_oci unpack_oci create_tar unpack_tar"
for round in $(seq "$rounds"); do
    for way in $ways; do
        $way
    done
    ways="${ways#* } ${ways%% *}"
done
for name in create-oci umoci create-tar tar; do
    sort -n "times.$name" | awk -v name=$name '{ t[NR] = $1 } END { printf "%s: median %d ms, least %d ms\n", name, t[int((NR + 1) / 2)], t[1] }'
done
