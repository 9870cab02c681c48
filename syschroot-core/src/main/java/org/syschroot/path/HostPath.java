// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.path;

/**
 * An absolute path on the native system, such as {@code /sysroot/SL54} or {@code /home}. Immutable
 * and thread-safe.
 */
public final class HostPath extends AbsolutePath<HostPath> {
  /** The root directory. */
  public static final HostPath ROOT = of("/");

  private HostPath(OsString normalized) {
    super(normalized);
  }

  /**
   * Returns the path that a text names, without empty and {@code .} components.
   *
   * @throws IllegalArgumentException if it is not absolute or contains {@code ..} or NUL
   */
  public static HostPath of(String text) {
    return of(OsString.of(text));
  }

  /**
   * Returns the path that bytes name, without empty and {@code .} components.
   *
   * @throws IllegalArgumentException if it is not absolute or contains {@code ..}
   */
  public static HostPath of(OsString text) {
    return new HostPath(normalize(text));
  }

  @Override
  HostPath create(OsString normalized) {
    return new HostPath(normalized);
  }
}
