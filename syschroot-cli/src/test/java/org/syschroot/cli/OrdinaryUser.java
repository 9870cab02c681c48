// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A user of the host who is not root, with a home directory of their own: made for a test, and
 * removed again. Needs useradd, userdel and runuser, and a test that runs as root.
 */
public final class OrdinaryUser implements AutoCloseable {
  private static final String PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

  private final String name;
  private final Path home;
  private final int uid;

  private OrdinaryUser(String name, Path home) throws IOException {
    this.name = name;
    this.home = home;
    this.uid = (Integer) Files.getAttribute(home, "unix:uid");
  }

  /**
   * Makes the user.
   *
   * @param groups supplementary groups that the host has
   */
  public static OrdinaryUser create(String... groups) throws IOException, InterruptedException {
    String name = "syschroot-it" + ThreadLocalRandom.current().nextInt(100_000, 1_000_000);
    Path home = Path.of("/home", name);
    List<String> words = new ArrayList<>(List.of("useradd", "--create-home", "-K", "UMASK=022"));
    if (groups.length > 0) {
      words.addAll(List.of("--groups", String.join(",", groups)));
    }
    words.addAll(List.of("--home-dir", home.toString(), "--shell", "/bin/sh", name));
    Outcome made = Program.of(words).run();
    assertThat(made.status()).as("%s", made).isZero();
    return new OrdinaryUser(name, home);
  }

  public String name() {
    return name;
  }

  public Path home() {
    return home;
  }

  public int uid() {
    return uid;
  }

  /** Returns where the user's own images are configured. */
  Path images() {
    return home.resolve(".config/syschroot/images.d");
  }

  /** Returns the words by which root runs a command as this user, with a login's variables. */
  public List<String> words(List<String> command) {
    List<String> all = new ArrayList<>(List.of("runuser", "-u", name, "--", "env", "-i"));
    all.addAll(List.of("PATH=" + PATH, "HOME=" + home, "USER=" + name, "SHELL=/bin/sh"));
    all.addAll(command);
    return all;
  }

  /** Returns a command of this user, in the home directory. */
  public Program program(String... command) {
    return Program.of(words(List.of(command))).in(home);
  }

  /** Returns {@code syschroot} with these words as this user, in the home directory. */
  Program syschroot(String... words) {
    List<String> all = new ArrayList<>(List.of(TestImages.command().toString()));
    all.addAll(List.of(words));
    return program(all.toArray(new String[0]));
  }

  /** Makes the image {@code mine} of some programs of the host, which must succeed. */
  Path createImage(String... programs) throws IOException, InterruptedException {
    Path root = home.resolve("mine");
    List<String> words = new ArrayList<>(List.of("create", "mine", "--root", root.toString()));
    words.add("--from-host");
    words.addAll(List.of(programs));
    Outcome made = syschroot(words.toArray(new String[0])).run();
    assertThat(made.status()).as("%s", made).isZero();
    return root;
  }

  /** Removes the user and the home directory, beneath which nothing may be mounted. */
  @Override
  public void close() throws IOException {
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(home.toString());
    try {
      Outcome removed = Program.of("userdel", "--remove", name).run();
      assertThat(removed.status()).as("%s", removed).isZero();
    } catch (InterruptedException e) {
      throw new InterruptedIOException(name + " was not removed");
    }
    assertThat(home).doesNotExist();
  }
}
