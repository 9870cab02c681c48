// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A system call that failed. The message names call, arguments and errno: {@code
 * mount(source=/home, target=/sysroot/sl5/home, flags=MS_BIND|MS_REC): EACCES (Permission denied)}.
 */
public final class KernelException extends IOException {
  private static final long serialVersionUID = 1;

  private final String call;
  private final String arguments;
  private final int number;

  /**
   * Creates the failure of a call.
   *
   * @param call the name of the system call
   * @param arguments the arguments as {@code name=value} pairs, separated by comma and blank
   * @param number the errno, positive
   */
  public KernelException(String call, String arguments, int number) {
    super(message(call, arguments, number, null));
    this.call = call;
    this.arguments = arguments;
    this.number = number;
  }

  private KernelException(KernelException cause, String hint) {
    super(message(cause.call, cause.arguments, cause.number, hint), cause);
    this.call = cause.call;
    this.arguments = cause.arguments;
    this.number = cause.number;
  }

  private static String message(String call, String arguments, int number, @Nullable String hint) {
    String failed = call + "(" + arguments + "): " + describe(number);
    return hint == null ? failed : failed + "; hint: " + hint;
  }

  private static String describe(int number) {
    Optional<Errno> known = Errno.of(number);
    return known.isPresent() ? known.get().toString() : "errno " + number;
  }

  /** Returns this failure with advice for the reader added to its message. */
  public KernelException withHint(String hint) {
    return new KernelException(this, hint);
  }

  /** Returns the name of the system call. */
  public String call() {
    return call;
  }

  /** Returns the errno, or empty if the number is unknown to {@link Errno}. */
  public Optional<Errno> errno() {
    return Errno.of(number);
  }

  /** Returns the number of the errno. */
  public int number() {
    return number;
  }

  /** Returns the errno's name and text, such as {@code ENOENT (No such file or directory)}. */
  public String reason() {
    return describe(number);
  }

  /** Returns whether the call failed with this errno. */
  public boolean is(Errno errno) {
    return number == errno.number();
  }

  /** Returns what is wrong. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
