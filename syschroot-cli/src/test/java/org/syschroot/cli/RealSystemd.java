// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

/**
 * A real systemd as process 1, for scripts of tests: the function {@code boot} runs the rest of a
 * script as a service beneath it, prints what that prints, and returns its status when systemd has
 * stopped all units and ended.
 *
 * <p>Whoever calls it is root in a mount namespace of its own, with a copy of {@code /etc} and an
 * empty {@code /run} mounted, since units are written to both. Process and cgroup namespaces are
 * the function's, so that no process of it outlives systemd. Of the units that the machine has only
 * targets and slices are there: none of its daemons starts, and none of its mounts is made.
 */
public final class RealSystemd {
  /** Packages of commands that a test needs, for {@code RequiresCommand}. */
  public static final String COMMAND = "systemctl";

  /**
   * Shell functions: {@code boot << 'END'}. The service knows the functions and variables of the
   * script, which are those of {@link AccountsSite}.
   */
  public static final String FUNCTIONS =
      """
      boot() (
        set -eu
        [ "$(stat -f -c %T /run)" = tmpfs ]
        D=/run/boot-test; mkdir -p "$D/cgroup" "$D/units"
        { declare -f; declare -p | grep -vE '^declare -[^ ]*r'; echo 'set -eu; D='; cat; } > "$D/script"
        for unit in /lib/systemd/system/*.target /lib/systemd/system/*.slice /lib/systemd/system/systemd-exit.service; do
          cp -a "$unit" "$D/units/"
        done
        mkdir "$D/nothing"
        mkdir -p /run/systemd/system
        cat > /run/systemd/system/boot-test.service <<END
      [Unit]
      DefaultDependencies=no
      After=multi-user.target
      Wants=multi-user.target
      SuccessAction=exit
      FailureAction=exit
      [Service]
      Type=oneshot
      WorkingDirectory=/
      ExecStart=/bin/bash $D/script
      ExecStopPost=/bin/sh -c 'echo \\$EXIT_STATUS > $D/status'
      StandardOutput=file:$D/out
      StandardError=file:$D/out
      END
        printf '[Unit]\\nDefaultDependencies=no\\nWants=boot-test.service\\n' > /run/systemd/system/boot-test.target
        [ -s /etc/machine-id ] || echo 0123456789abcdef0123456789abcdef > /etc/machine-id
        : > /etc/fstab
        # Without a journal, process 1 writes to the console only, which has to be a terminal.
        perl -e 'open M, "+<", "/dev/ptmx" or die; my $n = pack "i", 0; ioctl M, 0x40045431, $n or die;
          ioctl M, 0x80045430, $n or die; my $s = "/dev/pts/" . unpack "i", $n; open S, "+<", $s or die;
          $| = 1; print "$s\\n"; print $text while sysread M, $text, 65536;' > "$D/log" &
        log=$!
        within_seconds 10 test -s "$D/log"
        mount -t cgroup2 cgroup2 "$D/cgroup"
        group=$D/cgroup/syschroot-test-$$
        mkdir "$group"
        (
          echo $BASHPID > "$group/cgroup.procs"
          exec unshare --pid --fork --kill-child --cgroup --mount --propagation private bash -c '
            mount -t proc proc /proc
            mount --bind "$0/units" /lib/systemd/system
            mount --bind "$0/nothing" /lib/systemd/system-generators
            mount -t cgroup2 cgroup2 /sys/fs/cgroup
            mount --bind "$(head -1 "$0/log")" /dev/console
            exec env -i PATH="$PATH" LC_ALL=C container=syschroot-test /lib/systemd/systemd --system --unit=boot-test.target \\
              --show-status=no --log-target=console --log-level=warning < /dev/null > /dev/null 2>&1' "$D"
        ) || echo "systemd ended with $?"
        within_seconds 10 eval 'find "$group" -depth -type d -exec rmdir {} + ; [ ! -e "$group" ]'
        umount "$D/cgroup"
        kill $log; wait $log || true
        cat "$D/out" || true
        status=$(cat "$D/status" || echo 99)
        [ "$status" = 0 ] || { echo "status of the service: $status"; cat "$D/log"; }
        rm -r "$D"
        exit "$status"
      )
      """;

  private RealSystemd() {}
}
