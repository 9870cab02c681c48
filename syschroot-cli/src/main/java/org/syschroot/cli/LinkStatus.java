// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.syschroot.image.Image;
import org.syschroot.kernel.Accounts;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.launcher.LaunchPlan;
import org.syschroot.launcher.LauncherException;
import org.syschroot.launcher.LauncherFile;
import org.syschroot.mounts.ImageFiles;
import org.syschroot.path.HostPath;
import org.syschroot.trust.UntrustedException;

/**
 * What became of a launcher. Immutable.
 *
 * @param path its place
 * @param state what is there
 * @param detail more about it for people to read, empty if there is nothing to say
 */
record LinkStatus(HostPath path, State state, String detail) {
  /** What is at a launcher's place. */
  enum State {
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
  static List<LinkStatus> configured(Site site, Image image) throws IOException {
    List<LinkStatus> launchers = new ArrayList<>();
    if (image.launchers().isPresent()) {
      for (Link link : LinkOptions.configured(image)) {
        launchers.add(of(site, link));
      }
    }
    return launchers;
  }

  /** Compares a launcher with what the configuration wants. */
  static LinkStatus of(Site site, Link link) throws IOException {
    try {
      LauncherFile there = LauncherFile.read(site.kernel(), link.path());
      if (!there.plan().image().equals(link.image().name())) {
        return is(link, State.FOREIGN, "a launcher of " + there.plan().image());
      }
      String difference = difference(site, link, there);
      return is(link, difference.isEmpty() ? State.LINKED : State.OUTDATED, difference);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return is(link, State.MISSING, "");
      }
      return is(link, State.UNKNOWN, e.getMessage());
    } catch (LauncherException e) {
      return is(link, State.FOREIGN, e.getMessage());
    }
  }

  private static LinkStatus is(Link link, State state, String detail) {
    return new LinkStatus(link.path(), state, detail);
  }

  private static String difference(Site site, Link link, LauncherFile there) throws IOException {
    Kernel kernel = site.kernel();
    LaunchPlan wanted;
    try (ImageFiles files = ImageFiles.open(kernel, link.image().root(), site.effectiveUid())) {
      wanted =
          link.plan(
              link.program(files),
              Link.proof(site, link.image()),
              there.plan().privilege(),
              site.syschroot().site().hostState());
    } catch (LauncherException | UntrustedException e) {
      return e.getMessage();
    }
    if (!there.intact()) {
      return "not the bytes that its plan is compiled to";
    }
    if (!there.plan().proof().tree().equals(wanted.proof().tree())) {
      return "the root directory of the image has been replaced: link it again";
    }
    if (!there.plan().proof().callersRoot().equals(wanted.proof().callersRoot())) {
      return "the root directory of the host has been replaced: link it again";
    }
    if (!there.isUpToDate(wanted)) {
      return "the settings have changed: link it again";
    }
    if (!there.hasItsPrivilege()) {
      return "it does not have its capability, owner and mode: link it again";
    }
    if (!LinkAccess.of(link.image(), Accounts.ofHost())
        .isSetOn(kernel, link.path(), there.plan().privilege())) {
      return "others may execute it than the settings say: link it again";
    }
    return "";
  }
}
