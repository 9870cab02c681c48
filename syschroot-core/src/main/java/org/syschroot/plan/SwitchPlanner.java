// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.syschroot.image.ContributedMounts;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.Image;
import org.syschroot.image.Personality;
import org.syschroot.mount.MountPlan;
import org.syschroot.mount.MountSelection;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep.ChangeDirectory;
import org.syschroot.plan.KernelStep.ChangeDirectory.Choice;
import org.syschroot.plan.KernelStep.ChangeDirectory.WhenDenied;

/**
 * Turns a request into a plan. The order is that of the kernel's rules: mounts before the change of
 * root, everything that needs a privilege before the change of user, descriptors and signals last,
 * when nothing of ours needs them any more.
 */
final class SwitchPlanner {
  private final SwitchRequest request;
  private final Caller caller;
  private final HostState host;
  private final Image image;
  private final List<KernelStep> steps = new ArrayList<>();

  SwitchPlanner(SwitchRequest request, Caller caller, HostState host) {
    this.request = request;
    this.caller = caller;
    this.host = host;
    this.image = request.image();
  }

  SwitchPlan plan() throws SwitchException {
    MountSelection selection = selection();
    PlannedMounts mounts = PlannedMounts.of(request, host, selection);
    List<MountSelection.Mount> missing = mounts.missing();
    boolean ownNamespace = needsOwnNamespace(missing);
    if (ownNamespace) {
      steps.add(new KernelStep.EnterMountNamespace());
    }
    boolean callersDirectory = request.directory().isEmpty();
    if (callersDirectory) {
      steps.add(new KernelStep.OpenWorkingDirectory());
    }
    steps.add(new KernelStep.OpenRoot(image.root()));
    if (ownNamespace) {
      for (MountSelection.Mount mount : missing) {
        steps.add(new KernelStep.Mount(mount));
      }
    }
    steps.add(new KernelStep.EnterRoot(image.root()));
    Environment environment = environment();
    List<Choice> directories = directories(environment);
    WhenDenied whenDenied =
        request.identity().isPresent() ? WhenDenied.TRY_AGAIN_LATER : WhenDenied.MISSING;
    steps.add(new ChangeDirectory(directories, whenDenied));
    addPersonality();
    OptionalLong openFiles = image.openFiles().isPresent() ? image.openFiles() : caller.openFiles();
    if (openFiles.isPresent()) {
      steps.add(new KernelStep.LimitOpenFiles(openFiles.getAsLong()));
    }
    if (!request.droppedCapabilities().isEmpty()) {
      steps.add(new KernelStep.DropCapabilities(request.droppedCapabilities()));
    }
    if (request.identity().isPresent()) {
      steps.add(new KernelStep.SetIdentity(request.identity().get()));
      steps.add(new ChangeDirectory(directories, WhenDenied.ONLY_IF_DENIED_BEFORE));
    }
    if (callersDirectory) {
      steps.add(
          new KernelStep.CompareWorkingDirectory(image.directoryPolicy() == DirectoryPolicy.SAME));
    }
    if (request.noNewPrivileges()) {
      steps.add(new KernelStep.NoNewPrivileges());
    }
    steps.add(new KernelStep.KeepDescriptors(caller.descriptors()));
    steps.add(new KernelStep.RestoreSignals(caller.signals()));
    steps.add(
        new KernelStep.Execute(
            new CommandSearch(request, environment).candidates(), environment.entries()));
    return new SwitchPlan(
        image, steps, selection.skipped(), ownNamespace ? List.of() : missing, mounts.replaced());
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
      throw new SwitchException(
          image.name(), "cannot read from its programs whether they are of 32 bits", e);
    }
  }

  private MountSelection selection() throws SwitchException {
    try {
      ContributedMounts contributed =
          ContributedMounts.of(image, host.files(), host.contributors());
      return new ContributedMounts(
              contributed.plan().plus(request.furtherMounts()), contributed.contributors())
          .on(host.files());
    } catch (IllegalArgumentException e) {
      throw new SwitchException(image.name(), "the mounts conflict: " + e.getMessage());
    }
  }

  private boolean needsOwnNamespace(List<MountSelection.Mount> missing) throws SwitchException {
    switch (request.mountNamespace()) {
      case PRIVATE:
        return true;
      case SHARED:
        if (!request.furtherMounts().equals(MountPlan.empty())) {
          throw new SwitchException(
              image.name(),
              "a further mount needs a mount namespace of its own: leave out --shared or --bind");
        }
        return false;
      default:
        return !missing.isEmpty();
    }
  }

  private Environment environment() {
    Environment environment =
        Environment.of(request.emptyEnvironment() ? List.of() : caller.environment());
    for (OsString name : image.environment().unset()) {
      environment = environment.without(name);
    }
    for (Map.Entry<OsString, OsString> entry : image.environment().set().entrySet()) {
      environment = environment.with(entry.getKey(), entry.getValue());
    }
    if (request.directory().isPresent() && environment.get(OsString.of("PWD")).isPresent()) {
      environment = environment.with(OsString.of("PWD"), request.directory().get().value());
    }
    for (OsString name : request.unsetVariables()) {
      environment = environment.without(name);
    }
    for (Map.Entry<OsString, OsString> entry : request.setVariables().entrySet()) {
      environment = environment.with(entry.getKey(), entry.getValue());
    }
    return environment.with(OsString.of("SYSCHROOT_IMAGE"), OsString.of(image.name().toString()));
  }

  private List<Choice> directories(Environment environment) throws SwitchException {
    if (request.directory().isPresent()) {
      return List.of(new Choice(request.directory().get().value(), Optional.empty()));
    }
    List<Choice> choices = new ArrayList<>();
    for (OsString pathname : caller.directory().pathnames()) {
      choices.add(new Choice(pathname, Optional.empty()));
    }
    String fact =
        choices.isEmpty()
            ? "cannot enter the working directory in the image: it has no pathname (deleted, too"
                + " long, or outside the root directory)"
            : "cannot enter " + choices.get(0).directory() + " in the image";
    otherDirectory(environment)
        .ifPresent(directory -> choices.add(new Choice(directory, Optional.of(fact))));
    if (choices.isEmpty()) {
      throw SwitchException.withHint(
          image.name(), fact, "change to another directory, or use --directory DIR");
    }
    return choices;
  }

  /** A command was meant for one directory, and could destroy files in another. */
  private Optional<OsString> otherDirectory(Environment environment) {
    if (!request.command().isEmpty()) {
      return Optional.empty();
    }
    switch (image.directoryPolicy()) {
      case HOME:
        return environment.get(OsString.of("HOME")).filter(home -> !home.isEmpty());
      case ROOT:
        return Optional.of(ImagePath.ROOT.value());
      default:
        return Optional.empty();
    }
  }
}
