// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;
import org.syschroot.kernel.Errno;
import org.syschroot.rules.SiteCodeException;

/** Texts for the exceptions of Java's file system, whose own messages are only a path. */
public final class FailureMessages {
  private FailureMessages() {}

  public static String of(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return failure.getMessage() + ": " + Errno.ENOENT;
    }
    if (failure instanceof AccessDeniedException) {
      return failure.getMessage() + ": " + Errno.EACCES;
    }
    if (failure instanceof FileAlreadyExistsException) {
      return failure.getMessage() + ": " + Errno.EEXIST;
    }
    if (failure instanceof NotDirectoryException) {
      return failure.getMessage() + ": " + Errno.ENOTDIR;
    }
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  /** Returns what to do about a failure, where its message does not say it. */
  public static Optional<String> hint(IOException failure) {
    return failure instanceof SiteCodeException || failure.getCause() instanceof SiteCodeException
        ? Optional.of("to run without extensions, use --no-site-code")
        : Optional.empty();
  }
}
