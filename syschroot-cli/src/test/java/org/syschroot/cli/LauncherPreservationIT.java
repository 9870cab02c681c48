// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What launchers preserve, of an ordinary user and of root. */
class LauncherPreservationIT extends PreservationCases {
  private LauncherSite site;

  @BeforeAll
  void createSite() throws Exception {
    site = LauncherSite.with("", "sh", "cat", "perl", "uname");
  }

  @AfterAll
  void removeSite() throws Exception {
    site.close();
  }

  @Override
  Stream<WayIn> ways() {
    return Stream.concat(
        Arrays.stream(LauncherForm.values()).map(form -> new LauncherWay(site, form, true)),
        Stream.of(LauncherForm.COMMAND, LauncherForm.IMAGE)
            .map(form -> new LauncherWay(site, form, false)));
  }
}
