// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/** The scripts of jobs, as they are on the native system. */
public final class ScriptFiles implements JobScripts {
  private final InputStream standardInput;

  /**
   * Creates the scripts.
   *
   * @param standardInput where a script is read that no file is named for
   */
  public ScriptFiles(InputStream standardInput) {
    this.standardInput = standardInput;
  }

  @Override
  public byte[] read(OsString path) throws IOException {
    try {
      return Files.readAllBytes(place(path));
    } catch (NoSuchFileException e) {
      throw new IOException("the job script " + path + " does not exist", e);
    } catch (AccessDeniedException e) {
      throw new IOException("the job script " + path + " is not readable", e);
    } catch (IOException e) {
      throw new IOException("the job script " + path + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static Path place(OsString path) throws IOException {
    if (path.indexOf('/') == 0) {
      try {
        return HostPath.of(path).toPath();
      } catch (IllegalArgumentException dotDot) {
        return Path.of(path.toString());
      }
    }
    return Path.of(path.toString());
  }

  @Override
  public byte[] readStandardInput() throws IOException {
    return standardInput.readAllBytes();
  }
}
