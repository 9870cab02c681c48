// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.List;
import java.util.Optional;
import org.syschroot.caller.ShellChoice;
import org.syschroot.path.ImagePath;

/** What a launcher runs in the image. Implementations are immutable. */
public sealed interface LaunchedProgram {
  /** Returns whether it is a shell as long as it gets no arguments. */
  boolean isShell();

  /** Calls the method of {@code visitor} for this kind of program. */
  <R> R accept(Visitor<R> visitor);

  /**
   * Has one method for each kind of program.
   *
   * @param <R> what the methods return
   */
  interface Visitor<R> {
    /** Visits {@link Command}. */
    R command(Command command);

    /** Visits {@link Shell}. */
    R shell(Shell shell);
  }

  /**
   * One program of the image, with the caller's arguments: {@code /bin4/bash} runs {@code
   * /bin/bash}.
   *
   * @param program its path in the image
   */
  record Command(ImagePath program) implements LaunchedProgram {
    @Override
    public boolean isShell() {
      return ShellChoice.isShell(program);
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.command(this);
    }
  }

  /**
   * The image as a whole: {@code sl5 CMD ARG...} runs a command that the image's env(1) looks up
   * along the caller's {@code PATH}. Without arguments, or with options only ({@code sl5 -c
   * 'CMD'}), it is a shell.
   *
   * @param callers the shells that {@code $SHELL} can choose; it is compared with these, and never
   *     used as a path
   * @param otherwise the shell if it names none of them, or one that the image does not have
   */
  record Shell(List<ImagePath> callers, ImagePath otherwise) implements LaunchedProgram {
    /** Copies the list. */
    public Shell {
      callers = List.copyOf(callers);
    }

    @Override
    public boolean isShell() {
      return true;
    }

    @Override
    public <R> R accept(Visitor<R> visitor) {
      return visitor.shell(this);
    }
  }

  /** Returns a program of the image as a command. */
  static LaunchedProgram command(ImagePath program) {
    return new Command(program);
  }

  /**
   * Returns the image's own shell, or else the caller's if it is one of the usual ones.
   *
   * @param own the image's shell, or empty for the caller's
   */
  static LaunchedProgram shell(Optional<ImagePath> own) {
    return own.isPresent()
        ? new Shell(List.of(), own.get())
        : new Shell(ShellChoice.OF_LAUNCHERS, ShellChoice.LAST);
  }
}
