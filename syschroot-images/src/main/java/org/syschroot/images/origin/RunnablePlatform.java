// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.origin;

import java.util.List;
import java.util.Optional;
import org.syschroot.images.CreateException;
import org.syschroot.images.oci.Platform;
import org.syschroot.personality.emulation.BinfmtHandler;
import org.syschroot.personality.emulation.ForeignProgram;

/** Whether this host can run the programs of an image that is still to be loaded. */
public final class RunnablePlatform {
  private RunnablePlatform() {}

  /**
   * Checks a platform.
   *
   * @return words for the user if programs run in an emulator
   * @throws CreateException if they do not run at all
   */
  public static Optional<String> check(Platform platform) throws CreateException {
    return check(platform, Platform.ofHost(), BinfmtHandler.ofKernel());
  }

  static Optional<String> check(Platform platform, Platform host, List<BinfmtHandler> handlers)
      throws CreateException {
    String architecture = platform.architecture();
    ForeignProgram program = new ForeignProgram(architecture);
    if (architecture.isEmpty() || program.isNative(host.architecture())) {
      return Optional.empty();
    }
    Optional<BinfmtHandler> handler = program.handler(handlers);
    if (handler.isEmpty()) {
      throw new CreateException(
          "programs for "
              + platform
              + " do not run on this host, which is "
              + host
              + " and has no emulator for them"
              + "\nhint: apt-get install qemu-user-static, or choose another image with --arch "
              + host);
    }
    String note =
        "programs for " + platform + " run in an emulator, " + handler.get().interpreter();
    return Optional.of(
        handler.get().fixed()
            ? note
            : note + ", which must exist in the image, because its handler lacks the flag F");
  }
}
