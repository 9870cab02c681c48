// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Search for the shared libraries that a program needs, as by ld.so(8), without executing it.
 *
 * <p>A name is looked for in {@code DT_RPATH} of the object that needs it and of those that loaded
 * it (only if that object has no {@code DT_RUNPATH}), in its {@code DT_RUNPATH}, in the directories
 * of {@code /etc/ld.so.conf} (ldconfig(8)), and in the default directories {@code /lib}, {@code
 * /usr/lib}, {@code /lib64}, {@code /usr/lib64} and the multiarch ones. Only a shared object of the
 * program's class, byte order and machine counts. {@code ld.so.conf} is read in place of {@code
 * ld.so.cache}, which can be out of date.
 *
 * <p>Not looked at, because they belong to a process or a processor rather than to a tree: {@code
 * LD_LIBRARY_PATH}, {@code LD_PRELOAD}, relative directories, {@code glibc-hwcaps}; nor {@code
 * DT_FILTER}, {@code DT_AUXILIARY} and libraries that dlopen(3) loads. For a program whose loader
 * is musl's, its default directory {@code /usr/local/lib} counts too; {@code /etc/ld-musl-*.path}
 * is not read.
 *
 * <p>Symbolic links are resolved inside the tree: an absolute one starts at its root, and {@code
 * ..} does not leave it. The tree is expected to keep still; who can change it during a search can
 * make the search follow a link out of it. What is read from a hostile tree is limited.
 *
 * <p>Immutable and thread-safe.
 */
public final class LibrarySearch {
  private final Path root;

  private LibrarySearch(Path root) {
    this.root = root;
  }

  /**
   * Creates a search in a system tree.
   *
   * @param root the root directory of the tree: {@code /} for the host's own, or that of an image
   *     on any file system; not null
   * @return the search; never null
   */
  public static LibrarySearch in(Path root) {
    return new LibrarySearch(Objects.requireNonNull(root, "root"));
  }

  /**
   * Finds the loader and all libraries of a program or library (ld.so(8)).
   *
   * @param program path inside the tree, absolute; not null
   * @return what was found and what was not; never null
   * @throws IllegalArgumentException if the path is not absolute
   * @throws java.nio.file.NoSuchFileException if the program is not in the tree
   * @throws ElfFormatException if the program is not ELF, is malformed or over a limit; a malformed
   *     library counts as not found
   * @throws IOException if a file cannot be read, or if the tree is over a limit
   */
  public LibraryClosure closureOf(String program) throws IOException {
    if (!program.startsWith("/")) {
      throw new IllegalArgumentException("not an absolute path: " + program);
    }
    return new LibraryResolution(new SystemTree(root)).resolve(program);
  }
}
