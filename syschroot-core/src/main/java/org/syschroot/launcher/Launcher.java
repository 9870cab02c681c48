// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.syschroot.host.HostState;
import org.syschroot.image.Image;
import org.syschroot.image.LauncherKind;
import org.syschroot.image.Launchers;
import org.syschroot.kernel.KernelException;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStep;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.plan.ImagePlan;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.plan.UserIds;

/**
 * A launcher that an image has or is to have. Immutable.
 *
 * @param image the image
 * @param path its place on the native system
 * @param name of the program it runs, or empty if it is the launcher of the image as a whole
 * @param kind how it comes to the mounts
 */
public record Launcher(Image image, HostPath path, Optional<String> name, LauncherKind kind) {
  private static final List<String> PROGRAMS = List.of("/bin", "/usr/bin");

  /** Returns the launchers of some names; without any, that of the image as a whole. */
  public static List<Launcher> of(Image image, Launchers launchers) {
    String whole = image.name().value();
    List<String> names = launchers.names().isEmpty() ? List.of(whole) : launchers.names();
    return names.stream()
        .map(
            name ->
                new Launcher(
                    image,
                    launchers.directory().resolve(name),
                    name.equals(whole) ? Optional.empty() : Optional.of(name),
                    launchers.kind()))
        .toList();
  }

  /** Returns this launcher as one without privilege if there is one, which users write. */
  public Launcher of(LauncherFile there) {
    return there.plan().kind() == LauncherKind.ROOTLESS
        ? new Launcher(image, path, name, LauncherKind.ROOTLESS)
        : this;
  }

  /** Returns where the program can be in the image, best first; nothing for the image's own. */
  public List<ImagePath> candidates() {
    return name.stream()
        .flatMap(program -> PROGRAMS.stream().map(bin -> ImagePath.of(bin).resolve(program)))
        .toList();
  }

  /** Returns the program in the image, or empty for the launcher of the image as a whole. */
  public Optional<ImagePath> program(ImagePrograms files)
      throws KernelException, LauncherException {
    if (name.isEmpty()) {
      return Optional.empty();
    }
    for (ImagePath candidate : candidates()) {
      if (files.isProgram(candidate)) {
        return Optional.of(candidate);
      }
    }
    throw new LauncherException(
        path
            + ": "
            + image.name()
            + " has no program "
            + candidates().get(0)
            + " or "
            + candidates().get(1));
  }

  /** Returns where a script in the image looks for this launcher's program. */
  public ImagePath linkInImage() {
    return ImagePath.of(path.value());
  }

  /** Returns those that an image's settings name, none without. */
  public static List<Launcher> configured(Image image) {
    return image.launchers().map(launchers -> of(image, launchers)).orElse(List.of());
  }

  /** Returns the kind of launcher that the settings of an image say. */
  public static LauncherKind configuredKind(Image image) {
    return image.launchers().map(Launchers::kind).orElse(LauncherKind.BOOT);
  }

  /** Returns the kind of launcher that a process can write for an image. */
  public static LauncherKind kindFor(Image image, int effectiveUid) {
    return effectiveUid == 0 ? configuredKind(image) : LauncherKind.ROOTLESS;
  }

  /**
   * Returns what the launchers of an image have to prove on a host.
   *
   * @throws org.syschroot.path.UntrustedException if users could have a directory of the same name
   *     inside an image
   * @throws IOException if the host or the image cannot be read
   */
  public static LaunchProof proof(LauncherHost host, Image image, LauncherKind kind)
      throws IOException {
    if (kind == LauncherKind.ROOTLESS) {
      return LaunchProof.forUser(
          host.kernel(), image.root(), host.effectiveUid(), image.trustedOwners());
    }
    boolean looksAtMounts =
        kind == LauncherKind.BOOT && !image.launchers().map(Launchers::withoutMounts).orElse(false);
    List<ImagePath> needed =
        looksAtMounts
            ? boot(SwitchRequest.in(image), host.hostState()).mounts().stream()
                .map(MountSelection.Mount::step)
                .filter(Launcher::isNeeded)
                .map(MountStep::target)
                .toList()
            : List.of();
    return LaunchProof.of(host.kernel(), image.root(), needed, image.trustedOwners());
  }

  /**
   * Those of {@code standard} are optional because of hosts that do not have them: this one has.
   */
  private static boolean isNeeded(MountStep step) {
    boolean optional = step instanceof BindMount bind && bind.optional();
    return !optional || MountPlan.standard().steps().contains(step);
  }

  /** Returns the plan of a launcher that uses the mounts that it finds when it is called. */
  private static ImagePlan boot(SwitchRequest request, HostState host) throws SwitchException {
    return request.mountNamespace(MountNamespace.SHARED).plan(host.beforeMounts());
  }

  /**
   * Returns what the launcher has to do.
   *
   * @throws org.syschroot.path.UntrustedException if users could exchange what a launcher with a
   *     privilege mounts
   */
  public LaunchPlan plan(
      LauncherHost on, Optional<ImagePath> program, LaunchProof proof, Privilege privilege)
      throws IOException {
    HostState host = on.hostState();
    SwitchRequest shell = SwitchRequest.in(image);
    SwitchRequest request =
        program.isPresent() ? shell.command(List.of(program.get().value())) : shell;
    if (kind == LauncherKind.ROOTLESS) {
      return LaunchPlan.of(request.rootless(UserIds.KEPT).plan(host), proof, Privilege.NONE);
    }
    if (image.layer().isPresent()) {
      // Overlayfs looks at the tree with the rights of who mounts it: the caller's.
      throw new LauncherException(
          image.name()
              + ": a launcher with a privilege has no layer\nhint: ordinary users create launchers"
              + " of their own with: syschroot link "
              + image.name()
              + " --into DIR; or leave out \"layer\"");
    }
    LaunchPlan plan;
    if (kind == LauncherKind.ENTRY) {
      ImagePlan own = request.mountNamespace(MountNamespace.PRIVATE).plan(host.beforeMounts());
      plan = LaunchPlan.of(own, proof, privilege).withTrustedMounts(on.kernel());
    } else {
      plan = LaunchPlan.of(boot(request, host), proof, privilege);
    }
    boolean rootless = image.launchers().map(Launchers::rootlessIfUnprivileged).orElse(false);
    return rootless ? plan.withUserIfUnprivileged() : plan;
  }

  /** Returns what it runs, for people to read. */
  public String runs(Optional<ImagePath> program) {
    return program.map(ImagePath::toString).orElse("a shell or any command")
        + " of "
        + image.name();
  }
}
