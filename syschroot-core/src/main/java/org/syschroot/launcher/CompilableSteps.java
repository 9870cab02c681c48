// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.Image;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.plan.KernelStep;

/** Collects what a launcher can do of a plan, and refuses the rest by name. */
final class CompilableSteps implements KernelStep.Visitor<Void, LauncherException> {
  /** The first words of the auxiliary vector make room for new variables; it has over 30. */
  private static final int MOST_VARIABLES = 12;

  private final Image image;
  private final Set<Capability> dropped = EnumSet.noneOf(Capability.class);
  private Optional<Personality> personality = Optional.empty();
  private OptionalLong openFiles = OptionalLong.empty();
  private boolean noNewPrivileges;

  CompilableSteps(Image image) {
    this.image = image;
  }

  LaunchPlan plan(LaunchProof proof, LaunchedProgram program, Privilege privilege)
      throws LauncherException {
    if (!image.environment().unset().isEmpty()) {
      throw refused(
          "environment.unset ("
              + image.environment().unset().iterator().next()
              + "): a launcher hands the caller's variables on and can only add to them");
    }
    if (image.environment().set().size() > MOST_VARIABLES) {
      throw refused("environment.set: a launcher can set " + MOST_VARIABLES + " variables at most");
    }
    return new LaunchPlan(
        image.name(),
        image.root(),
        proof,
        image.directoryPolicy(),
        personality,
        openFiles,
        dropped,
        noNewPrivileges,
        image.environment().set(),
        program,
        privilege);
  }

  private LauncherException refused(String step) {
    return new LauncherException(image.name() + ": cannot be compiled to a launcher: " + step);
  }

  @Override
  public @Nullable Void enterMountNamespace(KernelStep.EnterMountNamespace step)
      throws LauncherException {
    throw refused(
        "EnterMountNamespace: a launcher uses the boot-time mounts: bring them up with \"syschroot"
            + " mount "
            + image.name()
            + "\"");
  }

  @Override
  public @Nullable Void openWorkingDirectory(KernelStep.OpenWorkingDirectory step) {
    return null; // with the change of directory
  }

  @Override
  public @Nullable Void compareWorkingDirectory(KernelStep.CompareWorkingDirectory step) {
    return null; // with the change of directory
  }

  @Override
  public @Nullable Void openRoot(KernelStep.OpenRoot step) {
    return null; // checked when the launcher is linked; what is trusted then only root can change
  }

  @Override
  public @Nullable Void mount(KernelStep.Mount step) throws LauncherException {
    throw refused(
        "Mount " + step.mount().step().target() + ": a launcher mounts nothing, root does at boot");
  }

  @Override
  public @Nullable Void enterRoot(KernelStep.EnterRoot step) throws LauncherException {
    if (!step.root().equals(image.root())) {
      throw refused("EnterRoot " + step.root() + ": the image's root is " + image.root());
    }
    return null;
  }

  @Override
  public @Nullable Void changeDirectory(KernelStep.ChangeDirectory step) {
    return null; // the image's policy, applied to the caller's directory of the moment
  }

  @Override
  public @Nullable Void setPersonality(KernelStep.SetPersonality step) {
    personality = Optional.of(step.personality());
    return null;
  }

  @Override
  public @Nullable Void limitOpenFiles(KernelStep.LimitOpenFiles step) {
    openFiles = OptionalLong.of(step.soft());
    return null;
  }

  @Override
  public @Nullable Void dropCapabilities(KernelStep.DropCapabilities step) {
    dropped.addAll(step.capabilities());
    return null;
  }

  @Override
  public @Nullable Void setIdentity(KernelStep.SetIdentity step) throws LauncherException {
    throw refused(
        "SetIdentity " + step.identity() + ": whoever calls a launcher stays who they are");
  }

  @Override
  public @Nullable Void noNewPrivileges(KernelStep.NoNewPrivileges step) {
    noNewPrivileges = true;
    return null;
  }

  @Override
  public @Nullable Void keepDescriptors(KernelStep.KeepDescriptors step) {
    return null; // a launcher opens none
  }

  @Override
  public @Nullable Void restoreSignals(KernelStep.RestoreSignals step) {
    return null; // a launcher changes none
  }

  @Override
  public @Nullable Void execute(KernelStep.Execute step) {
    return null; // the program is given apart: this one has the arguments of one caller
  }
}
