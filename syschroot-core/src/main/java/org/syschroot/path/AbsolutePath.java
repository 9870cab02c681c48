// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.path;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What the two kinds of absolute path have in common: a normal form without empty and {@code .}
 * components. {@code ..} is refused, not removed: behind a symbolic link it does not mean the
 * directory that the text suggests.
 *
 * @param <P> the kind of path
 */
abstract sealed class AbsolutePath<P extends AbsolutePath<P>> implements Comparable<P>
    permits HostPath, ImagePath {
  private static final OsString SLASH = OsString.of("/");
  private static final OsString DOT = OsString.of(".");
  private static final OsString DOT_DOT = OsString.of("..");

  private final OsString value;

  AbsolutePath(OsString value) {
    this.value = value;
  }

  abstract P create(OsString normalized);

  static OsString normalize(OsString text) {
    if (text.isEmpty() || text.at(0) != '/') {
      throw new IllegalArgumentException("\"" + text + "\" is not absolute: it must begin with /");
    }
    ByteBuffer normalized = ByteBuffer.allocate(text.length());
    for (OsString name : split(text)) {
      if (name.equals(DOT_DOT)) {
        throw new IllegalArgumentException("\"" + text + "\" contains \"..\": write the path out");
      }
      normalized.put((byte) '/');
      name.putInto(normalized);
    }
    int length = normalized.position();
    return length == 0 ? SLASH : OsString.ofBytes(normalized.array(), 0, length);
  }

  private static List<OsString> split(OsString text) {
    List<OsString> names = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length() || text.at(i) == '/') {
        OsString name = text.slice(start, i);
        if (!name.isEmpty() && !name.equals(DOT)) {
          names.add(name);
        }
        start = i + 1;
      }
    }
    return names;
  }

  /** Returns the path as the kernel takes it. */
  public OsString value() {
    return value;
  }

  /** Returns whether this is {@code /}. */
  public boolean isRoot() {
    return value.length() == 1;
  }

  /** Returns the components, none for {@code /}. */
  public List<OsString> names() {
    return List.copyOf(split(value));
  }

  /**
   * Returns this path with further components, given as text such as {@code etc/passwd}.
   *
   * @throws IllegalArgumentException if it contains {@code ..}
   */
  public P resolve(OsString relative) {
    return create(normalize(value.plus(SLASH).plus(relative)));
  }

  /** Returns this path with further components, as {@link #resolve(OsString)}. */
  public P resolve(String relative) {
    return resolve(OsString.of(relative));
  }

  /**
   * Returns whether this path is {@code ancestor} or lies beneath it. Components are compared, not
   * characters: {@code /data2} is not beneath {@code /data}.
   */
  public boolean startsWith(P ancestor) {
    OsString prefix = ancestor.value();
    return ancestor.isRoot()
        || (value.startsWith(prefix)
            && (value.length() == prefix.length() || value.at(prefix.length()) == '/'));
  }

  /** Returns the components of this path below {@code ancestor}, joined by {@code /}. */
  public OsString relativeTo(P ancestor) {
    if (!startsWith(ancestor)) {
      throw new IllegalArgumentException(this + " is not beneath " + ancestor);
    }
    int skipped = ancestor.isRoot() ? 1 : ancestor.value().length() + 1;
    return value.slice(Math.min(skipped, value.length()), value.length());
  }

  @Override
  public int compareTo(P other) {
    return value.compareTo(other.value());
  }

  @Override
  @SuppressWarnings("EqualsGetClass") // a path of the host is none of an image
  public boolean equals(Object other) {
    return other != null
        && other.getClass() == getClass()
        && ((AbsolutePath<?>) other).value.equals(value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
