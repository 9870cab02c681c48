// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A system call that failed. The message names call, arguments and errno: {@code
 * mount(source=/home, target=/sysroot/sl5/home, flags=MS_BIND|MS_REC): EACCES (Permission denied)}.
 */
public final class KernelException extends IOException {
  private static final long serialVersionUID = 1;

  private static final Pattern PATH = Pattern.compile("(?:^|, )path=(.*?)(?:, [a-z]+=.*)?$");

  private final String call;
  private final String arguments;
  private final int number;
  private final @Nullable String hint;

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
    this.hint = null;
  }

  private KernelException(KernelException cause, String hint) {
    super(message(cause.call, cause.arguments, cause.number, hint), cause);
    this.call = cause.call;
    this.arguments = cause.arguments;
    this.number = cause.number;
    this.hint = hint;
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

  /** Returns the advice for the reader that the message ends with, or empty. */
  public Optional<String> hint() {
    return Optional.ofNullable(hint);
  }

  /** Returns the message without its {@link #hint}. */
  public String fact() {
    return message(call, arguments, number, null);
  }

  /** Returns the pathname that the call was given, or empty if there is none in its arguments. */
  public Optional<String> path() {
    Matcher path = PATH.matcher(arguments);
    return path.find() ? Optional.of(path.group(1)) : Optional.empty();
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
