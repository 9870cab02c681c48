// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;

/**
 * A configuration, the image {@code deb} in it if a test wants that, and a directory for launchers.
 * To be used in a thread with a mount namespace of its own, which all that is started from there
 * shares. Not thread-safe.
 */
final class LinkSite implements AutoCloseable {
  /** Only in this mount namespace; the image has an empty directory of this name. */
  static final Path MNT = Path.of("/mnt");

  static final Path BIN = MNT.resolve("bin4");

  final TestSite site;
  final Path root;

  /** Where users work: they may write to it, and the image has it too. */
  final Path work;

  private boolean mounted;

  LinkSite() throws IOException, InterruptedException {
    site = TestSite.empty();
    root = TestImages.deb32();
    work = Files.createTempDirectory(Path.of("/tmp"), "syschroot-link");
    Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxrwxrwx"));
    MountSite.host("mount", "-t", "tmpfs", "-o", "mode=755", "none", MNT.toString());
    Files.createDirectory(BIN);
  }

  /** Configures {@code deb} and mounts what belongs in it, until the site is closed. */
  void mount() throws IOException, InterruptedException {
    configure("");
    mounted = true;
    Outcome outcome = run("mount", "deb");
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }

  /** Configures {@code deb} with the standard mounts and more settings. */
  void configure(String more) throws IOException {
    String settings =
        "root = \"" + root + "\"\npersonality = \"linux32\"\nmounts = [\"standard\"]\n";
    site.image("deb", settings + more);
  }

  /** Runs a command with this site's configuration. */
  Outcome run(String command, String... words) throws IOException, InterruptedException {
    return Program.of(site.wordsOf(command, words)).run();
  }

  /** Links these programs of {@code deb}, or {@code deb} itself, into the directory. */
  Outcome link(String... names) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("deb", "--into", BIN.toString()));
    words.addAll(List.of(names));
    Outcome outcome = run("link", words.toArray(String[]::new));
    assertThat(outcome.status()).as("%s", outcome).isZero();
    return outcome;
  }

  /** Returns a program of an ordinary user, in a directory that the image has too. */
  Program as(String uid, String group, String... words) {
    List<String> all = new ArrayList<>(List.of("setpriv", "--reuid", uid, "--regid", "65534"));
    all.addAll(group.isEmpty() ? List.of("--clear-groups") : List.of("--groups", group));
    // setpriv itself still has its capabilities when it executes a program.
    all.add("env");
    all.addAll(List.of(words));
    return Program.of(all).in(work);
  }

  /** Runs a program of an ordinary user without supplementary groups. */
  Outcome user(String... words) throws IOException, InterruptedException {
    return as("65534", "", words).run();
  }

  /** Runs a program of an ordinary user, which must succeed and print only this. */
  void assertPrints(String out, String... words) throws IOException, InterruptedException {
    assertThat(user(words)).hasToString(MountSite.success(out));
  }

  @Override
  public void close() throws IOException {
    try {
      if (mounted) {
        run("umount", "deb");
      }
      MountSite.host("umount", MNT.toString());
      MountSite.host("rm", "-rf", root + "/mnt/bin4", work.toString());
    } catch (InterruptedException e) {
      throw new InterruptedIOException(work + " was not removed");
    }
    site.close();
  }
}
