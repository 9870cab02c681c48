// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.caller;

import java.util.List;
import org.syschroot.caller.EnvironmentPlan.Change;
import org.syschroot.caller.EnvironmentPlan.Kind;
import org.syschroot.image.ImageName;
import org.syschroot.path.OsString;

/**
 * The variables by which a shell shows its image in the prompt and in the title of the terminal,
 * without a change to any file of the image or the user.
 */
public final class ShellPrompt {
  /** What the start files of Debian's bash put into the prompt. */
  public static final String DEBIAN = "debian_chroot";

  /** What bash evaluates before each prompt. */
  public static final String COMMAND = "PROMPT_COMMAND";

  /** What zsh shows at the right edge; bash and other shells do not know it. */
  public static final String RIGHT = "RPROMPT";

  private ShellPrompt() {}

  /**
   * Returns the value of {@link #COMMAND}: it sets the title where the terminal is of a kind that
   * has one, without characters that the terminal would obey, and adds the image to a prompt that
   * does not show it yet.
   */
  public static String command(ImageName image) {
    return "case $TERM in xterm*|rxvt*|screen*|tmux*) printf '\\033]0;%s: %s\\007' "
        + image
        + " \"${PWD//[^[:print:]]/?}\";; esac; case $PS1 in *"
        + image
        + "*|*debian_chroot*);; *) PS1=\"("
        + image
        + ") $PS1\";; esac";
  }

  /** Returns the value of {@link #RIGHT}. */
  public static String right(ImageName image) {
    return "(" + image + ")";
  }

  /** Returns the changes for a shell: each variable is left as it is if the caller has set it. */
  public static List<Change> changes(ImageName image) {
    return List.of(
        new Change(Kind.DEFAULT, OsString.of(DEBIAN), OsString.of(image.toString())),
        new Change(Kind.DEFAULT, OsString.of(COMMAND), OsString.of(command(image))),
        new Change(Kind.DEFAULT, OsString.of(RIGHT), OsString.of(right(image))));
  }
}
