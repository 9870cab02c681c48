// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.syschroot.testing.Dose;

/**
 * What {@code syschroot run} preserves. Every run does it for root by each Java, for an ordinary
 * user by the oldest and for root that becomes nobody by the newest; {@code -Pstress} for each by
 * each.
 */
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
    List<JavaRuntime> all = JavaRuntime.matrix().toList();
    JavaRuntime oldest = all.get(0);
    JavaRuntime newest = all.get(all.size() - 1);
    return all.stream()
        .flatMap(
            java ->
                Stream.of(
                        new RunWay(site, java, false),
                        new RunWay(site, java, true),
                        new UnprivilegedRunWay(new RunWay(site, java, false)))
                    .filter(
                        way ->
                            Dose.isHeavy()
                                || way.equals(new RunWay(site, java, false))
                                || way.equals(new RunWay(site, newest, true))
                                || way.equals(
                                    new UnprivilegedRunWay(new RunWay(site, oldest, false)))));
  }
}
