// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Root calls {@code syschroot run}, by some Java, and stays root or becomes nobody. */
record RunWay(TestSite site, JavaRuntime java, boolean asNobody) implements WayIn {
  private static final String NOBODY = "65534\t65534\t65534\t65534";

  @Override
  public List<String> environment() {
    return List.of("PATH=/usr/bin:/bin", "JAVA_HOME=" + java.home());
  }

  @Override
  public List<String> words(List<String> command, Path directory)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>();
    if (asNobody) {
      words.addAll(List.of("--user", "nobody"));
    }
    words.addAll(List.of(TestImages.DEB32, "--"));
    words.addAll(command);
    return site.with(java).words(words.toArray(String[]::new));
  }

  @Override
  public List<String> nativeWords(List<String> command, Path directory) {
    return command;
  }

  @Override
  public List<String> environmentWords(Path directory) throws IOException, InterruptedException {
    return words(List.of("/bin/cat", "/proc/self/environ"), directory);
  }

  @Override
  public Program starting(Driver driver, List<String> words, Path directory) throws IOException {
    return driver.starting(words, directory);
  }

  @Override
  public void toInside(Map<String, String> facts) {
    if (asNobody) {
      facts.put("Uid", NOBODY);
      facts.put("Gid", NOBODY);
      facts.put("Groups", "65534 ");
      List.of("CapPrm", "CapEff").forEach(set -> facts.put(set, "0000000000000000"));
    }
  }

  @Override
  public boolean needsNoNewPrivilege() {
    return false;
  }

  /**
   * Perl gives SIGCHLD its default back before it runs anything, so the start script can't know.
   */
  @Override
  public long signalsNotKept() {
    return CHILD_SIGNAL;
  }

  @Override
  public String toString() {
    return "run, " + java + (asNobody ? ", nobody" : ", root");
  }
}
