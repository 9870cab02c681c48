// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** The session at a terminal that pages show is the one that their script types. */
@RequiresRoot
@RequiresCommand({"debootstrap", "tmux", "useradd", "runuser", "unshare"})
class TerminalSessionIT {
  @Test
  void session_ofTheScript_isInThePages() throws Exception {
    Path checkout = TestImages.checkout();
    String script = checkout.resolve("docs/terminal-session.sh").toString();
    String mounts = Files.readString(Path.of("/proc/self/mountinfo"));

    Outcome session = Program.of(script, TestImages.deb32().toString()).run();

    assertThat(session.status()).as("%s", session).isZero();
    for (String page : List.of("README.md", "docs/user-guide.md")) {
      assertThat(Files.readString(checkout.resolve(page)))
          .contains("```text\n" + session.outText() + "```\n");
    }
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).isEqualTo(mounts);
  }
}
