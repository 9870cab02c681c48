// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.nio.ByteBuffer;

/** {@link ProcessTable} of the running Linux kernel. */
public final class LinuxProcessTable implements ProcessTable {
  private static final int CLOCK_REALTIME = 0;
  private static final int CLOCK_BOOTTIME = 7;
  private static final long NANOS = 1_000_000_000L;
  private static final int PATH = 0;
  private static final int PATH_ROOM = 32;
  private static final int TIME = PATH_ROOM;
  private static final int TEXT = TIME + 16;
  private static final int TEXT_ROOM = 2048; // a line has at most about 1 KiB
  private static final byte[] FOLDER = {'/', 'p', 'r', 'o', 'c', '/'};
  private static final byte[] FILE = {'/', 's', 't', 'a', 't', 0};
  private static final int FIELDS_BEFORE_START = 20; // after the name, which is field 2

  private final RawCalls raw = RawCalls.running();
  private final NativeMemory memory;
  private final ByteBuffer bytes;

  private LinuxProcessTable(NativeMemory memory) {
    this.memory = memory;
    this.bytes = memory.bytes();
  }

  /** Returns the processes that {@code /proc} shows to this JVM. */
  public static ProcessTable open() throws KernelException {
    return new LinuxProcessTable(NativeMemory.map(TEXT + TEXT_ROOM));
  }

  @Override
  public long startOf(int pid) {
    if (pid <= 0) {
      return NONE;
    }
    writePath(pid);
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC;
    long file = call(SystemCall.OPENAT, Kernel.AT_FDCWD, memory.address() + PATH, flags, 0);
    if (file < 0) {
      return NONE;
    }
    // One read, as the kernel makes the line for each anew.
    long length;
    try {
      length = call(SystemCall.READ, file, memory.address() + TEXT, TEXT_ROOM, 0);
    } finally {
      raw.close((int) file);
    }
    return parse(bytes, TEXT, (int) length);
  }

  private void writePath(int pid) {
    bytes.put(PATH, FOLDER);
    int at = PATH + FOLDER.length;
    int digits = 1;
    for (int rest = pid / 10; rest > 0; rest /= 10) {
      digits++;
    }
    int rest = pid;
    for (int i = digits - 1; i >= 0; i--) {
      bytes.put(at + i, (byte) ('0' + rest % 10));
      rest /= 10;
    }
    bytes.put(at + digits, FILE);
  }

  /**
   * Returns the start in a line of {@code /proc/PID/stat}, or {@link #NONE}. The name of the
   * process may hold anything, brackets and digits included, so fields count from its last bracket.
   */
  static long parse(ByteBuffer line, int start, int length) {
    int end = start + length;
    int at = end - 1;
    while (at >= start && line.get(at) != ')') {
      at--;
    }
    if (at < start) {
      return NONE;
    }
    for (int spaces = 0; spaces < FIELDS_BEFORE_START; at++) {
      if (at == end) {
        return NONE;
      }
      spaces += line.get(at) == ' ' ? 1 : 0;
    }
    long ticks = 0;
    int first = at;
    while (at < end && line.get(at) >= '0' && line.get(at) <= '9') {
      ticks = ticks * 10 + line.get(at) - '0';
      at++;
    }
    return at == first ? NONE : ticks * TICK;
  }

  @Override
  public long sinceBoot() {
    return time(CLOCK_BOOTTIME);
  }

  @Override
  public long sinceEpoch() {
    return time(CLOCK_REALTIME);
  }

  private long time(int clock) {
    call(SystemCall.CLOCK_GETTIME, clock, memory.address() + TIME, 0, 0);
    return bytes.getLong(TIME) * NANOS + bytes.getLong(TIME + 8);
  }

  private long call(SystemCall call, long a, long b, long c, long d) {
    return raw.call(call.number(), a, b, c, d, 0);
  }

  @Override
  public void close() {
    memory.close();
  }
}
