// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Words for exceptions of java.nio.file whose message is only a path. Not instantiable. */
final class Failures {
  private Failures() {}

  static String reason(IOException e) {
    if (e instanceof FileSystemException failure && failure.getReason() == null) {
      String what =
          e instanceof NoSuchFileException
              ? "no such file or directory"
              : e instanceof AccessDeniedException
                  ? "permission denied"
                  : e instanceof FileAlreadyExistsException
                      ? "already exists"
                      : e.getClass().getSimpleName();
      return failure.getFile() + ": " + what;
    }
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
