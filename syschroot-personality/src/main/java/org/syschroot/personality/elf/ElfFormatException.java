// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;

/**
 * Says that a file is not ELF, breaks the ELF format or is over a limit of this package.
 *
 * <p>Immutable and thread-safe but for the stack trace and suppressed exceptions that every {@link
 * Throwable} has.
 */
public final class ElfFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final long offset;
  private final String problem;

  /**
   * Creates an exception about one place in a file.
   *
   * @param file name of the file, as the reader was given it; not null
   * @param offset bytes from the start of the file, to be read as an unsigned number because a
   *     hostile file can name any
   * @param problem what is wrong there; not null
   */
  public ElfFormatException(String file, long offset, String problem) {
    super(file + ": offset " + Long.toUnsignedString(offset) + ": " + problem);
    this.file = file;
    this.offset = offset;
    this.problem = problem;
  }

  /**
   * Returns the name of the file.
   *
   * @return the name as the reader was given it; never null
   */
  public String file() {
    return file;
  }

  /**
   * Returns where in the file the problem is.
   *
   * @return bytes from the start of the file, unsigned; can be past the end of the file
   */
  public long offset() {
    return offset;
  }

  /**
   * Returns what is wrong at the offset.
   *
   * @return a text for people; never null
   */
  public String problem() {
    return problem;
  }
}
