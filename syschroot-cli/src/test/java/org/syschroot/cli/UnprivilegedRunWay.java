// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An ordinary user calls {@code syschroot run}, and has no privilege before, meanwhile or inside.
 */
record UnprivilegedRunWay(RunWay run) implements WayIn {
  private static final String NOBODY = "65534";

  @Override
  public List<String> environment() {
    return run.environment();
  }

  @Override
  public List<String> words(List<String> command, Path directory)
      throws IOException, InterruptedException {
    return run.words(command, directory);
  }

  @Override
  public List<String> nativeWords(List<String> command, Path directory) {
    return run.nativeWords(command, directory);
  }

  @Override
  public List<String> environmentWords(Path directory) throws IOException, InterruptedException {
    return run.environmentWords(directory);
  }

  @Override
  public Program starting(Driver driver, List<String> words, Path directory) throws IOException {
    return driver.line("user " + NOBODY + " " + NOBODY).starting(words, directory);
  }

  /**
   * In a user namespace other groups than the own have no number, though they count, and the first
   * process has all privileges, of which the command can get none.
   */
  @Override
  public void toInside(Map<String, String> facts) {
    facts.put("CapBnd", "000001ffffffffff");
    facts.computeIfPresent("Groups", (key, groups) -> groups.replaceAll("[0-9]+", NOBODY));
  }

  @Override
  public boolean hasUserNamespace() {
    return true;
  }

  @Override
  public boolean needsNoNewPrivilege() {
    return false;
  }

  @Override
  public long signalsNotKept() {
    return run.signalsNotKept();
  }

  @Override
  public String toString() {
    return "run, " + run.java() + ", an ordinary user";
  }
}
