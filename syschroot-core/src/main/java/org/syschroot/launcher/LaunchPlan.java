// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.ImageName;
import org.syschroot.image.LauncherKind;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;
import org.syschroot.plan.ImagePlan;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.PlanStep;

/**
 * What a launcher does: an {@link ImagePlan}, translated to constants and to what is done with the
 * things of whoever calls it. Immutable.
 *
 * @param image the name for messages and for {@code SYSCHROOT_IMAGE}
 * @param root the directory that becomes the root directory
 * @param proof what must be the case when it runs
 * @param directoryPolicy what to do if the caller's directory is missing in the image
 * @param personality the execution domain, or empty to keep the caller's
 * @param limits the limits of resources that are not to be the caller's
 * @param droppedCapabilities what no command may have
 * @param noNewPrivileges whether set-user-ID programs lose their effect
 * @param variables environment variables to set
 * @param removedVariables environment variables to remove, none of which is set
 * @param shellVariables environment variables that a shell without arguments gets unless they are
 *     set
 * @param program what to run
 * @param privilege where the privilege for chroot(2) comes from
 * @param namespaces what it makes for each command
 */
public record LaunchPlan(
    ImageName image,
    HostPath root,
    LaunchProof proof,
    DirectoryPolicy directoryPolicy,
    Optional<Personality> personality,
    List<KernelStep.SetLimit> limits,
    Set<Capability> droppedCapabilities,
    boolean noNewPrivileges,
    Map<OsString, OsString> variables,
    Set<OsString> removedVariables,
    Map<OsString, OsString> shellVariables,
    LaunchedProgram program,
    Privilege privilege,
    OwnNamespaces namespaces) {
  /**
   * Copies the collections.
   *
   * @throws IllegalArgumentException if there is a privilege where none is needed, or the other way
   *     round
   */
  public LaunchPlan {
    limits = List.copyOf(limits);
    if ((privilege == Privilege.NONE) != namespaces.user().isPresent()) {
      throw new IllegalArgumentException(privilege + " is not for a launcher " + namespaces.kind());
    }
    EnumSet<Capability> dropped = EnumSet.noneOf(Capability.class);
    dropped.addAll(droppedCapabilities);
    droppedCapabilities = Collections.unmodifiableSet(dropped);
    variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
    removedVariables = Collections.unmodifiableSet(new LinkedHashSet<>(removedVariables));
    shellVariables = Collections.unmodifiableMap(new LinkedHashMap<>(shellVariables));
  }

  /**
   * Translates the steps of a plan, the symbolic ones to what is done with whoever calls.
   *
   * @param proof what the launcher proves of the image's root directory
   * @throws LauncherException if a step can only be taken by a running syschroot; the message names
   *     it
   */
  public static LaunchPlan of(ImagePlan plan, LaunchProof proof, Privilege privilege)
      throws LauncherException {
    CompilableSteps steps = new CompilableSteps(plan.image().name());
    for (PlanStep step : plan.steps()) {
      step.translate(steps);
    }
    return steps.plan(proof, privilege);
  }

  /**
   * Returns this plan with mount points as they are reached without symbolic links, having checked
   * that nobody but root can exchange what is mounted: what a launcher with a privilege needs.
   *
   * @throws UntrustedException if others could exchange the source of a mount
   * @throws KernelException if one cannot be looked at
   */
  public LaunchPlan withTrustedMounts(Kernel kernel) throws KernelException, UntrustedException {
    return with(
        new OwnNamespaces(
            namespaces.user(),
            namespaces.mount(),
            namespaces.layers(),
            new EntryMounts(kernel, root).trusted(namespaces.mounts()),
            namespaces.userIfUnprivileged()));
  }

  private LaunchPlan with(OwnNamespaces others) {
    return new LaunchPlan(
        image,
        root,
        proof,
        directoryPolicy,
        personality,
        limits,
        droppedCapabilities,
        noNewPrivileges,
        variables,
        removedVariables,
        shellVariables,
        program,
        privilege,
        others);
  }

  /**
   * Returns this plan for a launcher that enters without its privilege, in a user namespace, where
   * the kernel grants none: under no_new_privs, a tracer, or on a nosuid mount.
   */
  public LaunchPlan withUserIfUnprivileged() {
    return with(namespaces.withUserIfUnprivileged());
  }

  /** Returns the kind of launcher. */
  public LauncherKind kind() {
    return namespaces.kind();
  }

  /** Returns the capabilities that the file needs, none if its privilege is another one. */
  public Set<Capability> fileCapabilities() {
    if (privilege != Privilege.FILE_CAPABILITY) {
      return Set.of();
    }
    EnumSet<Capability> needed = EnumSet.of(Capability.SYS_CHROOT);
    if (!droppedCapabilities.isEmpty()) {
      needed.add(Capability.SETPCAP);
    }
    if (namespaces.mount()) {
      needed.add(Capability.SYS_ADMIN);
    }
    return needed;
  }

  /**
   * Returns the canonical text, which says the same as this plan, one setting a line. It is kept in
   * the file.
   */
  public String text() {
    return PlanText.of(this);
  }

  /**
   * Returns the plan of a canonical text.
   *
   * @throws LauncherException if it is none
   */
  public static LaunchPlan parse(String text) throws LauncherException {
    return PlanText.parse(text);
  }

  /** Returns the SHA-256 of the canonical text: equal for equal plans only. */
  public Digest digest() {
    return Digest.of(text());
  }
}
