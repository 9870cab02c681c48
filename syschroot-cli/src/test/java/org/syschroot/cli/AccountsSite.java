// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Runs scripts on a host whose {@code /etc} is a copy and whose {@code /run} is empty, with a
 * writable layer over the real image: users can come and go on this host, and packages in the
 * image. Nothing of the machine's changes, since all of it is in a mount namespace of the script's
 * own, and no process outlives it.
 */
public final class AccountsSite {
  // eq WHAT EXPECTED ACTUAL; "syschroot" has the configuration of the site.
  private static final String PRELUDE =
      """
      set -eu
      W=/mnt
      mount -t tmpfs -o mode=755 tmpfs "$W"
      mkdir -p "$W"/iu "$W"/iw "$W"/image "$W"/conf/images.d
      cp -a /etc "$W" 2> /dev/null || cp -a /etc "$W" # somebody may have been at work with useradd
      rm -f "$W"/etc/*.lock "$W"/etc/.pwd.lock
      mount --bind "$W/etc" /etc
      mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$W/iu,workdir=$W/iw" "$W/image"
      mount -t tmpfs -o mode=755 tmpfs /run
      I=$W/image
      cd /tmp
      syschroot() { "$SYSCHROOT" "$1" --config "$W/conf" "${@:2}"; }
      settings() { { printf 'root = "%s"\\n' "$I"; cat; } > "$W/conf/images.d/day.toml"; }
      within() { chroot "$I" "$@"; }
      within_seconds() {
        local end=$((SECONDS + $1)); shift
        until "$@" > /dev/null 2>&1; do
          [ $SECONDS -lt $end ] || { echo "in vain: $*"; return 1; }
          sleep 0.05
        done
      }
      user() { useradd -M -d /nonexistent -s /bin/sh "$@"; }
      eq() { [ "$2" = "$3" ] || { printf '%s:\\nexpected: %s\\nactual:   %s\\n' "$@"; exit 1; }; }
      """;

  private final Path lower;

  private AccountsSite(Path lower) {
    this.lower = lower;
  }

  /** Returns a site whose image is the real Debian. */
  public static AccountsSite withDeb32() throws IOException, InterruptedException {
    return new AccountsSite(TestImages.deb32());
  }

  /** Returns a site with a tree that stays as it is. */
  public static AccountsSite with(Path tree) {
    return new AccountsSite(tree);
  }

  /** Runs a script, which ends at the first failure. */
  public Outcome run(String script) throws IOException, InterruptedException {
    Path file = Files.createTempFile("syschroot-it", ".sh");
    try {
      Files.writeString(file, PRELUDE + script);
      return Program.of(
              "unshare",
              "--mount",
              "--propagation",
              "private",
              "--pid",
              "--fork",
              "--kill-child",
              "--mount-proc",
              "bash",
              file.toString())
          .with(
              Map.of(
                  "LOWER", lower.toString(),
                  "SYSCHROOT", TestImages.command().toString(),
                  "LC_ALL", "C"))
          .run();
    } finally {
      Files.delete(file);
    }
  }
}
