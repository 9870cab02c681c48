// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/** Tests of JUnit Jupiter in images. Start with {@link org.syschroot.junit.InImage}. */
module org.syschroot.junit {
  requires transitive org.syschroot.core;
  requires transitive org.syschroot.mounts;
  requires transitive org.junit.jupiter.api;
  requires static org.jspecify;

  exports org.syschroot.junit;

  // Jupiter makes the extensions, which nobody else needs to see.
  opens org.syschroot.junit to
      org.junit.platform.commons;
}
