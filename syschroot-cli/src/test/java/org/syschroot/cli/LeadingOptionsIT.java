// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LeadingOptionsIT {
  private static Outcome run(String... words) throws Exception {
    String[] all = new String[words.length + 1];
    all[0] = TestImages.command().toString();
    System.arraycopy(words, 0, all, 1, words.length);
    return Program.of(all).run();
  }

  @Test
  void any_globalOptionsBeforeTheSubcommand_applyToIt() throws Exception {
    try (TestSite site = TestSite.empty()) {
      site.image("there", "root = \"/sysroot/there\"\n");
      assertThat(run("--config", site.directory().toString(), "list"))
          .hasToString("status 0\nout: there  /sysroot/there\n\nerr: ");
    }
  }

  @Test
  void help_ofACommand_isItsHelp() throws Exception {
    Outcome help = run("help", "run");
    assertThat(help.status()).isZero();
    assertThat(help).hasToString(run("run", "--help").toString());
    assertThat(run("-h")).hasToString(run("--help").toString());
    assertThat(run("help")).hasToString(run("--help").toString());
    assertThat(run("-V")).hasToString(run("--version").toString());
  }
}
