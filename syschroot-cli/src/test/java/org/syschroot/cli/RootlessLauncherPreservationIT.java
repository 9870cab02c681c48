// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.syschroot.image.LauncherKind;

/** What launchers without a privilege preserve. */
class RootlessLauncherPreservationIT extends PreservationCases {
  private LauncherSite site;

  @BeforeAll
  void createSite() throws Exception {
    site = LauncherSite.with(LauncherKind.ROOTLESS, "", "sh", "cat", "perl", "uname");
  }

  @AfterAll
  void removeSite() throws Exception {
    site.close();
  }

  @Override
  Stream<WayIn> ways() {
    return Stream.of(LauncherForm.COMMAND, LauncherForm.IMAGE, LauncherForm.SCRIPT)
        .map(form -> new LauncherWay(site, form, true));
  }
}
