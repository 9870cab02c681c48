// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** The kinds of filesystem that an image file can hold, told by their magic numbers. */
enum ImageFileFormat {
  /** squashfs, {@code hsqs} at the beginning. */
  SQUASHFS("squashfs", 0, 0x73717368, 4, ""),
  /** erofs: linux/magic.h. */
  EROFS("erofs", 1024, 0xE0F5E1E2, 4, ""),
  /** ext2, ext3 and ext4; a journal that was not written back is left alone. */
  EXT4("ext4", 1024 + 56, 0xEF53, 2, "noload");

  /** How much of a file {@link #of} needs. */
  static final int HEAD = 2048;

  private static final int TAR_MAGIC_AT = 257;

  private final String type;
  private final int offset;
  private final int magic;
  private final int length;
  private final String options;

  ImageFileFormat(String type, int offset, int magic, int length, String options) {
    this.type = type;
    this.offset = offset;
    this.magic = magic;
    this.length = length;
    this.options = options;
  }

  /** Returns the name of the filesystem for mount(2). */
  String type() {
    return type;
  }

  /** Returns what mount(2) is told to mount it read-only, may be empty. */
  String options() {
    return options;
  }

  /** Returns what the file is that begins so, or empty if it is none of these. */
  static Optional<ImageFileFormat> of(byte[] head) {
    ByteBuffer bytes = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    for (ImageFileFormat format : values()) {
      if (head.length >= format.offset + format.length
          && format.magic
              == (format.length == 4
                  ? bytes.getInt(format.offset)
                  : bytes.getShort(format.offset) & 0xFFFF)) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  /** Returns whether a file that begins so is an archive, from which an image can be made. */
  static boolean isArchive(byte[] head) {
    return startsWith(head, 0, 0x1f, 0x8b)
        || startsWith(head, 0, 0xfd, '7', 'z', 'X', 'Z')
        || startsWith(head, 0, 0x28, 0xb5, 0x2f, 0xfd)
        || startsWith(head, TAR_MAGIC_AT, 'u', 's', 't', 'a', 'r');
  }

  private static boolean startsWith(byte[] head, int offset, int... bytes) {
    if (head.length < offset + bytes.length) {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      if ((head[offset + i] & 0xFF) != bytes[i]) {
        return false;
      }
    }
    return true;
  }
}
