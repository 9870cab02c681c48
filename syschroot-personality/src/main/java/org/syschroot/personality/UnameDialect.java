// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.ImagePath;
import org.syschroot.trust.ConfinedPath;

/** What an image's uname(1) makes of {@code -p} and {@code -i}, which uname(2) does not tell. */
public enum UnameDialect {
  /** As GNU coreutils, Debian and BusyBox: {@code unknown}, and left out of {@code -a}. */
  GNU,
  /**
   * As Red Hat and Ubuntu patched coreutils, Scientific Linux and CentOS included: the machine
   * again, and as platform {@code i386} for every x86 of 32 bits. On AMD's processors old ones say
   * {@code athlon} for {@code -p} of 32 bits, which is not foretold here.
   */
  RED_HAT;

  static final String UNKNOWN = "unknown";

  private static final ImagePath RED_HAT_RELEASE = ImagePath.of("/etc/redhat-release");
  private static final ImagePath OS_RELEASE = ImagePath.of("/etc/os-release");
  private static final Pattern PATCHED =
      Pattern.compile("(?m)^ID(_LIKE)?=.*\\b(ubuntu|rhel|centos|fedora)\\b");
  private static final int LONGEST = 1 << 16;

  /**
   * Returns the dialect that the distribution in an image is known for, by its {@code
   * /etc/redhat-release} and {@code /etc/os-release}; {@link #GNU} if they cannot be read.
   */
  public static UnameDialect of(Kernel kernel, Image image) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    try {
      int root = kernel.openat(Kernel.AT_FDCWD, image.root().value(), flags, 0);
      try {
        boolean patched =
            !text(kernel, root, RED_HAT_RELEASE).isEmpty()
                || PATCHED.matcher(text(kernel, root, OS_RELEASE)).find();
        return patched ? RED_HAT : GNU;
      } finally {
        kernel.close(root);
      }
    } catch (KernelException unseen) {
      return GNU;
    }
  }

  private static String text(Kernel kernel, int root, ImagePath path) throws KernelException {
    int file;
    try {
      file = new ConfinedPath(kernel).regularFileInImage(root, path);
    } catch (KernelException missing) {
      return "";
    }
    try {
      return new String(kernel.read(file, LONGEST), StandardCharsets.UTF_8);
    } finally {
      kernel.close(file);
    }
  }
}
