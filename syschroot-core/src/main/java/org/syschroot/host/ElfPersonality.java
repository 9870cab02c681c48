// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.host;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.image.Image;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.Machine;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.ImagePath;
import org.syschroot.trust.ConfinedPath;

/**
 * Reads from an image's programs whether they are of 32 bits: then its domain is {@code linux32},
 * so that uname(2) and with it {@code configure} name the machine that they were built for.
 *
 * <p>The first of {@code /bin/sh} and the loaders of 64 and 32 bits that is an ELF file decides, by
 * the first 20 bytes of its header. Nothing else of it is looked at, and none of its links is
 * followed out of the image. Programs for another processor, and x32, which are 32-bit programs of
 * an x86-64, are left alone. Immutable and thread-safe.
 */
public final class ElfPersonality implements DefaultPersonality {
  /** The name of its results where others are told by file, line and column. */
  public static final String ORIGIN = "read from the image";

  private static final Optional<Personality> LINUX32 =
      Optional.of(Personality.of(List.of("linux32")));
  private static final List<Errno> UNSEEN =
      List.of(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.EACCES, Errno.EINVAL);
  private static final int HEADER = 20;
  private static final int MAGIC = 0x464c457f; // "\177ELF"
  private static final int EI_CLASS = 4;
  private static final int ELFCLASS32 = 1;
  private static final int E_MACHINE = 18; // the processors below are little-endian
  private static final int EM_386 = 3;
  private static final int EM_ARM = 40;
  private static final List<ImagePath> ON_X86 =
      paths(
          "/bin/sh",
          "/lib64/ld-linux-x86-64.so.2",
          "/lib/ld-musl-x86_64.so.1",
          "/lib/ld-linux.so.2",
          "/lib/ld-musl-i386.so.1");
  private static final List<ImagePath> ON_ARM =
      paths(
          "/bin/sh",
          "/lib/ld-linux-aarch64.so.1",
          "/lib/ld-musl-aarch64.so.1",
          "/lib/ld-linux-armhf.so.3",
          "/lib/ld-linux.so.3",
          "/lib/ld-musl-armhf.so.1");

  private final Kernel kernel;
  private final Machine machine;
  private final ConfinedPath paths;

  /** Creates a reader for images on the machine of this JVM. */
  public ElfPersonality(Kernel kernel) {
    this(kernel, Machine.current());
  }

  ElfPersonality(Kernel kernel, Machine machine) {
    this.kernel = kernel;
    this.machine = machine;
    this.paths = new ConfinedPath(kernel);
  }

  /**
   * {@inheritDoc} Empty too if the image's root or its programs are missing or may not be read: a
   * switch into it will say so.
   *
   * @throws KernelException if they are there and reading fails otherwise, such as {@code EIO}
   */
  @Override
  public Optional<Personality> of(Image image) throws KernelException {
    try {
      int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
      int root = kernel.openat(Kernel.AT_FDCWD, image.root().value(), flags, 0);
      try {
        return in(root);
      } finally {
        kernel.close(root);
      }
    } catch (KernelException e) {
      if (isUnseen(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Optional<Personality> in(int root) throws KernelException {
    for (ImagePath program : candidates()) {
      ByteBuffer header = ByteBuffer.wrap(beginning(root, program)).order(ByteOrder.LITTLE_ENDIAN);
      if (header.limit() == HEADER && header.getInt(0) == MAGIC) {
        boolean narrow =
            header.get(EI_CLASS) == ELFCLASS32
                && header.getShort(E_MACHINE) == (machine == Machine.AARCH64 ? EM_ARM : EM_386);
        return narrow ? LINUX32 : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private byte[] beginning(int root, ImagePath program) throws KernelException {
    try {
      int file = paths.regularFileInImage(root, program);
      try {
        return kernel.read(file, HEADER);
      } finally {
        kernel.close(file);
      }
    } catch (KernelException e) {
      if (isUnseen(e)) {
        return new byte[0];
      }
      throw e;
    }
  }

  /** EINVAL: not a regular file. */
  private static boolean isUnseen(KernelException failure) {
    for (Errno errno : UNSEEN) {
      if (failure.is(errno)) {
        return true;
      }
    }
    return false;
  }

  private List<ImagePath> candidates() {
    return machine == Machine.AARCH64 ? ON_ARM : ON_X86;
  }

  private static List<ImagePath> paths(String... texts) {
    List<ImagePath> paths = new ArrayList<>(texts.length);
    for (String text : texts) {
      paths.add(ImagePath.of(text));
    }
    return paths;
  }
}
