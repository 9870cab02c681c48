// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A site with an ordinary user and a small tree of busybox and a few names of it, on a filesystem
 * of its own at {@code /mnt}. For tests in a mount namespace of their own.
 */
final class SmallTreeSite implements AutoCloseable {
  private final TestSite site;
  private final OrdinaryUser user;
  private final Path tree;

  private SmallTreeSite(TestSite site, OrdinaryUser user, Path tree) {
    this.site = site;
    this.user = user;
    this.tree = tree;
  }

  /**
   * Makes one.
   *
   * @param programs the names of busybox in the tree
   */
  static SmallTreeSite create(String... programs) throws IOException, InterruptedException {
    TestSite site = TestSite.empty();
    OrdinaryUser user = OrdinaryUser.create();
    succeed("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/mnt");
    return new SmallTreeSite(site, user, makeTree(Path.of("/mnt/tree"), programs));
  }

  /** Makes such a tree anywhere. */
  static Path makeTree(Path tree, String... programs) throws IOException, InterruptedException {
    Path bin = Files.createDirectories(tree.resolve("bin"));
    Files.createDirectory(tree.resolve("etc"));
    Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
    for (String name : programs) {
      Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
    }
    succeed("chmod", "-R", "go=rX", tree.toString());
    return tree;
  }

  OrdinaryUser user() {
    return user;
  }

  /** Returns the tree, {@code /mnt/tree}, which anybody can read. */
  Path tree() {
    return tree;
  }

  TestSite site() {
    return site;
  }

  /** Returns the words of {@code syschroot SUBCOMMAND --config ... WORDS}. */
  String[] syschroot(String subcommand, String... words) {
    return site.wordsOf(subcommand, words).toArray(String[]::new);
  }

  /** Runs a subcommand with this site's configuration. */
  Outcome run(String subcommand, String... words) throws IOException, InterruptedException {
    return Program.of(syschroot(subcommand, words)).run();
  }

  /** Runs a program of the host, which must succeed. */
  static Outcome succeed(String... words) throws IOException, InterruptedException {
    Outcome outcome = Program.of(words).run();
    assertThat(outcome.status()).as("%s: %s", List.of(words), outcome).isZero();
    return outcome;
  }

  /** Returns what is in a tree, with what shows whether anybody has written to it. */
  static List<String> content(Path tree) throws IOException {
    List<String> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted().toList()) {
        String change = "unix:mode,ctime,uid";
        all.add(file + " " + Files.readAttributes(file, change, LinkOption.NOFOLLOW_LINKS));
      }
    }
    return all;
  }

  @Override
  public void close() throws IOException {
    try {
      succeed("umount", "-l", "/mnt");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      user.close();
      site.close();
    }
  }
}
