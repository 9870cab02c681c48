// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestSite;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** An ordinary user switches in a user namespace of his own, where the kernel lets him make one. */
@RequiresRoot
@RequiresCommand({"debootstrap", "setpriv", "unshare"})
class UserNamespaceIT {
  private static final List<String> ORDINARY_USER =
      List.of("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups");

  private TestSite site;

  @BeforeEach
  void createSite() throws Exception {
    site = TestSite.withDeb32();
  }

  @AfterEach
  void removeSite() throws Exception {
    site.close();
  }

  private Outcome run(List<String> before, String... words) throws Exception {
    List<String> all = new ArrayList<>(ORDINARY_USER);
    all.addAll(before);
    all.addAll(site.words(words));
    return Program.of(all).run();
  }

  @Test
  void run_ownUserAndMountNamespace_switchesWithMounts() throws Exception {
    assertThat(
            run(
                List.of("unshare", "-Urm"),
                "--directory",
                "/tmp",
                "deb32",
                "--",
                "sh",
                "-c",
                "uname -m; pwd; cat /proc/self/comm"))
        .hasToString("status 0\nout: i686\n/tmp\ncat\n\nerr: ");
  }

  @Test
  void run_noPrivilegeAtAll_makesBothItself() throws Exception {
    assertThat(run(List.of(), "--directory", "/tmp", "deb32", "--", "uname", "-m"))
        .hasToString("status 0\nout: i686\n\nerr: ");
  }
}
