// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.syschroot.path.OsString;

final class LostDescriptorsTest {
  private final ProcessCalls calls = LinuxProcessCalls.running();

  private static boolean isOpen(int descriptor) {
    return Files.exists(Path.of("/proc/self/fd/" + descriptor));
  }

  private static int openAnew(int descriptor, int flags) throws KernelException {
    OsString link = OsString.of("/proc/self/fd/" + descriptor);
    return LinuxKernel.running().openat(Kernel.AT_FDCWD, link, flags, 0);
  }

  @Test
  void closeOthers_severalOpeningsOfAPipe_closesThoseOfTheSameEnd() throws Exception {
    ProcessCalls.Pipe pipe = calls.pipe();
    ProcessCalls.Pipe other = calls.pipe();
    int lostReader = openAnew(pipe.readEnd(), OpenFlags.O_RDONLY);
    int lostWriter = openAnew(pipe.writeEnd(), OpenFlags.O_WRONLY);

    calls.closeOthers(pipe.readEnd());

    assertThat(isOpen(lostReader)).isFalse();
    assertThat(isOpen(lostWriter)).isTrue();
    calls.closeOthers(pipe.writeEnd());
    assertThat(isOpen(lostWriter)).isFalse();
    for (int kept :
        new int[] {pipe.readEnd(), pipe.writeEnd(), other.readEnd(), other.writeEnd()}) {
      assertThat(isOpen(kept)).isTrue();
      calls.close(kept);
    }
  }

  @Test
  void closeOthers_descriptorNotOpen_closesNothing() throws Exception {
    ProcessCalls.Pipe pipe = calls.pipe();
    calls.closeOthers(-1);
    assertThat(isOpen(pipe.readEnd())).isTrue();
    calls.close(pipe.readEnd());
    calls.close(pipe.writeEnd());
  }
}
