// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.path;

/**
 * An absolute pathname inside an image, in which {@code /} is the root directory of the image.
 * Immutable and thread-safe.
 */
public final class ImagePath extends AbsolutePath<ImagePath> {
  /** The root directory. */
  public static final ImagePath ROOT = of("/");

  private ImagePath(OsString normalized) {
    super(normalized);
  }

  /**
   * Returns the path that a text names, without empty and {@code .} components.
   *
   * @throws IllegalArgumentException if it is not absolute or contains {@code ..} or NUL
   */
  public static ImagePath of(String text) {
    return of(OsString.of(text));
  }

  /**
   * Returns the path that bytes name, without empty and {@code .} components.
   *
   * @throws IllegalArgumentException if it is not absolute or contains {@code ..}
   */
  public static ImagePath of(OsString text) {
    return new ImagePath(normalize(text));
  }

  @Override
  ImagePath create(OsString normalized) {
    return new ImagePath(normalized);
  }

  /**
   * Returns where this path lies on the native system, by its text only. For messages, and for
   * looking at files: a symbolic link in the image can lead elsewhere, so this is never a target
   * for mounting or writing.
   */
  public HostPath under(HostPath imageRoot) {
    return isRoot() ? imageRoot : imageRoot.resolve(value());
  }
}
