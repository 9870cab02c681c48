// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.syschroot.cli.AccountsSite;
import org.syschroot.cli.Outcome;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** What {@code link} and {@code doctor} say of directories that users cannot search: the same. */
@RequiresRoot
@RequiresCommand("unshare")
class ClosedDirectoryIT {
  private static final String PRELUDE =
      """
      below() { mount -t tmpfs -o "mode=$2" tmpfs "$1"; mkdir "$1/image"; mount --bind "$I" "$1/image"; I=$1/image; }
      link() {
        { echo "$1"; printf 'mounts = []\\n[launchers]\\ndirectory = "%s"\\nnames = ["sh"]\\n' "$W/bin"; } | settings
        mkdir -p "$W/bin"
        syschroot link day > /dev/null 2> "$W/err" || { cat "$W/err"; exit 1; }
        syschroot doctor day --json > "$W/found" || true
      }
      said() { grep -A4 '"id": "launcher-root-closed"' "$W/found" || true; }
      """;

  private static void site(String script) throws Exception {
    Outcome outcome = AccountsSite.withDeb32().run(PRELUDE + script);
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }

  @Test
  void link_belowADirectoryOfRoot_bothTellHowItIsOpened() throws Exception {
    site(
        """
        below /opt 750; link ''
        eq hint 'hint: chmod o+x /opt' "$(tail -1 "$W/err")"
        said | grep -q '"remedy": "chmod o+x /opt"'
        chmod o+x /opt; link ''
        eq link '' "$(cat "$W/err")"
        eq doctor '' "$(said)"
        """);
  }

  @Test
  void link_belowTheHomeOfRoot_neitherSaysToOpenIt() throws Exception {
    site(
        """
        below /root 700; link ''
        if grep -q 'chmod' "$W/err"; then cat "$W/err"; exit 1; fi
        eq hint 'hint: move the image to a directory that all users can search' "$(tail -1 "$W/err")"
        said | grep -q '"remedy": "move the image'
        """);
  }

  @Test
  void link_imageForTheGroupThatMaySearch_neitherSaysAnything() throws Exception {
    site(
        """
        groupadd -g 4100 physics
        below /opt 750; chgrp physics /opt; link 'groups = ["physics"]'
        eq link '' "$(cat "$W/err")"
        eq doctor '' "$(said)"
        """);
  }
}
