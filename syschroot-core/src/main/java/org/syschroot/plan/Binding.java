// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.caller.Caller;
import org.syschroot.caller.Environment;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.Image;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep.ChangeDirectory;
import org.syschroot.plan.KernelStep.ChangeDirectory.Choice;

/** Makes of each symbolic step the one for a caller, or none if there is nothing to do. */
final class Binding implements SymbolicStep.Visitor<Optional<KernelStep>, SwitchException> {
  private final Image image;
  private final Caller caller;
  private final Environment environment;

  /** Creates the binding to a caller with the environment that the command is to have. */
  Binding(Image image, Caller caller, Environment environment) {
    this.image = image;
    this.caller = caller;
    this.environment = environment;
  }

  @Override
  public Optional<KernelStep> enterWorkingDirectory(SymbolicStep.EnterWorkingDirectory step)
      throws SwitchException {
    List<Choice> choices = new ArrayList<>();
    for (OsString pathname : caller.directory().pathnames()) {
      choices.add(new Choice(pathname, Optional.empty()));
    }
    String fact =
        choices.isEmpty()
            ? "cannot enter the working directory in the image: it has no pathname (deleted, too"
                + " long, or outside the root directory)"
            : "cannot enter " + choices.get(0).directory() + " in the image";
    // A command was meant for one directory, and could destroy files in another.
    Optional<OsString> other = step.forShell() ? instead(step.policy()) : Optional.empty();
    if (other.isPresent()) {
      choices.add(new Choice(other.get(), Optional.of(fact)));
    }
    if (choices.isEmpty()) {
      throw SwitchException.withHint(
          image.name(), fact, "change to another directory, or use --directory DIR");
    }
    return Optional.of(new ChangeDirectory(choices, step.whenDenied()));
  }

  /** Returns the directory that the policy offers in place of the caller's. */
  private Optional<OsString> instead(DirectoryPolicy policy) {
    if (policy == DirectoryPolicy.ROOT) {
      return Optional.of(ImagePath.ROOT.value());
    }
    Optional<OsString> home = environment.get(OsString.of("HOME"));
    boolean offered = policy == DirectoryPolicy.HOME && home.isPresent() && !home.get().isEmpty();
    return offered ? home : Optional.empty();
  }

  @Override
  public Optional<KernelStep> restoreOpenFiles(SymbolicStep.RestoreOpenFiles step) {
    return caller.openFiles().isPresent()
        ? Optional.of(
            new KernelStep.SetLimit(Limit.OPEN_FILES, caller.openFiles().getAsLong(), false))
        : Optional.empty();
  }

  @Override
  public Optional<KernelStep> keepCallersDescriptors(SymbolicStep.KeepCallersDescriptors step) {
    return Optional.of(new KernelStep.KeepDescriptors(caller.descriptors()));
  }

  @Override
  public Optional<KernelStep> restoreCallersSignals(SymbolicStep.RestoreCallersSignals step) {
    return Optional.of(new KernelStep.RestoreSignals(caller.signals()));
  }

  @Override
  public Optional<KernelStep> runProgram(SymbolicStep.RunProgram step) {
    return Optional.of(
        new KernelStep.Execute(
            new CommandSearch(step, environment).candidates(), environment.entries()));
  }
}
