// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.List;
import java.util.Map;
import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/**
 * posix_spawn(3). The child begins as vfork(2) makes it: it borrows the memory, so that the size of
 * the JVM does not matter, and no code of ours runs in it. Thread-safe.
 */
final class ProgramSpawn {
  // sizeof(posix_spawnattr_t) is 336 with glibc and musl on x86-64 and AArch64.
  private static final int ATTRIBUTES_BYTES = 512;
  // sizeof(sigset_t) of libc; the kernel's 64 signals are the first word of it.
  private static final int SIGNAL_SET_BYTES = 128;
  private static final short SET_DEFAULTS_AND_MASK = 0x04 | 0x08;

  private final RawCalls raw;
  private final ChildDescriptors actions;
  private final long spawn = RawCalls.address("posix_spawn");
  private final long init = RawCalls.address("posix_spawnattr_init");
  private final long setFlags = RawCalls.address("posix_spawnattr_setflags");
  private final long setMask = RawCalls.address("posix_spawnattr_setsigmask");
  private final long setDefaults = RawCalls.address("posix_spawnattr_setsigdefault");

  ProgramSpawn(RawCalls raw) {
    this.raw = raw;
    this.actions = new ChildDescriptors(raw);
  }

  /** Returns the process id of the child, or the negative errno. */
  int run(
      Scratch memory,
      OsString path,
      List<OsString> arguments,
      List<OsString> environment,
      Map<Integer, Integer> descriptors,
      long blocked,
      long defaults) {
    Slice attributes = memory.take(ATTRIBUTES_BYTES);
    Slice pid = memory.take(Integer.BYTES);
    long at = attributes.address();
    raw.invoke(init, at, 0, 0, 0, 0, 0);
    raw.invoke(setFlags, at, SET_DEFAULTS_AND_MASK, 0, 0, 0, 0);
    raw.invoke(setMask, at, signals(memory, blocked), 0, 0, 0, 0);
    raw.invoke(setDefaults, at, signals(memory, defaults), 0, 0, 0, 0);
    long program = memory.string(path);
    long words = memory.strings(arguments);
    long variables = memory.strings(environment);
    long files = actions.prepare(memory);
    int errno = actions.add(files, descriptors);
    if (errno == 0) {
      errno = raw.invoke(spawn, pid.address(), program, files, at, words, variables);
    }
    actions.destroy(files);
    return errno == 0 ? pid.bytes().getInt(0) : -errno;
  }

  private static long signals(Scratch memory, long bits) {
    Slice set = memory.take(SIGNAL_SET_BYTES);
    set.bytes().putLong(0, bits);
    for (int i = Long.BYTES; i < SIGNAL_SET_BYTES; i += Long.BYTES) {
      set.bytes().putLong(i, 0);
    }
    return set.address();
  }
}
