#!/bin/sh
# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0

# Measures mounting and the reading of mount tables; see docs/benchmarks.md. To be run as root
# after mvn package. Usage: docs/benchmarks/mounts.sh [MOUNTS [ROUNDS]]

set -e
home=$(cd "$(dirname "$0")/../.." && pwd)
command=$home/syschroot-cli/target/command
bare=

if command -v gcc >/dev/null; then
    directory=$(mktemp -d)
    trap 'rm "$directory"/bare "$directory"/bare.c; rmdir "$directory"' EXIT
    cat >"$directory/bare.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

int main(int argc, char **argv) {
  char source[4096], target[4096];
  int count = argc == 4 ? atoi(argv[3]) : 0;
  double start = now(), middle;
  for (int i = 0; i < count; i++) {
    snprintf(source, sizeof source, "%s/%d", argv[1], i);
    snprintf(target, sizeof target, "%s/%d", argv[2], i);
    if (mount(source, target, NULL, MS_BIND, NULL)) return perror("mount"), 1;
  }
  middle = now();
  for (int i = count - 1; i >= 0; i--) {
    snprintf(target, sizeof target, "%s/%d", argv[2], i);
    if (umount2(target, UMOUNT_NOFOLLOW)) return perror("umount2"), 1;
  }
  printf("%f %f\n", middle - start, now() - middle);
  return 0;
}
END
    gcc -O2 -o "$directory/bare" "$directory/bare.c"
    bare=$directory/bare
fi

jars=$(printf '%s:' "$command"/*.jar)
java -Djffi.boot.library.path="$command/jni/$(uname -m)-Linux" \
    -cp "$home/syschroot-examples/target/test-classes:$jars" \
    org.syschroot.examples.MountBenchmark "${1-500}" "${2-20}" $bare
