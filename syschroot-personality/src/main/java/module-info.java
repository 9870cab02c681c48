// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Reads what programs need of a kernel. Start with {@link org.syschroot.personality.elf.ElfFile}.
 */
module org.syschroot.personality {
  requires transitive org.syschroot.core;
  requires static org.jspecify;

  exports org.syschroot.personality;
  exports org.syschroot.personality.elf;

  // For the other modules of this project, and nobody else.
  exports org.syschroot.personality.emulation to
      org.syschroot.doctor,
      org.syschroot.images;
}
