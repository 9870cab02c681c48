// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Reads ELF files and finds the shared libraries a program needs, without running anything.
 *
 * <p>Start with {@link org.syschroot.personality.elf.ElfFile#read(java.nio.file.Path)} to learn for
 * which machine, loader and kernel a program was built, and with {@link
 * org.syschroot.personality.elf.LibrarySearch} to learn whether a system tree holds all it needs.
 *
 * <p>Files are taken to be hostile: every offset and size is checked against the file before it is
 * used, what is read and kept is limited, and a malformed file gives an {@link
 * org.syschroot.personality.elf.ElfFormatException}.
 */
@NullMarked
package org.syschroot.personality.elf;

import org.jspecify.annotations.NullMarked;
