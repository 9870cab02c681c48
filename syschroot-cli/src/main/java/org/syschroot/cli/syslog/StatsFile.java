// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.syschroot.cli.frame.FailureMessages;
import org.syschroot.cli.frame.Json;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.HostPath;
import org.syschroot.trust.WholeFile;

/** A file of JSON that is replaced as a whole, so that a reader never sees half of it. */
final class StatsFile {
  private static final int ROOT = 0;
  private static final int MODE = 0644;

  private final WholeFile file;

  /**
   * Creates the file's place.
   *
   * @throws IOException if it cannot be written there
   */
  StatsFile(Kernel kernel, HostPath path) throws IOException {
    this.file = WholeFile.at(kernel, ROOT, path);
    try {
      file.check();
    } catch (KernelException e) {
      throw new IOException(
          "--stats "
              + path
              + ": cannot write the file: "
              + (e.is(Errno.ENOENT) ? "use a file in an existing directory" : e.getMessage()),
          e);
    } catch (IOException e) {
      throw new IOException(
          "--stats " + path + ": cannot write the file: " + FailureMessages.of(e), e);
    }
  }

  HostPath path() {
    return file.path();
  }

  void write(JsonElement json) throws IOException {
    file.replace(Json.text(json).getBytes(StandardCharsets.UTF_8), MODE);
  }
}
