// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.syschroot.image.Image;
import org.syschroot.image.LauncherKind;
import org.syschroot.kernel.Accounts;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.HostPath;
import org.syschroot.path.UntrustedException;

/**
 * What became of a launcher. Immutable.
 *
 * @param path its place
 * @param state what is there
 * @param detail more about it for people to read, empty if there is nothing to say
 */
public record LauncherStatus(HostPath path, State state, String detail) {
  /** What is at a launcher's place. */
  public enum State {
    /** What the configuration wants. */
    LINKED,
    /** Nothing. */
    MISSING,
    /** A launcher, but not the one that would be written now. */
    OUTDATED,
    /** Something that is not a launcher of this image. */
    FOREIGN,
    /** Something that cannot be compared, for lack of a right to read it. */
    UNKNOWN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Compares all launchers of an image's configuration with what it wants; none if it has none. */
  public static List<LauncherStatus> configured(LauncherHost host, Image image) throws IOException {
    List<LauncherStatus> launchers = new ArrayList<>();
    for (Launcher launcher : Launcher.configured(image)) {
      launchers.add(of(host, launcher));
    }
    return launchers;
  }

  /** Compares a launcher with what the configuration wants. */
  public static LauncherStatus of(LauncherHost host, Launcher launcher) throws IOException {
    try {
      LauncherFile there = LauncherFile.read(host.kernel(), launcher.path());
      if (!there.plan().image().equals(launcher.image().name())) {
        return is(launcher, State.FOREIGN, "a launcher of " + there.plan().image());
      }
      String difference = difference(host, launcher, there);
      return is(launcher, difference.isEmpty() ? State.LINKED : State.OUTDATED, difference);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return is(launcher, State.MISSING, "");
      }
      return is(launcher, State.UNKNOWN, e.getMessage());
    } catch (LauncherException e) {
      return is(launcher, State.FOREIGN, e.getMessage());
    }
  }

  private static LauncherStatus is(Launcher launcher, State state, String detail) {
    return new LauncherStatus(launcher.path(), state, detail);
  }

  private static String difference(LauncherHost host, Launcher launcher, LauncherFile there)
      throws IOException {
    Kernel kernel = host.kernel();
    LaunchPlan wanted;
    try (ImagePrograms files = host.files(launcher.image())) {
      wanted =
          launcher
              .of(there)
              .plan(
                  host,
                  launcher.program(files),
                  Launcher.proof(host, launcher.image(), launcher.of(there).kind()),
                  there.plan().privilege());
    } catch (LauncherException | UntrustedException e) {
      return String.valueOf(e.getMessage());
    }
    if (!there.intact()) {
      return "the file is damaged or was modified";
    }
    if (!there.plan().proof().tree().equals(wanted.proof().tree())) {
      return "the root directory of the image has been replaced; create it again: syschroot link "
          + launcher.image().name();
    }
    if (!there.plan().proof().callersRoot().equals(wanted.proof().callersRoot())) {
      return "the root directory of the host has been replaced; create it again: syschroot link "
          + launcher.image().name();
    }
    if (!there.isUpToDate(wanted)) {
      return "the settings have changed; create it again: syschroot link "
          + launcher.image().name();
    }
    if (!there.hasItsPrivilege()) {
      return "it lacks its capability, owner or mode; create it again: syschroot link "
          + launcher.image().name();
    }
    if (there.plan().kind() == LauncherKind.ROOTLESS) {
      return ""; // what it does its caller can do without it
    }
    if (!LauncherAccess.of(launcher.image(), Accounts.ofHost())
        .isSetOn(kernel, launcher.path(), there.plan().privilege())) {
      return "its permissions differ from users and groups in the settings; create it again:"
          + " syschroot link";
    }
    return "";
  }
}
