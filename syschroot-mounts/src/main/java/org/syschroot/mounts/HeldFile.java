// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import org.syschroot.kernel.FileDetails;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.kernel.LoopCalls;
import org.syschroot.mounting.HeldImageFile;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.trust.TrustedPath;

/** An image file that is attached to a loop device of this process's. Thread-safe. */
final class HeldFile implements HeldImageFile {
  private static final OsString HERE = OsString.of("");

  private final Kernel kernel;
  private final TrustedPath trust;
  private final AttachedFiles all;
  private final FileDetails details;
  private final LoopCalls.Device device;

  /**
   * Creates it.
   *
   * @param all where others find it until it is closed
   * @param details what the file was like when it was attached
   * @param device closed with it
   */
  HeldFile(
      Kernel kernel,
      TrustedPath trust,
      AttachedFiles all,
      FileDetails details,
      LoopCalls.Device device) {
    this.kernel = kernel;
    this.trust = trust;
    this.all = all;
    this.details = details;
    this.device = device;
  }

  /** Returns what a file is like now. */
  static FileDetails detailsOf(Descriptor file) throws KernelException {
    return LinuxTreeCalls.running().statx(file.number(), HERE);
  }

  boolean isOf(FileDetails file) {
    return file.isUnchangedSince(details);
  }

  LoopCalls.Device device() {
    return device;
  }

  @Override
  public boolean isOf(HostPath file) throws IOException {
    try (Descriptor now = new Descriptor(kernel, trust.open(file))) {
      return isOf(detailsOf(now));
    }
  }

  @Override
  public void close() {
    all.remove(this);
    new Descriptor(kernel, device.fd()).close();
  }
}
