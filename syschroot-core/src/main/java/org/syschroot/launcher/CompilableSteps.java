// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.caller.EnvironmentPlan;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mountplan.Layer;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.PlanStep;
import org.syschroot.plan.SymbolicStep;
import org.syschroot.plan.UserIds;

/** Collects what a launcher can do of a plan, and refuses the rest by name. */
@SuppressWarnings("NullAway") // a Void is null
final class CompilableSteps implements PlanStep.Translator<Void, LauncherException> {
  /** The first words of the auxiliary vector make room for new variables; it has over 30. */
  private static final int MOST_VARIABLES = 12;

  private final ImageName image;
  private final Map<OsString, OsString> variables = new LinkedHashMap<>();
  private final Set<OsString> removedVariables = new LinkedHashSet<>();
  private final Map<OsString, OsString> shellVariables = new LinkedHashMap<>();
  private @Nullable HostPath root;
  private @Nullable DirectoryPolicy policy;
  private @Nullable LaunchedProgram program;
  private final Set<Capability> dropped = EnumSet.noneOf(Capability.class);
  private Optional<Personality> personality = Optional.empty();
  private final List<KernelStep.SetLimit> limits = new ArrayList<>();
  private boolean noNewPrivileges;
  private Optional<UserIds> user = Optional.empty();
  private boolean mountNamespace;
  private Optional<RootLayers> layers = Optional.empty();
  private final List<MountSelection.Mount> mounts = new ArrayList<>();

  CompilableSteps(ImageName image) {
    this.image = image;
  }

  LaunchPlan plan(LaunchProof proof, Privilege privilege) throws LauncherException {
    if (root == null || program == null || policy == null) {
      throw refused("the plan has no root directory, no working directory or no program");
    }
    return new LaunchPlan(
        image,
        root,
        proof,
        policy,
        personality,
        limits,
        dropped,
        noNewPrivileges,
        variables,
        removedVariables,
        shellVariables,
        program,
        privilege,
        new OwnNamespaces(user, mountNamespace, layers, mounts, false));
  }

  private LauncherException refused(String step) {
    return new LauncherException(image + ": cannot create a launcher: " + step);
  }

  @Override
  public @Nullable Void enterUserNamespace(KernelStep.EnterUserNamespace step)
      throws LauncherException {
    if (!step.further().isEmpty()) {
      throw refused("newuidmap(1) maps the users at each start");
    }
    user = Optional.of(step.ids());
    return null;
  }

  @Override
  public @Nullable Void enterMountNamespace(KernelStep.EnterMountNamespace step) {
    mountNamespace = true;
    return null;
  }

  /** Loop devices are root's alone. */
  @Override
  public @Nullable Void mountImageFile(KernelStep.MountImageFile step) throws LauncherException {
    throw refused("MountImageFile: mount the image before: syschroot mount " + image);
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
  public @Nullable Void mountRoot(KernelStep.MountRoot step) throws LauncherException {
    if (step.layers().layer().flatMap(Layer::directory).isPresent()) {
      throw refused("MountRoot: a layer in a directory is for \"syschroot run\" by root");
    }
    layers = Optional.of(step.layers());
    return null;
  }

  @Override
  public @Nullable Void mount(KernelStep.Mount step) {
    mounts.add(step.mount());
    return null;
  }

  @Override
  public @Nullable Void unmount(KernelStep.Unmount step) throws LauncherException {
    throw refused("unmount " + step.target() + ": a launcher leaves the mounts as they are");
  }

  @Override
  public @Nullable Void enterRoot(KernelStep.EnterRoot step) {
    root = step.root();
    return null;
  }

  @Override
  public @Nullable Void changeDirectory(KernelStep.ChangeDirectory step) throws LauncherException {
    throw refused("a launcher starts in the working directory of its caller, not in a fixed one");
  }

  /** The policy is applied to the caller's directory of the moment, and compares it too. */
  @Override
  public @Nullable Void enterWorkingDirectory(SymbolicStep.EnterWorkingDirectory step) {
    policy = step.policy();
    return null;
  }

  @Override
  public @Nullable Void setPersonality(KernelStep.SetPersonality step) {
    personality = Optional.of(step.personality());
    return null;
  }

  @Override
  public @Nullable Void setLimit(KernelStep.SetLimit step) {
    limits.add(step);
    return null;
  }

  @Override
  public @Nullable Void dropCapabilities(KernelStep.DropCapabilities step) {
    dropped.addAll(step.capabilities());
    return null;
  }

  @Override
  public @Nullable Void setIdentity(KernelStep.SetIdentity step) throws LauncherException {
    throw refused("user " + step.identity() + ": a launcher cannot change the user");
  }

  @Override
  public @Nullable Void noNewPrivileges(KernelStep.NoNewPrivileges step) {
    noNewPrivileges = true;
    return null;
  }

  @Override
  public @Nullable Void keepDescriptors(KernelStep.KeepDescriptors step) throws LauncherException {
    throw refused("the plan contains the file descriptors of one caller");
  }

  @Override
  public @Nullable Void restoreSignals(KernelStep.RestoreSignals step) throws LauncherException {
    throw refused("the plan contains the signals of one caller");
  }

  @Override
  public @Nullable Void execute(KernelStep.Execute step) throws LauncherException {
    throw refused("the plan contains the arguments and environment of one caller");
  }

  @Override
  public @Nullable Void restoreOpenFiles(SymbolicStep.RestoreOpenFiles step) {
    return null; // a launcher raises no limit
  }

  @Override
  public @Nullable Void keepCallersDescriptors(SymbolicStep.KeepCallersDescriptors step) {
    return null; // a launcher opens none
  }

  @Override
  public @Nullable Void restoreCallersSignals(SymbolicStep.RestoreCallersSignals step) {
    return null; // a launcher changes none
  }

  @Override
  public @Nullable Void runProgram(SymbolicStep.RunProgram step) throws LauncherException {
    changeEnvironment(step.environment());
    if (step.login() || step.programName().isPresent()) {
      throw refused("the caller of a launcher chooses argv[0]");
    }
    if (!step.shellArguments().isEmpty()) {
      throw refused("the caller of a launcher chooses the arguments");
    }
    if (step.isShell()) {
      program = LaunchedProgram.shell(step.shell());
    } else if (step.command().size() == 1 && step.command().get(0).indexOf('/') == 0) {
      program = LaunchedProgram.command(ImagePath.of(step.command().get(0)));
    } else {
      throw refused("a command launcher runs one program, given by its absolute pathname");
    }
    return null;
  }

  private void changeEnvironment(EnvironmentPlan environment) throws LauncherException {
    for (EnvironmentPlan.Change change : environment.changes()) {
      variables.remove(change.name());
      removedVariables.remove(change.name());
      shellVariables.remove(change.name());
      if (change.kind() == EnvironmentPlan.Kind.UNSET) {
        removedVariables.add(change.name());
      } else if (change.kind() == EnvironmentPlan.Kind.DEFAULT) {
        shellVariables.put(change.name(), change.value());
      } else if (change.kind() != EnvironmentPlan.Kind.SET) {
        throw refused("environment: a launcher sets " + change.name() + " always or never");
      } else if (!change.name().equals(EnvironmentPlan.MARKER)) { // which every launcher sets
        variables.put(change.name(), change.value());
      }
    }
    if (!environment.callers()) {
      throw refused("environment: a launcher passes on all variables of its caller");
    }
    if (variables.size() > MOST_VARIABLES) {
      throw refused("environment.set: a launcher can set " + MOST_VARIABLES + " variables at most");
    }
  }
}
