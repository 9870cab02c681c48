// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.upkeep;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.image.LauncherKind;
import org.syschroot.kernel.Accounts;
import org.syschroot.launcher.ClosedDirectory;
import org.syschroot.launcher.Launcher;
import org.syschroot.launcher.LauncherHost;
import org.syschroot.launcher.LauncherStatus;
import org.syschroot.path.UntrustedException;

/** Configured launchers that are missing, outdated or something else's. */
public final class LauncherStates implements Check {
  private final LauncherHost host;

  public LauncherStates(LauncherHost host) {
    this.host = host;
  }

  @Override
  public List<Finding> examine(Examination examination) throws IOException {
    List<Finding> findings = new ArrayList<>();
    if (examination.image().launchers().isPresent()) {
      addSharedDirectory(examination, findings);
      addClosedDirectories(examination, findings);
    }
    for (LauncherStatus launcher : LauncherStatus.configured(host, examination.image())) {
      switch (launcher.state()) {
        case LINKED -> {}
        case MISSING ->
            findings.add(
                finding(Finding.error("launcher-missing"), examination, launcher)
                    .effect("users cannot use this launcher: command not found (exit status 127)")
                    .cause("the launcher is configured, but does not exist")
                    .build());
        case OUTDATED ->
            findings.add(
                finding(Finding.error("launcher-outdated"), examination, launcher)
                    .effect("the launcher uses earlier settings, or fails: Operation not permitted")
                    .cause(launcher.detail())
                    .build());
        case FOREIGN ->
            findings.add(
                finding(Finding.error("launcher-foreign"), examination, launcher)
                    .effect("this file does not enter the image")
                    .cause("it is " + launcher.detail())
                    .remedy(
                        "check what this file is, move it away, then: syschroot link "
                            + examination.image().name())
                    .build());
        case UNKNOWN ->
            findings.add(
                finding(Finding.notice("launcher-unknown"), examination, launcher)
                    .effect("could not check whether the launcher is current")
                    .cause(launcher.detail())
                    .remedy("run as root: syschroot doctor")
                    .build());
        default -> throw new IllegalStateException(launcher.state().toString());
      }
    }
    return findings;
  }

  /** What {@code link} refuses, and what was linked before it did. */
  private void addSharedDirectory(Examination examination, List<Finding> findings)
      throws IOException {
    try {
      Launcher.proof(host, examination.image(), Launcher.configuredKind(examination.image()));
    } catch (UntrustedException e) {
      findings.add(
          Finding.error("launcher-root")
              .effect(
                  "link creates no launcher for the image: users could have a directory of the same"
                      + " name inside an image")
              .cause(e.getMessage())
              .remedy(
                  "move the image below directories that only root can modify, then: syschroot"
                      + " link "
                      + examination.image().name())
              .path(examination.image().root().toString())
              .build());
    }
  }

  /** As {@code link} says it. */
  private static void addClosedDirectories(Examination examination, List<Finding> findings)
      throws IOException {
    if (Launcher.configuredKind(examination.image()) == LauncherKind.ROOTLESS) {
      return;
    }
    for (ClosedDirectory closed : ClosedDirectory.of(examination.image(), Accounts.ofHost())) {
      findings.add(
          Finding.warning("launcher-root-closed")
              .effect(closed.effect())
              .cause("a launcher has the rights of its caller, and others may not search it")
              .remedy(closed.remedy())
              .path(closed.path().toString())
              .build());
    }
  }

  private static Finding.Builder finding(
      Finding.Builder finding, Examination examination, LauncherStatus launcher) {
    return finding
        .remedy("syschroot link " + examination.image().name())
        .path(launcher.path().toString());
  }
}
