// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which distribution debootstrap is to install. Immutable.
 *
 * @param suite the suite or code name of the distribution; not null
 * @param arch the architecture as Debian names it, empty for the host's; not null
 * @param mirror the archive's URL, empty for the one of apt's configuration; not null
 */
public record Bootstrap(String suite, Optional<String> arch, Optional<String> mirror) {
  // None of them may look like an option of debootstrap, nor lead its script look-up elsewhere.
  private static final Pattern SUITE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]*");
  private static final Pattern ARCH = Pattern.compile("[a-z0-9][a-z0-9-]*");
  private static final Pattern MIRROR = Pattern.compile("[a-z][a-z0-9+.-]*:\\S+");

  /**
   * Checks the words.
   *
   * @throws IllegalArgumentException if one is not what debootstrap takes
   */
  public Bootstrap {
    require(SUITE, suite, "suite", "a code name such as stable");
    arch.ifPresent(word -> require(ARCH, word, "architecture", "a name such as amd64"));
    mirror.ifPresent(word -> require(MIRROR, word, "mirror", "a URL such as http://HOST/PATH"));
  }

  private static void require(Pattern pattern, String word, String what, String wanted) {
    if (!pattern.matcher(word).matches()) {
      throw new IllegalArgumentException(
          "\""
              + word
              + "\" is not the name of a"
              + (what.startsWith("a") ? "n " : " ")
              + what
              + ": give "
              + wanted);
    }
  }
}
