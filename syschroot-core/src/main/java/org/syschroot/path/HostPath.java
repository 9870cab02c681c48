// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.path;

import java.net.URI;
import java.nio.file.Path;

/**
 * An absolute pathname on the host, such as {@code /sysroot/SL54} or {@code /home}. Immutable and
 * thread-safe.
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

  /**
   * Returns the path that a path of the default file system names, byte for byte.
   *
   * @throws IllegalArgumentException if it is not absolute or contains {@code ..}
   */
  public static HostPath of(Path path) {
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException("\"" + path + "\" is not absolute: it must begin with /");
    }
    // A path's text has lost what could not be decoded; its URI has every byte.
    String escaped = path.toUri().getRawPath();
    byte[] bytes = new byte[escaped.length()];
    int length = 0;
    for (int i = 0; i < escaped.length(); i++) {
      boolean isEscape = escaped.charAt(i) == '%';
      bytes[length++] =
          (byte) (isEscape ? Integer.parseInt(escaped, i + 1, i + 3, 16) : escaped.charAt(i));
      i += isEscape ? 2 : 0;
    }
    return of(OsString.ofBytes(bytes, 0, length));
  }

  /** Returns the same path of the default file system, byte for byte. */
  public Path toPath() {
    StringBuilder escaped = new StringBuilder("file://");
    for (byte b : value().toBytes()) {
      boolean isPlain = b == '/' || Character.isLetterOrDigit(b);
      escaped.append(isPlain ? String.valueOf((char) b) : String.format("%%%02X", b));
    }
    return Path.of(URI.create(escaped.toString()));
  }

  @Override
  HostPath create(OsString normalized) {
    return new HostPath(normalized);
  }
}
