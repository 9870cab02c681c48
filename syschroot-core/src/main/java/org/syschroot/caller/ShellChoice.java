// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.caller;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/** What is the same wherever a shell of an image is chosen or started. Not instantiable. */
public final class ShellChoice {
  /** The variable by which a caller chooses. */
  public static final OsString VARIABLE = OsString.of("SHELL");

  /** The shell of which every image has one: the last choice, and what runs a text without #!. */
  public static final ImagePath LAST = ImagePath.of("/bin/sh");

  /** What {@code argv[0]} of a login shell begins with. */
  public static final OsString LOGIN = OsString.of("-");

  /**
   * The shells that a caller of a launcher can choose. Where {@code /bin} is a link to {@code
   * /usr/bin}, accounts have either spelling.
   */
  public static final List<ImagePath> OF_LAUNCHERS =
      inBothDirectories("bash", "sh", "zsh", "ksh", "tcsh", "csh");

  private static final Set<OsString> NAMES =
      Set.of(
          OsString.of("ash"),
          OsString.of("bash"),
          OsString.of("csh"),
          OsString.of("dash"),
          OsString.of("fish"),
          OsString.of("ksh"),
          OsString.of("mksh"),
          OsString.of("sh"),
          OsString.of("tcsh"),
          OsString.of("zsh"));

  private ShellChoice() {}

  private static List<ImagePath> inBothDirectories(String... names) {
    List<ImagePath> shells = new ArrayList<>();
    for (String name : names) {
      shells.add(ImagePath.of("/bin/" + name));
      shells.add(ImagePath.of("/usr/bin/" + name));
    }
    return List.copyOf(shells);
  }

  /** Returns whether a program is a shell as long as it gets no arguments, by its name. */
  public static boolean isShell(ImagePath program) {
    return NAMES.contains(program.value().baseName());
  }

  /** Returns {@code argv[0]} of a login shell. */
  public static OsString loginName(OsString name) {
    return name.startsWith(LOGIN) ? name : LOGIN.plus(name);
  }
}
