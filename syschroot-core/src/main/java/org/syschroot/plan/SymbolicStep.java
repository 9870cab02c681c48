// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.util.List;
import java.util.Optional;
import org.syschroot.caller.EnvironmentPlan;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep.ChangeDirectory.WhenDenied;

/**
 * A step that depends on who calls, and says how. {@link ImagePlan#bind} makes the {@link
 * KernelStep} of one caller of it; a launcher and a script do what it says when they are called.
 * Implementations are immutable.
 */
public sealed interface SymbolicStep extends PlanStep {
  /**
   * Calls the method of {@code visitor} for this kind of step.
   *
   * @throws X as the visitor does
   */
  <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X;

  @Override
  default <R, X extends Exception> R translate(Translator<R, X> translator) throws X {
    return accept(translator);
  }

  @Override
  default Optional<KernelStep> bind(
      SymbolicStep.Visitor<Optional<KernelStep>, SwitchException> caller) throws SwitchException {
    return accept(caller);
  }

  /**
   * Changes to the caller's working directory, or where that is missing does what the policy says.
   *
   * @param policy the image's policy; those that offer another directory hold for a shell only
   * @param forShell whether a shell without a command is started
   * @param whenDenied what to do if the directory is there but may not be entered
   */
  record EnterWorkingDirectory(DirectoryPolicy policy, boolean forShell, WhenDenied whenDenied)
      implements SymbolicStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.enterWorkingDirectory(this);
    }
  }

  /** Gives back the caller's limit of open files, if this process had to raise its own. */
  record RestoreOpenFiles() implements SymbolicStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.restoreOpenFiles(this);
    }
  }

  /** Keeps every descriptor that is not the caller's from the command. */
  record KeepCallersDescriptors() implements SymbolicStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.keepCallersDescriptors(this);
    }
  }

  /** Gives back the caller's signal mask and ignored signals. */
  record RestoreCallersSignals() implements SymbolicStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.restoreCallersSignals(this);
    }
  }

  /**
   * Runs a program: one of a path, one that is looked for by its name, or the shell.
   *
   * @param command the program and its arguments, or nothing for the shell
   * @param shell the shell, or empty for the caller's
   * @param shellArguments what the shell is given, such as {@code -c} and a command line; nothing
   *     with a command
   * @param programName {@code argv[0]} if it is not to be the program's own
   * @param login whether {@code argv[0]} begins with a dash
   * @param environment what becomes of the caller's environment
   */
  record RunProgram(
      List<OsString> command,
      Optional<ImagePath> shell,
      List<OsString> shellArguments,
      Optional<OsString> programName,
      boolean login,
      EnvironmentPlan environment)
      implements SymbolicStep {
    /** Copies the list. */
    public RunProgram {
      command = List.copyOf(command);
      shellArguments = List.copyOf(shellArguments);
    }

    /** Returns whether this is a shell without a command. */
    public boolean isShell() {
      return command.isEmpty() && shellArguments.isEmpty();
    }

    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.runProgram(this);
    }
  }

  /**
   * Has one method for each kind of symbolic step.
   *
   * @param <R> what the methods return
   * @param <X> what they throw
   */
  interface Visitor<R, X extends Exception> {
    /** Visits {@link EnterWorkingDirectory}. */
    R enterWorkingDirectory(EnterWorkingDirectory step) throws X;

    /** Visits {@link RestoreOpenFiles}. */
    R restoreOpenFiles(RestoreOpenFiles step) throws X;

    /** Visits {@link KeepCallersDescriptors}. */
    R keepCallersDescriptors(KeepCallersDescriptors step) throws X;

    /** Visits {@link RestoreCallersSignals}. */
    R restoreCallersSignals(RestoreCallersSignals step) throws X;

    /** Visits {@link RunProgram}. */
    R runProgram(RunProgram step) throws X;
  }
}
