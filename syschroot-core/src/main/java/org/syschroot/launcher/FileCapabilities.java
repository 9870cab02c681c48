// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.syschroot.kernel.Capability;
import org.syschroot.path.OsString;

/**
 * The capabilities of a file, as in the attribute {@code security.capability}: {@code struct
 * vfs_cap_data} of linux/capability.h, revision 2. Immutable.
 *
 * @param permitted what a program may use
 * @param effective whether it has them from the start
 * @param inheritable whether there are others, which it gets only from its caller's
 */
public record FileCapabilities(Set<Capability> permitted, boolean effective, boolean inheritable) {
  static final OsString ATTRIBUTE = OsString.of("security.capability");

  private static final int REVISION_2 = 0x02000000;
  private static final int REVISION_MASK = 0xff000000;
  private static final int EFFECTIVE = 1;
  private static final int BYTES = 20;

  /** Copies the set. */
  public FileCapabilities {
    EnumSet<Capability> copy = EnumSet.noneOf(Capability.class);
    copy.addAll(permitted);
    permitted = Collections.unmodifiableSet(copy);
  }

  /** Returns permitted and effective capabilities, {@code =ep} for setcap(8). */
  static FileCapabilities effective(Set<Capability> capabilities) {
    return new FileCapabilities(capabilities, true, false);
  }

  byte[] toBytes() {
    long bits = permitted.stream().mapToLong(one -> 1L << one.number()).sum();
    return ByteBuffer.allocate(BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(REVISION_2 | (effective ? EFFECTIVE : 0))
        .putInt((int) bits)
        .putInt(0)
        .putInt((int) (bits >>> 32))
        .putInt(0)
        .array();
  }

  /** Reads an attribute; empty if it is of a form this does not know. */
  static Optional<FileCapabilities> parse(byte[] attribute) {
    if (attribute.length < BYTES) {
      return Optional.empty();
    }
    ByteBuffer words = ByteBuffer.wrap(attribute).order(ByteOrder.LITTLE_ENDIAN);
    int magic = words.getInt(0);
    if ((magic & REVISION_MASK) < REVISION_2) {
      return Optional.empty();
    }
    long bits = (words.getInt(4) & 0xffffffffL) | (long) words.getInt(12) << 32;
    EnumSet<Capability> permitted = EnumSet.noneOf(Capability.class);
    for (Capability capability : Capability.values()) {
      if ((bits & 1L << capability.number()) != 0) {
        permitted.add(capability);
      }
    }
    boolean inheritable = (words.getInt(8) | words.getInt(16)) != 0;
    return Optional.of(new FileCapabilities(permitted, (magic & EFFECTIVE) != 0, inheritable));
  }

  /** Returns the form of getcap(8), such as {@code cap_sys_chroot=ep}. */
  @Override
  public String toString() {
    return permitted.stream().map(one -> "cap_" + one).collect(Collectors.joining(","))
        + "="
        + (effective ? "e" : "")
        + (inheritable ? "i" : "")
        + "p";
  }
}
