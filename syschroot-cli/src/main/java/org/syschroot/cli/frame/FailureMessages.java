// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.KernelException;
import org.syschroot.plan.SwitchException;
import org.syschroot.rules.SiteCodeException;

/**
 * Texts for failures as users read them: what failed, then what to do. System calls are details,
 * and Java's file system says nothing but a path.
 */
public final class FailureMessages {
  private static final String INLINE = "; hint: ";

  private FailureMessages() {}

  /** Returns what failed, in one line. */
  public static String of(IOException failure) {
    String message = message(failure);
    for (KernelException call : calls(failure)) {
      message = withoutCall(message, call);
    }
    return message;
  }

  private static String message(IOException failure) {
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
    if (failure instanceof SwitchException notEntered) {
      return notEntered.fact();
    }
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  /** Puts the pathname in place of the call, unless what stands before has named it. */
  private static String withoutCall(String message, KernelException call) {
    int start = message.indexOf(call.fact());
    if (start < 0) {
      return message;
    }
    String before = message.substring(0, start);
    String after = message.substring(start + call.fact().length());
    if (call.hint().isPresent() && after.equals(INLINE + call.hint().get())) {
      after = "";
    }
    String what =
        call.path()
            .filter(path -> before.isEmpty() || (path.startsWith("/") && !before.contains(path)))
            .map(p -> p + ": ")
            .orElse("");
    if (what.isEmpty() && before.isEmpty()) {
      what = call.call() + ": ";
    }
    return before + what + call.reason() + after;
  }

  private static List<KernelException> calls(IOException failure) {
    List<KernelException> calls = new ArrayList<>();
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof KernelException call) {
        calls.add(call);
      }
    }
    return calls;
  }

  /** Returns the system call that failed, as a detail. */
  public static Optional<String> detail(IOException failure) {
    return calls(failure).stream().findFirst().map(KernelException::fact);
  }

  /** Returns what to do about a failure, where its message does not say it. */
  public static Optional<String> hint(IOException failure) {
    if (failure instanceof SwitchException notEntered && notEntered.hint().isPresent()) {
      return notEntered.hint();
    }
    for (KernelException call : calls(failure)) {
      if (call.hint().isPresent() && message(failure).endsWith(INLINE + call.hint().get())) {
        return call.hint();
      }
    }
    return failure instanceof SiteCodeException || failure.getCause() instanceof SiteCodeException
        ? Optional.of("to run without extensions, use --no-site-code")
        : Optional.empty();
  }
}
