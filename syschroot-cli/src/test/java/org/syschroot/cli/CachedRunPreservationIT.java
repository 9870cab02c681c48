// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What a cached {@code syschroot run} preserves, without any Java. */
class CachedRunPreservationIT extends PreservationCases {
  private static final int NOBODY = 65534;

  private TestSite site;
  private final List<CachedRunWay> ways = new ArrayList<>();

  @BeforeAll
  void createSite() throws Exception {
    site = TestSite.withDeb32();
    JavaRuntime java = JavaRuntime.matrix().findFirst().orElseThrow();
    RunWay run = new RunWay(site, java, false);
    ways.add(CachedRunWay.of(run, java, 0, site.directory()));
    ways.add(CachedRunWay.of(new UnprivilegedRunWay(run), java, NOBODY, site.directory()));
  }

  @AfterAll
  void removeSite() throws Exception {
    for (CachedRunWay way : ways) {
      way.remove();
    }
    site.close();
  }

  @Override
  Stream<WayIn> ways() {
    return ways.stream().map(WayIn.class::cast);
  }
}
