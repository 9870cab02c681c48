// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import com.google.gson.JsonObject;
import java.util.Locale;
import java.util.Map;
import org.syschroot.images.tree.SourceException;

/**
 * A processor, named as in manifests (the names of Go, {@code GOARCH}). Immutable.
 *
 * @param architecture such as {@code amd64}
 * @param variant such as {@code v7}; empty if there is none
 */
public record Platform(String architecture, String variant) {
  // The names of Debian and of uname(2), where they are others.
  private static final Map<String, Platform> OTHER_NAMES =
      Map.ofEntries(
          Map.entry("x86_64", new Platform("amd64", "")),
          Map.entry("i386", new Platform("386", "")),
          Map.entry("i486", new Platform("386", "")),
          Map.entry("i586", new Platform("386", "")),
          Map.entry("i686", new Platform("386", "")),
          Map.entry("aarch64", new Platform("arm64", "")),
          Map.entry("armhf", new Platform("arm", "v7")),
          Map.entry("armv7hl", new Platform("arm", "v7")),
          Map.entry("armv7l", new Platform("arm", "v7")),
          Map.entry("armel", new Platform("arm", "v5")),
          Map.entry("ppc64el", new Platform("ppc64le", "")),
          Map.entry("mips64el", new Platform("mips64le", "")));

  /**
   * Reads a name of Debian, of uname(2) or of Docker, such as {@code armhf}, {@code aarch64},
   * {@code linux/arm/v7}.
   *
   * @throws SourceException if it is none
   */
  public static Platform parse(String name) throws SourceException {
    String plain = name.toLowerCase(Locale.ROOT);
    plain = plain.startsWith("linux/") ? plain.substring("linux/".length()) : plain;
    if (!plain.matches("[a-z0-9_]+(/v[0-9]+)?")) {
      throw new SourceException("\"" + name + "\" is not an architecture, such as amd64 or arm64");
    }
    Platform other = OTHER_NAMES.get(plain);
    if (other != null) {
      return other;
    }
    int slash = plain.indexOf('/');
    return slash < 0
        ? new Platform(plain, "")
        : new Platform(plain.substring(0, slash), plain.substring(slash + 1));
  }

  /** Returns the platform of the processor that this JVM runs on. */
  public static Platform ofHost() {
    String name = System.getProperty("os.arch");
    Platform other = OTHER_NAMES.get(name);
    return other == null ? new Platform(name, "") : other;
  }

  static Platform of(JsonObject object) {
    return new Platform(
        JsonText.string(object, "architecture").orElse(""),
        JsonText.string(object, "variant").orElse(""));
  }

  /** Returns whether an image for another platform is meant by this name. */
  boolean takes(Platform other) {
    return architecture.equals(other.architecture)
        && (variant.isEmpty() || other.variant.isEmpty() || variant.equals(other.variant));
  }

  @Override
  public String toString() {
    return variant.isEmpty() ? architecture : architecture + "/" + variant;
  }
}
