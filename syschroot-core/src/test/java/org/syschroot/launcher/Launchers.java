// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.syschroot.caller.ShellChoice;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.Limit;
import org.syschroot.plan.UserIds;

/** Plans for tests, each differing from {@link #plain} in one setting. Immutable. */
record Launchers(LaunchPlan plan) {
  /** All limits, as prlimit(1) names them. */
  static final List<String> LIMITS =
      List.of(
          ("as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime"
                  + " sigpending stack")
              .split(" "));

  private static final DirectoryIdentity DIRECTORY =
      new DirectoryIdentity(0xfedc_ba98_7654_3210L, 0xef53, OptionalLong.of(-2));

  static Launchers plain(String root) {
    return new Launchers(
        new LaunchPlan(
            new ImageName("sl5"),
            HostPath.of(root),
            new LaunchProof(DIRECTORY, DIRECTORY, List.of()),
            DirectoryPolicy.SAME_OR_FAIL,
            Optional.empty(),
            List.of(),
            Set.of(),
            false,
            Map.of(),
            Set.of(),
            Map.of(),
            LaunchedProgram.command(ImagePath.of("/bin/sh")),
            Privilege.FILE_CAPABILITY,
            OwnNamespaces.NONE));
  }

  /** Has every setting there is. */
  static Launchers full(String root) {
    return plain(root)
        .policy(DirectoryPolicy.HOME)
        .personality(0x20008)
        .limits(
            new KernelStep.SetLimit(Limit.CPU_SECONDS, Long.MAX_VALUE, true),
            new KernelStep.SetLimit(Limit.OPEN_FILES, 64, false))
        .dropping(Set.of(Capability.SYS_MODULE, Capability.SYS_RAWIO))
        .noNewPrivileges()
        .variables(Map.of(OsString.of("CLUSTER"), OsString.of("bham x%\n")))
        .shellVariables(Map.of(OsString.of("debian_chroot"), OsString.of("sl5")))
        .image();
  }

  private Launchers with(
      LaunchProof proof,
      DirectoryPolicy policy,
      Optional<Personality> personality,
      List<KernelStep.SetLimit> limits,
      Set<Capability> dropped,
      boolean noNewPrivileges,
      Map<OsString, OsString> variables,
      LaunchedProgram program,
      Privilege privilege) {
    return new Launchers(
        new LaunchPlan(
            plan.image(),
            plan.root(),
            proof,
            policy,
            personality,
            limits,
            dropped,
            noNewPrivileges,
            variables,
            plan.removedVariables(),
            plan.shellVariables(),
            program,
            privilege,
            plan.namespaces()));
  }

  Launchers proof(LaunchProof proof) {
    return with(
        proof,
        plan.directoryPolicy(),
        plan.personality(),
        plan.limits(),
        plan.droppedCapabilities(),
        plan.noNewPrivileges(),
        plan.variables(),
        plan.program(),
        plan.privilege());
  }

  /** Has a launcher prove what is the case now. */
  Launchers here(Kernel kernel, String... mounts) throws KernelException {
    int directory = kernel.openat(Kernel.AT_FDCWD, plan.root().value(), OpenFlags.O_PATH, 0);
    try {
      List<ImagePath> points = Stream.of(mounts).map(ImagePath::of).toList();
      return proof(LaunchProof.of(kernel, directory, points));
    } finally {
      kernel.close(directory);
    }
  }

  Launchers policy(DirectoryPolicy policy) {
    return with(
        plan.proof(),
        policy,
        plan.personality(),
        plan.limits(),
        plan.droppedCapabilities(),
        plan.noNewPrivileges(),
        plan.variables(),
        plan.program(),
        plan.privilege());
  }

  Launchers personality(long bits) {
    return with(
        plan.proof(),
        plan.directoryPolicy(),
        Optional.of(new Personality(bits)),
        plan.limits(),
        plan.droppedCapabilities(),
        plan.noNewPrivileges(),
        plan.variables(),
        plan.program(),
        plan.privilege());
  }

  Launchers openFiles(long soft) {
    return limits(new KernelStep.SetLimit(Limit.OPEN_FILES, soft, false));
  }

  Launchers limits(KernelStep.SetLimit... limits) {
    return with(
        plan.proof(),
        plan.directoryPolicy(),
        plan.personality(),
        List.of(limits),
        plan.droppedCapabilities(),
        plan.noNewPrivileges(),
        plan.variables(),
        plan.program(),
        plan.privilege());
  }

  Launchers dropping(Set<Capability> capabilities) {
    return with(
        plan.proof(),
        plan.directoryPolicy(),
        plan.personality(),
        plan.limits(),
        capabilities,
        plan.noNewPrivileges(),
        plan.variables(),
        plan.program(),
        plan.privilege());
  }

  Launchers noNewPrivileges() {
    return with(
        plan.proof(),
        plan.directoryPolicy(),
        plan.personality(),
        plan.limits(),
        plan.droppedCapabilities(),
        true,
        plan.variables(),
        plan.program(),
        plan.privilege());
  }

  Launchers variables(Map<OsString, OsString> variables) {
    return with(
        plan.proof(),
        plan.directoryPolicy(),
        plan.personality(),
        plan.limits(),
        plan.droppedCapabilities(),
        plan.noNewPrivileges(),
        variables,
        plan.program(),
        plan.privilege());
  }

  Launchers program(LaunchedProgram program) {
    return with(
        plan.proof(),
        plan.directoryPolicy(),
        plan.personality(),
        plan.limits(),
        plan.droppedCapabilities(),
        plan.noNewPrivileges(),
        plan.variables(),
        program,
        plan.privilege());
  }

  Launchers command(String program) {
    return program(LaunchedProgram.command(ImagePath.of(program)));
  }

  Launchers image() {
    return program(new LaunchedProgram.Shell(ShellChoice.OF_LAUNCHERS, ImagePath.of("/bin/sh")));
  }

  Launchers setUserId() {
    return with(
        plan.proof(),
        plan.directoryPolicy(),
        plan.personality(),
        plan.limits(),
        plan.droppedCapabilities(),
        plan.noNewPrivileges(),
        plan.variables(),
        plan.program(),
        Privilege.SET_USER_ID);
  }

  Launchers without(String variable) {
    return namespaces(
        plan.privilege(), plan.namespaces(), Set.of(OsString.of(variable)), plan.proof());
  }

  /** Makes mounts itself, with a privilege. */
  Launchers entry(MountSelection.Mount... mounts) {
    OwnNamespaces own = new OwnNamespaces(Optional.empty(), true, List.of(mounts));
    return namespaces(plan.privilege(), own, plan.removedVariables(), plan.proof());
  }

  /** Makes mounts itself, without a privilege. */
  Launchers rootless(MountSelection.Mount... mounts) {
    OwnNamespaces own = new OwnNamespaces(Optional.of(UserIds.KEPT), true, List.of(mounts));
    return namespaces(Privilege.NONE, own, plan.removedVariables(), plan.proof());
  }

  static MountSelection.Mount bind(String text) {
    BindMount bind = BindMount.parse(OsString.of(text));
    return new MountSelection.Mount(bind, !bind.options().contains(MountOption.FILE));
  }

  Launchers shellVariables(Map<OsString, OsString> variables) {
    return new Launchers(
        new LaunchPlan(
            plan.image(),
            plan.root(),
            plan.proof(),
            plan.directoryPolicy(),
            plan.personality(),
            plan.limits(),
            plan.droppedCapabilities(),
            plan.noNewPrivileges(),
            plan.variables(),
            plan.removedVariables(),
            variables,
            plan.program(),
            plan.privilege(),
            plan.namespaces()));
  }

  private Launchers namespaces(
      Privilege privilege, OwnNamespaces own, Set<OsString> removed, LaunchProof proof) {
    return new Launchers(
        new LaunchPlan(
            plan.image(),
            plan.root(),
            proof,
            plan.directoryPolicy(),
            plan.personality(),
            plan.limits(),
            plan.droppedCapabilities(),
            plan.noNewPrivileges(),
            plan.variables(),
            removed,
            plan.shellVariables(),
            plan.program(),
            privilege,
            own));
  }
}
