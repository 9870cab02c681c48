// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.Image;
import org.syschroot.image.Origin;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.OsString;
import org.syschroot.quote.ShellQuote;

/** Advice that goes with a failure. */
final class Hints {
  static final String NEEDS_ROOT =
      "only root can use \"run\"; ordinary users need a launcher, which root creates with:"
          + " syschroot link IMAGE --into DIR";
  static final String ROOT_IS_NO_MOUNT_POINT =
      "this process is in a chroot whose root directory is not a mount point; before you enter"
          + " the chroot: mount --bind DIR DIR";
  static final String NOT_ALONG_PATH =
      "install the program in the image, or add its directory to PATH, which is the caller's";
  static final String NOT_AT_ITS_PATH =
      "install the program in the image, or add its directory to mounts";
  static final Set<String> SHELL_BUILTINS =
      Set.of(
          ".", "alias", "bg", "cd", "eval", "exec", "exit", "export", "fg", "history", "jobs",
          "popd", "pushd", "set", "shopt", "source", "times", "trap", "type", "ulimit", "umask",
          "unalias", "unset", "wait");
  private static final String OTHER_DIRECTORY = "use --directory DIR";

  private Hints() {}

  /** Returns what to do about a directory that cannot be entered. */
  static String forDirectory(Image image, OsString directory, KernelException failure) {
    return failure.is(Errno.ENOENT) ? toMount(image, directory) : OTHER_DIRECTORY;
  }

  /** Returns what to do about a command that only a shell knows. */
  static String forBuiltin(String name, List<OsString> arguments) {
    List<OsString> words = new ArrayList<>(arguments.subList(1, arguments.size()));
    words.add(0, OsString.of(name));
    return name
        + " is a shell builtin; run it by a shell: sh -c "
        + ShellQuote.always(ShellQuote.of(words));
  }

  /** Returns what to do to have a directory of the host in the image. */
  static String toMount(Image image, OsString directory) {
    Origin own = image.origins().get("root");
    @Nullable Origin mounts = image.origins().getOrDefault("mounts", own);
    return "add \""
        + directory
        + "\" to mounts in "
        + (mounts == null ? "the image's settings" : mounts.file())
        + ", or "
        + OTHER_DIRECTORY;
  }
}
