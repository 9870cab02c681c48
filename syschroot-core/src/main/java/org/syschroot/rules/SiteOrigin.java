// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.rules;

import java.nio.file.Path;
import java.util.concurrent.ExecutionException;

/**
 * Where site code comes from, for messages. Immutable.
 *
 * @param jar its jar
 * @param className the name of its class
 */
record SiteOrigin(Path jar, String className) {
  /** Returns the failure of the class, told in words. */
  SiteCodeException failure(String message) {
    return new SiteCodeException(jar, className, message, null);
  }

  /**
   * Returns the failure of the class, told by what it has thrown.
   *
   * @throws VirtualMachineError if it is one that says nothing of the class: an overflow of the
   *     stack does
   */
  SiteCodeException failure(Throwable thrown) {
    Throwable cause = unwrapped(thrown);
    if (cause instanceof SiteCodeException siteCodeException) {
      return siteCodeException;
    }
    if (cause instanceof VirtualMachineError virtualMachineError
        && !(cause instanceof StackOverflowError)) {
      throw virtualMachineError;
    }
    return new SiteCodeException(jar, className, words(cause), cause);
  }

  /** What was thrown in another thread, or while a class was initialized, is in a wrapper. */
  private static Throwable unwrapped(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof ExecutionException || cause instanceof ExceptionInInitializerError)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** An exception that is meant for people has words; of a mistake in the code the kind matters. */
  private static String words(Throwable cause) {
    boolean mistake =
        cause instanceof Error
            || cause instanceof NullPointerException
            || cause instanceof IndexOutOfBoundsException
            || cause instanceof ClassCastException
            || cause instanceof ArithmeticException;
    String message = cause.getMessage();
    return mistake || message == null || message.isBlank() ? "threw " + cause : message;
  }
}
