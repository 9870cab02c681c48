// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.files;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.OsString;

/** Reads files and directories of proc(5), whose sizes are not known before. Not instantiable. */
public final class ProcFiles {
  private static final int CHUNK = 32 * 1024;

  private ProcFiles() {}

  /** Returns the content of a file. */
  public static byte[] content(Kernel kernel, String path) throws KernelException {
    int fd = kernel.openat(Kernel.AT_FDCWD, OsString.of(path), OpenFlags.O_RDONLY, 0);
    try (Descriptor file = Descriptor.opened(kernel, fd)) {
      return content(kernel, file.number());
    }
  }

  /** Returns the content of a file that has just been opened. */
  public static byte[] content(Kernel kernel, int fd) throws KernelException {
    return content(kernel, fd, Integer.MAX_VALUE);
  }

  /**
   * Returns the content of a file that has just been opened and that others may have made.
   *
   * @param most the number of bytes that it may have
   * @throws KernelException {@code EFBIG} if it has more
   */
  public static byte[] content(Kernel kernel, int fd, int most) throws KernelException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    byte[] chunk = kernel.read(fd, CHUNK);
    while (chunk.length > 0) {
      text.writeBytes(chunk);
      if (text.size() > most) {
        throw new KernelException("read", "more than " + most + " bytes", Errno.EFBIG.number());
      }
      chunk = chunk.length < CHUNK ? new byte[0] : kernel.read(fd, CHUNK);
    }
    return text.toByteArray();
  }

  /** Returns the content of a text file that is ASCII but for names that others have chosen. */
  public static String text(Kernel kernel, String path) throws KernelException {
    return new String(content(kernel, path), StandardCharsets.ISO_8859_1);
  }

  /** Returns the numbers that are names in a directory, ascending; none if it is gone. */
  public static List<Integer> numbers(Kernel kernel, String directory) {
    List<Integer> numbers = new ArrayList<>();
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
    try (Descriptor opened =
        Descriptor.opened(
            kernel, kernel.openat(Kernel.AT_FDCWD, OsString.of(directory), flags, 0))) {
      for (OsString name : kernel.getdents(opened.number())) {
        String digits = name.toString();
        if (digits.matches("[0-9]{1,9}")) {
          numbers.add(Integer.valueOf(digits));
        }
      }
    } catch (KernelException endedOrForbidden) {
      return numbers;
    }
    numbers.sort(null);
    return numbers;
  }
}
