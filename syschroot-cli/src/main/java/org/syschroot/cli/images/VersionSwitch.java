// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.FailureMessages;
import org.syschroot.cli.frame.Renewals;
import org.syschroot.cli.frame.Site;
import org.syschroot.image.Image;
import org.syschroot.images.version.Version;
import org.syschroot.images.version.VersionStore;
import org.syschroot.launcher.Launcher;
import org.syschroot.launcher.LauncherFile;
import org.syschroot.launcher.LauncherStatus;
import org.syschroot.mounts.ImageFiles;
import org.syschroot.mounts.ImageLaunchers;
import org.syschroot.mounts.ImageMounts;
import org.syschroot.mounts.MountListener;

/**
 * Makes another version of an image the current one: with its mounts, if the image is mounted,
 * before anybody can enter it.
 */
final class VersionSwitch {
  private static final int ROOT = 0;

  private final Console console;
  private final Site site;
  private final Image image;
  private final VersionStore store;

  VersionSwitch(Console console, Site site, Image image, VersionStore store) {
    this.console = console;
    this.site = site;
    this.image = image;
    this.store = store;
  }

  /** Brings launchers up to date, which must be of the kind that a switch does not stop. */
  void renewLaunchers() {
    try {
      for (Launcher launcher : Launcher.configured(image)) {
        LauncherStatus status = LauncherStatus.of(site.access(), launcher);
        if (status.state() == LauncherStatus.State.OUTDATED) {
          LauncherFile there = LauncherFile.read(site.kernel(), launcher.path());
          new ImageLaunchers(site.access())
              .write(
                  image, List.of(launcher), there.plan().privilege(), (link, program, files) -> {});
          console.detail(image.name() + ": created " + launcher.path() + " anew");
        }
      }
    } catch (IOException e) {
      console.notice(image.name() + ": launchers are outdated: " + FailureMessages.of(e));
      console.hint("syschroot link " + image.name());
    }
  }

  /**
   * Switches.
   *
   * @throws IOException if what is mounted in the image cannot be mounted in the version; then
   *     nothing has changed
   */
  void to(Version version) throws IOException {
    Version before = store.current();
    Image next = image.in(store.place(version));
    new Renewals(site, console).renewIfPossible(next);
    try {
      prepareMounts(next);
      store.makeCurrent(version);
    } catch (IOException e) {
      takeDown(version);
      throw e;
    }
    renewLaunchers();
    if (store.user(before).isEmpty()) {
      takeDown(before);
    }
  }

  private void prepareMounts(Image next) throws IOException {
    if (site.effectiveUid() != ROOT) {
      return;
    }
    boolean mounted;
    try (ImageMounts mounts = site.mounts(image)) {
      mounted = !mounts.own().isEmpty();
    }
    if (mounted) {
      try (ImageMounts mounts = site.mounts(next)) {
        mounts.up(MountListener.NONE);
      }
    } else if (image.launchers().isPresent()) {
      try (ImageFiles files = site.access().files(next)) {
        files.makeMountPoints(site.access().syschroot().site().mountsOf(next).mounts());
      }
    }
  }

  /** Unmounts what is mounted in a version that is not the current one, if nobody uses it. */
  void takeDown(Version version) throws IOException {
    if (site.effectiveUid() != ROOT) {
      return;
    }
    try (ImageMounts mounts = site.mounts(image.in(store.place(version)))) {
      mounts.down(false, MountListener.NONE);
    } catch (IOException e) {
      console.detail(
          image.name() + ": mounts of version " + version.number() + " stay: " + e.getMessage());
    }
  }

  /** Removes a version, or says who uses it. */
  boolean removeIfUnused(Version version) throws IOException {
    Optional<String> user = store.user(version);
    if (user.isPresent()) {
      console.notice(
          image.name() + ": version " + version.number() + " stays: in use by " + user.get());
      return false;
    }
    takeDown(version);
    try {
      store.remove(version);
      return true;
    } catch (org.syschroot.mounts.MountException e) {
      console.notice(image.name() + ": version " + version.number() + " stays: " + e.getMessage());
      return false;
    }
  }
}
