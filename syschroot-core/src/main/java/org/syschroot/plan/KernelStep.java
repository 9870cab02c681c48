// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.syschroot.caller.Caller;
import org.syschroot.caller.Signals;
import org.syschroot.host.IdRanges;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.ResourceLimit;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * One step of a switch, as data. Every way to run a plan walks the same steps in the same order,
 * and so do those that only show it. Implementations are immutable.
 */
public sealed interface KernelStep extends PlanStep {

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
      SymbolicStep.Visitor<Optional<KernelStep>, SwitchException> caller) {
    return Optional.of(this);
  }

  /**
   * Enters a user namespace of its own, in which a caller without privileges has those that the
   * later steps need: user_namespaces(7). The supplementary groups stay, as setgroups(2) is denied
   * there. The kernel lets only a process of one thread do it, so that a JVM cannot take this step
   * on itself.
   *
   * @param ids which numbers the caller's user and group have in it
   * @param further numbers that are mapped besides; there are none where the caller keeps theirs
   */
  record EnterUserNamespace(UserIds ids, IdRanges further) implements KernelStep {
    /** Creates the step without further numbers. */
    public EnterUserNamespace(UserIds ids) {
      this(ids, IdRanges.NONE);
    }

    /** Checks that only root gets further numbers. */
    public EnterUserNamespace {
      if (ids == UserIds.KEPT && !further.isEmpty()) {
        throw new IllegalArgumentException("further numbers are for root of the namespace");
      }
    }

    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.enterUserNamespace(this);
    }
  }

  /** Enters a mount namespace of its own, in which host mounts appear but from which none leave. */
  record EnterMountNamespace() implements KernelStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.enterMountNamespace(this);
    }
  }

  /** Opens the caller's working directory, to be compared with that in the image. */
  record OpenWorkingDirectory() implements KernelStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.openWorkingDirectory(this);
    }
  }

  /**
   * Mounts the filesystem that a file holds, read-only and by a loop device, in the command's own
   * mount namespace.
   *
   * @param file the file, having checked that nobody but root could have written it
   * @param root the directory that it is mounted on, which is made if it is missing
   */
  record MountImageFile(HostPath file, HostPath root) implements KernelStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.mountImageFile(this);
    }
  }

  /**
   * Opens the image's root directory, having checked that nobody but root could have put it there.
   *
   * @param root the root directory on the native system
   */
  record OpenRoot(HostPath root) implements KernelStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.openRoot(this);
    }
  }

  /**
   * Makes the opened root directory a mount point in the command's own mount namespace, with what
   * its tree lacks. What is opened is the new root directory from then on.
   *
   * @param root the root directory on the native system
   * @param layers what it is made of
   */
  record MountRoot(HostPath root, RootLayers layers) implements KernelStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.mountRoot(this);
    }
  }

  /**
   * Mounts something in the image.
   *
   * @param mount what, and where
   */
  record Mount(MountSelection.Mount mount) implements KernelStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.mount(this);
    }
  }

  /**
   * Takes away what is mounted at a target in the image, in the command's own mount namespace; does
   * nothing where nothing is mounted.
   *
   * @param target in the image
   */
  record Unmount(ImagePath target) implements KernelStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.unmount(this);
    }
  }

  /**
   * Makes the opened root directory the root directory.
   *
   * @param root the root directory on the native system
   */
  record EnterRoot(HostPath root) implements KernelStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.enterRoot(this);
    }
  }

  /**
   * Changes to the first of some directories that is there.
   *
   * @param choices the directories in order of preference, never empty
   * @param whenDenied what to do if the first choice is there but may not be entered
   */
  record ChangeDirectory(List<Choice> choices, WhenDenied whenDenied) implements KernelStep {
    /** Copies the list. */
    public ChangeDirectory {
      choices = List.copyOf(choices);
    }

    /**
     * A directory to try.
     *
     * @param directory its path in the image
     * @param reason why it is not the caller's directory, for the line that says so; empty if it is
     */
    public record Choice(OsString directory, Optional<String> reason) {}

    /**
     * What to do when the first choice is denied. Root may be refused where the user is not (an NFS
     * home with root squashed), and the user where root is not.
     */
    public enum WhenDenied {
      /** Treat it as missing. */
      MISSING,
      /** Leave the decision to the same step after the change of identity. */
      TRY_AGAIN_LATER,
      /** This is that later step: do nothing unless the first one was denied. */
      ONLY_IF_DENIED_BEFORE
    }

    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.changeDirectory(this);
    }
  }

  /**
   * Sets the execution domain.
   *
   * @param personality the domain and its flags
   * @param readFromImage whether nobody asked for it, and the image's programs need it
   */
  record SetPersonality(Personality personality, boolean readFromImage) implements KernelStep {
    /** Creates the step for a domain that the settings or the caller ask for. */
    public SetPersonality(Personality personality) {
      this(personality, false);
    }

    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.setPersonality(this);
    }
  }

  /**
   * Limits a resource, never above the hard limit in force.
   *
   * @param limit the resource
   * @param value the soft limit
   * @param hard whether it is the hard limit too; else that stays as it is
   */
  record SetLimit(Limit limit, long value, boolean hard) implements KernelStep {
    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if it is negative, which means "no limit" to the kernel
     */
    public SetLimit {
      checkValue(limit, value);
    }

    /** Returns the limits to be set where these are in force. */
    public ResourceLimit from(ResourceLimit now) {
      long lowest = Long.compareUnsigned(value, now.hard()) < 0 ? value : now.hard();
      return new ResourceLimit(lowest, hard ? lowest : now.hard());
    }

    /**
     * Checks a number.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public static void checkValue(Limit limit, long value) {
      if (value < 0) {
        throw new IllegalArgumentException(value + " is not a limit of " + limit.what());
      }
    }

    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.setLimit(this);
    }
  }

  /**
   * Removes capabilities for good.
   *
   * @param capabilities which; those unknown to the kernel are passed over
   */
  record DropCapabilities(Set<Capability> capabilities) implements KernelStep {
    /** Copies the set. */
    public DropCapabilities {
      EnumSet<Capability> copy = EnumSet.noneOf(Capability.class);
      copy.addAll(capabilities);
      capabilities = Collections.unmodifiableSet(copy);
    }

    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.dropCapabilities(this);
    }
  }

  /**
   * Sets supplementary groups, group and user, in this order.
   *
   * @param identity who to be
   */
  record SetIdentity(Identity identity) implements KernelStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.setIdentity(this);
    }
  }

  /**
   * Compares the directory with the caller's, unless it is another one because that is missing. As
   * the user who runs the command, since it is told only if they may write to one of the two.
   *
   * @param mustBeSame whether another directory of the same pathname is refused
   */
  record CompareWorkingDirectory(boolean mustBeSame) implements KernelStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.compareWorkingDirectory(this);
    }
  }

  /** Lets no later program gain privileges. */
  record NoNewPrivileges() implements KernelStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.noNewPrivileges(this);
    }
  }

  /**
   * Marks every other descriptor close-on-exec.
   *
   * @param descriptors those that the command is to have
   */
  record KeepDescriptors(Set<Integer> descriptors) implements KernelStep {
    /**
     * Copies the set, in ascending order.
     *
     * @throws IllegalArgumentException if one is negative
     */
    public KeepDescriptors {
      descriptors = Caller.checkedDescriptors(descriptors);
    }

    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.keepDescriptors(this);
    }
  }

  /**
   * Gives back the signal mask and the ignored signals of the caller.
   *
   * @param signals both
   */
  record RestoreSignals(Signals signals) implements KernelStep {
    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.restoreSignals(this);
    }
  }

  /**
   * Runs the first of some programs that is there.
   *
   * @param candidates the programs in order of preference, never empty
   * @param environment all entries of the environment, usually {@code NAME=VALUE}
   */
  record Execute(List<Candidate> candidates, List<OsString> environment) implements KernelStep {
    /** Copies the lists. */
    public Execute {
      candidates = List.copyOf(candidates);
      environment = List.copyOf(environment);
    }

    /**
     * A program to try.
     *
     * @param program its path in the image, absolute or relative to the current directory
     * @param arguments its arguments, {@code argv[0]} included
     */
    public record Candidate(OsString program, List<OsString> arguments) {
      /** Copies the list. */
      public Candidate {
        arguments = List.copyOf(arguments);
      }
    }

    @Override
    public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
      return visitor.execute(this);
    }
  }

  /**
   * Has one method for each kind of step, so that nobody who walks a plan can overlook one.
   *
   * @param <R> what the methods return
   * @param <X> what they throw
   */
  interface Visitor<R, X extends Exception> {
    /** Visits {@link EnterUserNamespace}. */
    R enterUserNamespace(EnterUserNamespace step) throws X;

    /** Visits {@link EnterMountNamespace}. */
    R enterMountNamespace(EnterMountNamespace step) throws X;

    /** Visits {@link OpenWorkingDirectory}. */
    R openWorkingDirectory(OpenWorkingDirectory step) throws X;

    /** Visits {@link MountImageFile}. */
    R mountImageFile(MountImageFile step) throws X;

    /** Visits {@link OpenRoot}. */
    R openRoot(OpenRoot step) throws X;

    /** Visits {@link MountRoot}. */
    R mountRoot(MountRoot step) throws X;

    /** Visits {@link Mount}. */
    R mount(Mount step) throws X;

    /** Visits {@link Unmount}. */
    R unmount(Unmount step) throws X;

    /** Visits {@link EnterRoot}. */
    R enterRoot(EnterRoot step) throws X;

    /** Visits {@link ChangeDirectory}. */
    R changeDirectory(ChangeDirectory step) throws X;

    /** Visits {@link SetPersonality}. */
    R setPersonality(SetPersonality step) throws X;

    /** Visits {@link SetLimit}. */
    R setLimit(SetLimit step) throws X;

    /** Visits {@link DropCapabilities}. */
    R dropCapabilities(DropCapabilities step) throws X;

    /** Visits {@link SetIdentity}. */
    R setIdentity(SetIdentity step) throws X;

    /** Visits {@link CompareWorkingDirectory}. */
    R compareWorkingDirectory(CompareWorkingDirectory step) throws X;

    /** Visits {@link NoNewPrivileges}. */
    R noNewPrivileges(NoNewPrivileges step) throws X;

    /** Visits {@link KeepDescriptors}. */
    R keepDescriptors(KeepDescriptors step) throws X;

    /** Visits {@link RestoreSignals}. */
    R restoreSignals(RestoreSignals step) throws X;

    /** Visits {@link Execute}. */
    R execute(Execute step) throws X;
  }
}
