// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.syschroot.path.HostPath;

/**
 * Which launchers an image is to have. Immutable.
 *
 * @param directory where they are, on the native system
 * @param names of programs in the image's {@code /bin} or {@code /usr/bin}; the image's own name,
 *     or an empty list, stands for the launcher of the image as a whole
 * @param withoutMounts whether they enter also while the image's mounts are not there
 * @param kind how they come to the mounts
 * @param rootlessIfUnprivileged whether they enter as one without privilege where the kernel grants
 *     them none, as under no_new_privs
 */
public record Launchers(
    HostPath directory,
    List<String> names,
    boolean withoutMounts,
    LauncherKind kind,
    boolean rootlessIfUnprivileged) {
  private static final Pattern GRAMMAR = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._+-]*");

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if a name is not one of a program, or is there twice
   */
  public Launchers {
    names = List.copyOf(names);
    names.forEach(Launchers::checkName);
    if (new HashSet<>(names).size() != names.size()) {
      throw new IllegalArgumentException("a launcher is named twice: " + String.join(", ", names));
    }
  }

  /** Creates the launchers of an image that they enter only while its mounts are there. */
  public Launchers(HostPath directory, List<String> names) {
    this(directory, names, false, LauncherKind.BOOT, false);
  }

  /**
   * Checks the name of one launcher.
   *
   * @throws IllegalArgumentException if it is not one of a program
   */
  public static void checkName(String name) {
    if (!GRAMMAR.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "\""
              + name
              + "\" is not the name of a launcher: letters, digits, \".\", \"_\", \"+\" and \"-\""
              + " are allowed, and it begins with a letter, a digit or \"_\"");
    }
  }
}
