#!/bin/bash
# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0

# Compares datagrams of 100 bytes straight to a bare receiver, through the relay, and through socat:
# how many a second, and how long each takes when they come one by one.
#
#   mvn -q package -DskipTests && docs/benchmarks/syslog.sh [MESSAGES] [ROUNDS]
#
# As root, with a JDK, perl, socat and gcc. Senders are a C program that does nothing but send, and a
# Perl program; the receiver is a C program that takes one datagram a call. With
# QUEUE=NUMBER they run in a network namespace where that is net.unix.max_dgram_qlen (systemd makes it
# 512, the kernel's own default is 10). What is written goes to a temporary directory.

set -eu

messages=${1:-400000}
rounds=${2:-3}
top=$(cd "$(dirname "$0")/../.." && pwd)

if [ -n "${QUEUE:-}" ]; then
    QUEUE="" exec unshare --net bash -c \
        "echo $QUEUE > /proc/sys/net/unix/max_dgram_qlen; exec bash $0 $messages $rounds"
fi

work=$(mktemp -d)
relay=
trap '[ -z "$relay" ] || kill "$relay" 2>/dev/null || :; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir -p "$work/image/dev"
mkfifo "$work/input"
exec 9<> "$work/input" # the relay runs until its input ends
log=$work/image/dev/log
native=$work/native

cat > "$work/datagrams.c" <<'EOF'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* receive PATH COUNT SKIP: prints messages a second and latencies in microseconds, but of the first
   SKIP messages, which wait for the relay to connect to a receiver that is new;
   send PATH COUNT PAUSE: datagrams of 100 bytes with the time in them. */
int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  static char bytes[65536];
  int s = socket(AF_UNIX, SOCK_DGRAM, 0);
  long count = atol(argv[3]), i;
  strcpy(address.sun_path, argv[2]);
  if (strcmp(argv[1], "receive") == 0) {
    double *late = malloc(count * sizeof *late), begin = 0;
    long skip = atol(argv[4]);
    unlink(argv[2]);
    if (bind(s, (void *)&address, sizeof address)) return 1;
    for (i = 0; i < count; i++) {
      if (recv(s, bytes, sizeof bytes, 0) < 0) return 1;
      double t = now();
      if (i == 0) begin = t;
      late[i] = t - atof(bytes + 20);
    }
    double took = now() - begin;
    late += skip;
    count -= skip;
    qsort(late, count, sizeof *late, compare);
    printf("%7.0f/s  p50 %.1f  p99 %.1f  p99.9 %.1f  max %.1f\n", (count + skip - 1) / took,
           late[count / 2] * 1e6, late[count * 99 / 100] * 1e6, late[count * 999 / 1000] * 1e6,
           late[count - 1] * 1e6);
  } else {
    memset(bytes, 'x', 100);
    memcpy(bytes, "<13>Nov 24 12:00:00 ", 20);
    if (connect(s, (void *)&address, sizeof address)) return 1;
    for (i = 0; i < count; i++) {
      int n = sprintf(bytes + 20, "%.7f", now());
      bytes[20 + n] = ' ';
      if (send(s, bytes, 100, 0) < 0) return 1;
      if (argc > 4 && atol(argv[4]) > 0) usleep(atol(argv[4]));
    }
  }
  return 0;
}
EOF
gcc -O2 -o "$work/datagrams" "$work/datagrams.c"

cat > "$work/send.pl" <<'EOF'
use Socket;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
my ($path, $count) = @ARGV;
socket(my $s, PF_UNIX, SOCK_DGRAM, 0);
connect($s, pack_sockaddr_un($path)) or die "$path: $!";
for (1 .. $count) {
    my $m = sprintf "<13>Nov 24 12:00:00 %.7f bench: ", clock_gettime(CLOCK_MONOTONIC);
    send($s, $m . "x" x (100 - length $m), 0) // die $!;
}
EOF

jars=$top/syschroot-cli/target/command
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
# The options of the start script that matter here.
start_relay() {
    "$java" -XX:+UseSerialGC -Xms8m -Xmx64m -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=16m \
        -XX:CompressedClassSpaceSize=32m -Xlog:gc:file="$work/gc":uptime \
        -cp "$top/syschroot-examples/target/classes:$jars/*" \
        org.syschroot.examples.LogRelay "$native" "bench=$work/image" < "$work/input" > "$work/relay" &
    relay=$!
    await
}

start_socat() {
    rm -f "$log"
    socat -u "UNIX-RECV:$log" "UNIX-SENDTO:$native" &
    relay=$!
    await
}

await() {
    for _ in $(seq 200); do
        [ ! -S "$log" ] || return 0
        sleep 0.05
    done
    echo "$0: $log does not appear" >&2
    exit 1
}

stop() {
    if [ -n "$1" ]; then
        printf '%28s resident %d KiB, collections at %s\n' "" \
            "$(awk '/VmHWM/ {print $2}' "/proc/$relay/status")" \
            "$(sed -n 's/^\[\([0-9.]*s\).*Pause.* \([0-9.]*ms\)$/\1 (\2)/p' "$work/gc" | paste -s -d ,)"
    fi
    kill "$relay" 2>/dev/null || :
    wait "$relay" 2>/dev/null || :
    relay=
    rm -f "$log"
}

# run SENDER PATH COUNT PAUSE
run() {
    "$work/datagrams" receive "$native" "$3" $(($4 > 0 ? 100 : 0)) &
    receiver=$!
    until [ -S "$native" ]; do sleep 0.01; done
    case $1 in
        c) "$work/datagrams" send "$2" "$3" "$4" ;;
        perl) perl "$work/send.pl" "$2" "$3" ;;
    esac
    wait "$receiver"
    rm -f "$native"
}

measure() { # SENDER COUNT PAUSE
    printf '%-6s direct                ' "$1"; run "$1" "$native" "$2" "$3"
    start_relay
    run "$1" "$log" 50000 0 > /dev/null # warm-up
    printf '%-6s through the relay     ' "$1"; run "$1" "$log" "$2" "$3"
    stop resident
    start_socat
    printf '%-6s through socat         ' "$1"; run "$1" "$log" "$2" "$3"
    stop ""
}

echo "$(uname -sr), $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)," \
    "net.unix.max_dgram_qlen $(cat /proc/sys/net/unix/max_dgram_qlen)"
echo "as many as go, latencies in microseconds:"
for _ in $(seq "$rounds"); do
    measure perl "$messages" 0
    measure c "$messages" 0
done
echo "one by one, 100 microseconds apart:"
printf '%-6s direct                ' c; run c "$native" 20100 100
start_relay
run c "$log" 50000 0 > /dev/null
for _ in $(seq 6); do printf '%-6s through the relay     ' c; run c "$log" 20100 100; done
stop resident
start_socat
for _ in $(seq 6); do printf '%-6s through socat         ' c; run c "$log" 20100 100; done
stop ""
