// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Foretells uname(1), and finds which image a process is in. Start with {@link
 * org.syschroot.personality.ImageOfProcess}.
 */
module org.syschroot.personality {
  requires transitive org.syschroot.core;
  requires static org.jspecify;

  exports org.syschroot.personality;

  // For the other modules of this project, and nobody else.
  exports org.syschroot.personality.elf to
      org.syschroot.doctor,
      org.syschroot.images;
  exports org.syschroot.personality.emulation to
      org.syschroot.doctor,
      org.syschroot.images;
  exports org.syschroot.personality.wrapper to
      org.syschroot.doctor;
}
