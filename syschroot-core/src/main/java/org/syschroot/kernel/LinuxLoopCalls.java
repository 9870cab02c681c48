// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/** {@link LoopCalls} of the running Linux kernel. Thread-safe. */
public final class LinuxLoopCalls implements LoopCalls {
  private static final OsString CONTROL = OsString.of("/dev/loop-control");

  // linux/loop.h
  private static final int LOOP_CONFIGURE = 0x4C0A;
  private static final int LOOP_CTL_GET_FREE = 0x4C82;
  private static final int LO_FLAGS_READ_ONLY = 1;
  private static final int LO_FLAGS_AUTOCLEAR = 4;
  private static final int SIZE_OF_LOOP_CONFIG = 304;
  private static final int AT_FLAGS = 60;

  /** Another process may take the device that is free. */
  private static final int MOST_TRIES = 64;

  private final Kernel kernel;
  private final RawCalls raw = RawCalls.running();

  /** Creates calls that open and close files by {@code kernel}. */
  public LinuxLoopCalls(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public Device attach(int file) throws KernelException {
    int control = kernel.openat(Kernel.AT_FDCWD, CONTROL, OpenFlags.O_RDONLY, 0);
    try {
      for (int attempt = 1; ; attempt++) {
        long number = ioctl(control, LOOP_CTL_GET_FREE, 0);
        if (number < 0) {
          throw LinuxCalls.failed("ioctl", "LOOP_CTL_GET_FREE", number);
        }
        OsString path = OsString.of("/dev/loop" + number);
        int device = kernel.openat(Kernel.AT_FDCWD, path, OpenFlags.O_RDONLY, 0);
        long result = ioctl(device, LOOP_CONFIGURE, configuration(file));
        if (result >= 0) {
          return new Device(device, path);
        }
        kernel.close(device);
        if (-result != Errno.EBUSY.number() || attempt == MOST_TRIES) {
          throw LinuxCalls.failed("ioctl", "LOOP_CONFIGURE " + path, result);
        }
      }
    } finally {
      kernel.close(control);
    }
  }

  private static long configuration(int file) {
    Slice config = ThreadScratch.get().take(SIZE_OF_LOOP_CONFIG);
    for (int i = 0; i < SIZE_OF_LOOP_CONFIG; i++) {
      config.bytes().put(i, (byte) 0);
    }
    config.bytes().putInt(0, file);
    config.bytes().putInt(AT_FLAGS, LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR);
    return config.address();
  }

  private long ioctl(int fd, int request, long argument) {
    return raw.call(SystemCall.IOCTL.number(), fd, request, argument, 0, 0);
  }
}
