// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What {@code syschroot run} preserves. */
class PreservationIT extends PreservationCases {
  private TestSite site;

  @BeforeAll
  void createSite() throws Exception {
    site = TestSite.withDeb32();
  }

  @AfterAll
  void removeSite() throws Exception {
    site.close();
  }

  @Override
  Stream<WayIn> ways() throws IOException {
    return JavaRuntime.matrix()
        .flatMap(
            java ->
                Stream.of(
                    new RunWay(site, java, false),
                    new RunWay(site, java, true),
                    new UnprivilegedRunWay(new RunWay(site, java, false))));
  }
}
