// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A further {@code syschroot run} of the same, for which there is no Java any more: what an earlier
 * one has left does without.
 */
final class CachedRunWay implements WayIn {
  private static final String JAVA_HOME = "JAVA_HOME=";

  private final WayIn run;
  private final JavaRuntime java;
  private final Path home;
  private final Path runtime;

  private CachedRunWay(WayIn run, JavaRuntime java, Path home, Path runtime) {
    this.run = run;
    this.java = java;
    this.home = home;
    this.runtime = runtime;
  }

  /**
   * Creates the way.
   *
   * @param uid the user who calls
   * @param directory where a home for the Java and the user's runtime directory are made
   */
  static CachedRunWay of(WayIn run, JavaRuntime java, int uid, Path directory) throws IOException {
    Path home = Files.createDirectory(directory.resolve("java" + uid));
    Files.createSymbolicLink(home.resolve("lib"), java.home().resolve("lib"));
    Files.createSymbolicLink(home.resolve("release"), java.home().resolve("release"));
    Path runtime = Files.createDirectory(directory.resolve("runtime" + uid));
    Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
    Files.setAttribute(runtime, "unix:uid", uid);
    return new CachedRunWay(run, java, home, runtime);
  }

  /** Removes what {@link #of} has made, and what was cached in it. */
  void remove() throws IOException, InterruptedException {
    Program.of("rm", "-rf", "--one-file-system", home.toString(), runtime.toString()).run();
  }

  @Override
  public List<String> environment() {
    List<String> all = new ArrayList<>();
    for (String entry : run.environment()) {
      all.add(entry.startsWith(JAVA_HOME) ? JAVA_HOME + home : entry);
    }
    all.add("XDG_RUNTIME_DIR=" + runtime);
    return all;
  }

  @Override
  public List<String> words(List<String> command, Path directory)
      throws IOException, InterruptedException {
    return cached(run.words(command, directory));
  }

  private static List<String> cached(List<String> words) {
    List<String> all = new ArrayList<>(words);
    all.remove(TestSite.NO_CACHE);
    return all;
  }

  @Override
  public List<String> nativeWords(List<String> command, Path directory) throws IOException {
    return run.nativeWords(command, directory);
  }

  @Override
  public List<String> environmentWords(Path directory) throws IOException, InterruptedException {
    return cached(run.environmentWords(directory));
  }

  @Override
  public Program starting(Driver driver, List<String> words, Path directory) throws IOException {
    Program first = run.starting(driver, words, directory);
    if (!words.get(0).equals(TestImages.command().toString())) {
      return first;
    }
    Path programs = home.resolve("bin");
    try {
      Files.createSymbolicLink(programs, java.home().resolve("bin"));
      try {
        first.run();
      } finally {
        Files.delete(programs);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return driver.starting(words, directory);
  }

  @Override
  public void toInside(Map<String, String> facts) {
    run.toInside(facts);
  }

  @Override
  public boolean hasUserNamespace() {
    return run.hasUserNamespace();
  }

  @Override
  public boolean needsNoNewPrivilege() {
    return run.needsNoNewPrivilege();
  }

  @Override
  public long signalsNotKept() {
    return run.signalsNotKept();
  }

  @Override
  public String toString() {
    return "cached " + run;
  }
}
