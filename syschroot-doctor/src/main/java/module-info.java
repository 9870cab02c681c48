// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Foretells what will go wrong in images. Start with {@link
 * org.syschroot.doctor.checks.StandardChecks}.
 */
module org.syschroot.doctor {
  requires transitive org.syschroot.core;
  requires transitive org.syschroot.mounts;
  requires transitive org.syschroot.personality;
  requires com.google.common;
  requires static org.jspecify;

  exports org.syschroot.doctor.checks;
  exports org.syschroot.doctor.finding;
}
