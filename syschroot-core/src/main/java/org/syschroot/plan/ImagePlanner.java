// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.syschroot.caller.EnvironmentPlan;
import org.syschroot.caller.EnvironmentPlan.Change;
import org.syschroot.caller.EnvironmentPlan.Kind;
import org.syschroot.caller.ShellPrompt;
import org.syschroot.host.ContributedMounts;
import org.syschroot.host.HostState;
import org.syschroot.host.IdRanges;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.EnvironmentChanges;
import org.syschroot.image.Image;
import org.syschroot.image.Personality;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mounting.RootSurvey;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.Layer;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mountplan.MountStep;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep.ChangeDirectory;
import org.syschroot.plan.KernelStep.ChangeDirectory.Choice;
import org.syschroot.plan.KernelStep.ChangeDirectory.WhenDenied;

/**
 * Turns a request into a plan. The order is that of the kernel's rules: mounts before the change of
 * root, everything that needs a privilege before the change of user, descriptors, signals and
 * limits last, when nothing of ours needs them any more.
 */
final class ImagePlanner {
  private static final OsString PWD = OsString.of("PWD");

  private final SwitchRequest request;
  private final HostState host;
  private final HostFiles sources;
  private final Image image;
  private final List<PlanStep> steps = new ArrayList<>();

  ImagePlanner(SwitchRequest request, HostState host) {
    this.request = request;
    this.host = host;
    this.sources = new SourcesOnce(host.files());
    this.image = request.image();
  }

  ImagePlan plan() throws SwitchException {
    requireOwnIdentity();
    MountSelection selection = selection();
    PlannedMounts mounts = PlannedMounts.of(request, mountsSeen(), selection);
    List<MountSelection.Mount> missing = mounts.missing();
    boolean ownNamespace = needsOwnNamespace(missing);
    RootLayers layers = layers(ownNamespace ? missing : List.of());
    if (ownNamespace && layers.isOverlay()) {
      // Over the tree, so over what is mounted in it as well.
      mounts = PlannedMounts.of(request, host.beforeMounts(), selection);
      missing = mounts.missing();
      layers = layers(missing);
    }
    if (request.userNamespace().isPresent()) {
      UserIds ids = request.userNamespace().get();
      IdRanges further = ids == UserIds.AS_ROOT ? host.ranges().ofCaller() : IdRanges.NONE;
      steps.add(new KernelStep.EnterUserNamespace(ids, further));
    }
    if (ownNamespace) {
      steps.add(new KernelStep.EnterMountNamespace());
    }
    boolean callersDirectory = request.directory().isEmpty();
    if (callersDirectory) {
      steps.add(new KernelStep.OpenWorkingDirectory());
    }
    if (mountsFile()) {
      steps.add(new KernelStep.MountImageFile(image.file().orElseThrow(), image.root()));
    }
    steps.add(new KernelStep.OpenRoot(image.root()));
    if (ownNamespace) {
      requireSources(missing);
      steps.add(new KernelStep.MountRoot(image.root(), layers));
      for (MountSelection.Mount mount : missing) {
        steps.add(new KernelStep.Mount(mount));
      }
      for (ImagePath target : request.withoutMounts()) {
        if (!layers.isOverlay() && isThere(target)) {
          steps.add(new KernelStep.Unmount(target));
        }
      }
    }
    steps.add(new KernelStep.EnterRoot(image.root()));
    WhenDenied whenDenied =
        request.identity().isPresent() ? WhenDenied.TRY_AGAIN_LATER : WhenDenied.MISSING;
    steps.add(changeDirectory(whenDenied));
    addPersonality();
    if (!request.droppedCapabilities().isEmpty()) {
      steps.add(new KernelStep.DropCapabilities(request.droppedCapabilities()));
    }
    if (request.identity().isPresent()) {
      steps.add(new KernelStep.SetIdentity(request.identity().get()));
      steps.add(changeDirectory(WhenDenied.ONLY_IF_DENIED_BEFORE));
    }
    if (callersDirectory) {
      steps.add(
          new KernelStep.CompareWorkingDirectory(image.directoryPolicy() == DirectoryPolicy.SAME));
    }
    if (request.noNewPrivileges()) {
      steps.add(new KernelStep.NoNewPrivileges());
    }
    steps.add(new SymbolicStep.KeepCallersDescriptors());
    steps.add(new SymbolicStep.RestoreCallersSignals());
    addLimits();
    steps.add(program(request, environment()));
    return new ImagePlan(
        image,
        steps,
        selection.mounts(),
        selection.skipped(),
        ownNamespace ? List.of() : missing,
        mounts.replaced());
  }

  /** Only root can become another user; in a namespace of its own nobody else is known. */
  private void requireOwnIdentity() throws SwitchException {
    if (request.userNamespace().isPresent() && request.identity().isPresent()) {
      throw SwitchException.withHint(
          image.name(),
          "cannot run as " + request.identity().get() + ": only root can run as another user",
          "omit the user, or use \"syschroot run\" as root");
    }
  }

  /**
   * Returns the host with what is mounted in the image, as far as it is used. In a user namespace
   * all mounts are made anew, over those of boot time: they are the caller's own view of the host
   * (its /tmp, its home directory), and none of them is stale.
   */
  private HostState mountsSeen() {
    return request.userNamespace().isPresent() && isOwnNamespace() ? host.beforeMounts() : host;
  }

  private boolean mountsFile() {
    return image.file().isPresent() && host.filesToMount();
  }

  private RootLayers layers(List<MountSelection.Mount> mounts) throws SwitchException {
    try {
      boolean untouched = request.layer().isPresent();
      RootSurvey.Finding tree = host.roots().of(image.root(), mounts, untouched);
      boolean overlay = untouched || !tree.lacking().isEmpty();
      Set<MountOption> restrictions = EnumSet.noneOf(MountOption.class);
      if (overlay) { // a bind has those of what it is made from
        restrictions.addAll(tree.restrictions());
      }
      Optional<HostPath> kept = request.layer().flatMap(Layer::directory);
      if (kept.isPresent()) { // whose files the command sees as the image's
        restrictions.addAll(host.roots().of(kept.get(), List.of(), true).restrictions());
      }
      if (!image.trustedOwners().isEmpty()) {
        restrictions.add(MountOption.NOSUID);
        restrictions.add(MountOption.NODEV);
      }
      return RootLayers.of(image.name().toString(), tree.lacking(), request.layer(), restrictions)
          .with(tree.underlay());
    } catch (IOException e) {
      throw new SwitchException(image.name(), "cannot read the root directory of the image", e);
    }
  }

  private boolean isOwnNamespace() {
    return request.mountNamespace() != MountNamespace.SHARED;
  }

  private PlanStep changeDirectory(WhenDenied whenDenied) {
    if (request.directory().isPresent()) {
      Choice given = new Choice(request.directory().get().value(), Optional.empty());
      return new ChangeDirectory(List.of(given), whenDenied);
    }
    return new SymbolicStep.EnterWorkingDirectory(
        image.directoryPolicy(), request.isShell(), whenDenied);
  }

  /** Returns the plan of a command of the host, which is not in an image. */
  static ImagePlan outside(SwitchRequest request) {
    List<Change> changes = List.of(unset(EnvironmentPlan.MARKER));
    List<PlanStep> outside =
        List.of(
            new SymbolicStep.KeepCallersDescriptors(),
            new SymbolicStep.RestoreCallersSignals(),
            new SymbolicStep.RestoreOpenFiles(),
            program(request, new EnvironmentPlan(true, changes)));
    return new ImagePlan(request.image(), outside, List.of(), List.of(), List.of(), List.of());
  }

  private static SymbolicStep.RunProgram program(
      SwitchRequest request, EnvironmentPlan environment) {
    return new SymbolicStep.RunProgram(
        request.command(),
        request.image().shell(),
        request.shellArguments(),
        request.programName(),
        request.login(),
        environment);
  }

  private void addPersonality() throws SwitchException {
    if (request.personality().isPresent()) {
      steps.add(new KernelStep.SetPersonality(request.personality().get()));
      return;
    }
    try {
      Optional<Personality> domain = host.personalities().of(image);
      if (domain.isPresent()) {
        steps.add(new KernelStep.SetPersonality(domain.get(), true));
      }
    } catch (IOException e) {
      throw new SwitchException(image.name(), "cannot find out whether its programs are 32-bit", e);
    }
  }

  /** Before anything is done: making mount points leaves traces in the image. */
  private void requireSources(List<MountSelection.Mount> mounts) throws SwitchException {
    for (MountSelection.Mount mount : mounts) {
      if (mount.step() instanceof BindMount bind
          && sources.kind(bind.source()) == HostFiles.Kind.MISSING) {
        throw SwitchException.withHint(
            image.name(),
            "cannot mount " + bind.source() + ": not found on the host: ENOENT",
            "correct the pathname, or add the option \"optional\"");
      }
    }
  }

  /** Last, when nothing of ours needs what they forbid. */
  private void addLimits() {
    if (!request.limits().containsKey(Limit.OPEN_FILES)) {
      steps.add(
          image.openFiles().isPresent()
              ? new KernelStep.SetLimit(Limit.OPEN_FILES, image.openFiles().getAsLong(), false)
              : new SymbolicStep.RestoreOpenFiles());
    }
    request
        .limits()
        .forEach((limit, value) -> steps.add(new KernelStep.SetLimit(limit, value, true)));
  }

  private MountSelection selection() throws SwitchException {
    try {
      ContributedMounts contributed =
          ContributedMounts.of(image, host.files(), host.contributors());
      MountPlan plan = contributed.plan();
      for (ImagePath target : request.withoutMounts()) {
        plan = without(plan, target);
      }
      return new ContributedMounts(
              plan.replacing(request.furtherMounts()), contributed.contributors())
          .on(sources);
    } catch (IllegalArgumentException e) {
      throw new SwitchException(image.name(), "the mounts conflict: " + e.getMessage());
    }
  }

  /** Returns whether a mount that is left out is up, or comes along with another. */
  private boolean isThere(ImagePath target) throws SwitchException {
    MountSelection all;
    try {
      all = ContributedMounts.of(image, host.files(), host.contributors()).on(host.files());
    } catch (IllegalArgumentException e) {
      throw new SwitchException(image.name(), "the mounts conflict: " + e.getMessage());
    }
    for (MountSelection.Skipped skipped : all.skipped()) {
      if (skipped.step().target().equals(target)) {
        return true; // with another, or for want of a source: there is no harm in looking
      }
    }
    try {
      for (MountStatus status : host.mounts().of(image.root(), all)) {
        if (status.target().equals(target)) {
          return status.state() != MountStatus.State.MISSING;
        }
      }
      return false;
    } catch (IOException e) {
      throw new SwitchException(image.name(), "cannot read the mounts of the image", e);
    }
  }

  /** A mount beneath the one that is left out would go with it. */
  private MountPlan without(MountPlan plan, ImagePath target) throws SwitchException {
    boolean planned = false;
    for (MountStep step : plan.steps()) {
      planned |= step.target().equals(target);
      if (step.target().startsWith(target) && !step.target().equals(target)) {
        throw SwitchException.withHint(
            image.name(),
            "cannot leave out the mount of " + target + ": " + step.target() + " is beneath it",
            "put before it: --without-mount TARGET");
      }
    }
    if (!planned) {
      throw SwitchException.withHint(
          image.name(),
          "no mount of the image has this target: " + target,
          "all mounts: syschroot show " + image.name());
    }
    return plan.without(target);
  }

  private boolean needsOwnNamespace(List<MountSelection.Mount> missing) throws SwitchException {
    switch (request.mountNamespace()) {
      case PRIVATE -> {
        return true;
      }
      case SHARED -> {
        if (mountsFile()) {
          throw SwitchException.withHint(
              image.name(),
              image.place() + " is not mounted, and --shared makes no mounts",
              "syschroot mount " + image.name());
        }
        if (request.layer().isPresent()) {
          throw SwitchException.withHint(
              image.name(),
              "the layer " + request.layer().get() + " needs a mount namespace of its own",
              "leave out --shared; launchers of root and batch jobs that use the mounts of boot"
                  + " have no layer: leave out \"layer\" for them");
        }
        if (!request.furtherMounts().equals(MountPlan.empty())) {
          throw new SwitchException(
              image.name(), "--bind needs a private mount namespace: remove --shared or --bind");
        }
        if (!request.withoutMounts().isEmpty()) {
          throw new SwitchException(
              image.name(),
              "--without-mount needs a private mount namespace: remove --shared or"
                  + " --without-mount");
        }
        return false;
      }
      default -> {
        return request.userNamespace().isPresent()
            || mountsFile()
            || request.layer().isPresent()
            || !missing.isEmpty()
            || !request.withoutMounts().isEmpty();
      }
    }
  }

  private EnvironmentPlan environment() {
    List<Change> changes = new ArrayList<>();
    if (request.isShell() && image.prompt() && !request.emptyEnvironment()) {
      changes.addAll(ShellPrompt.changes(image.name()));
    }
    for (EnvironmentChanges beneath : request.environmentBeneath()) {
      for (OsString name : beneath.unset()) {
        changes.add(unset(name));
      }
      for (Map.Entry<OsString, OsString> entry : beneath.set().entrySet()) {
        changes.add(set(entry.getKey(), entry.getValue()));
      }
    }
    if (request.directory().isPresent()) {
      changes.add(new Change(Kind.REPLACE, PWD, request.directory().get().value()));
    }
    for (OsString name : request.unsetVariables()) {
      changes.add(unset(name));
    }
    for (Map.Entry<OsString, OsString> entry : request.setVariables().entrySet()) {
      changes.add(set(entry.getKey(), entry.getValue()));
    }
    changes.add(set(EnvironmentPlan.MARKER, OsString.of(image.name().toString())));
    return new EnvironmentPlan(!request.emptyEnvironment(), changes);
  }

  private static Change set(OsString name, OsString value) {
    return new Change(Kind.SET, name, value);
  }

  private static Change unset(OsString name) {
    return new Change(Kind.UNSET, name, OsString.of(""));
  }
}
