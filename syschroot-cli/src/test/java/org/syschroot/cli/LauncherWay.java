// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Root or an ordinary user calls a launcher, with the mounts that it needs.
 *
 * @param form what is called
 */
record LauncherWay(LauncherSite site, LauncherForm form, boolean asNobody) implements WayIn {
  private static final String NOBODY = "65534";

  @Override
  public List<String> environment() {
    return List.of("PATH=/usr/bin:/bin");
  }

  @Override
  public List<String> words(List<String> command, Path directory) throws IOException {
    return form.words(LauncherSite.BIN.toString(), command, directory);
  }

  @Override
  public List<String> nativeWords(List<String> command, Path directory) throws IOException {
    return form.isThroughAShell() ? form.words("/bin", command, directory) : command;
  }

  @Override
  public List<String> environmentWords(Path directory) throws IOException {
    return form.environmentWords(LauncherSite.BIN.toString(), directory);
  }

  @Override
  public Program starting(Driver driver, List<String> words, Path directory) throws IOException {
    if (asNobody) {
      driver.line("user " + NOBODY + " " + NOBODY);
    }
    return site.program(driver.words(words, directory));
  }

  @Override
  public void toInside(Map<String, String> facts) {
    // Whoever calls stays who they are. In a user namespace other groups than the own have no
    // number, though they count, and the first process has all privileges.
    if (site.isRootless()) {
      facts.put("CapBnd", "000001ffffffffff");
      facts.computeIfPresent("Groups", (key, groups) -> groups.replaceAll("[0-9]+", "65534"));
    }
  }

  @Override
  public boolean hasUserNamespace() {
    return site.isRootless();
  }

  /** A file's capabilities are worth nothing then; root has its own. */
  @Override
  public boolean needsNoNewPrivilege() {
    return asNobody && !site.isRootless();
  }

  /** Launchers keep them all; a shell has a handler for SIGCHLD, also on the native system. */
  @Override
  public long signalsNotKept() {
    return form.isThroughAShell() ? CHILD_SIGNAL : 0;
  }

  @Override
  public String toString() {
    return form + (asNobody ? ", nobody" : ", root");
  }
}
