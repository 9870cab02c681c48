// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;
import org.syschroot.testing.BusyboxImage;

/**
 * A site with the image {@code tiny}, its launcher, and trees to update it from, each of which says
 * which version it is. For tests in a mount namespace of their own.
 */
final class VersionsSite {
  final TestSite site;
  final Path folder;
  final Path root;
  final Path versions;
  final Path launcher;

  VersionsSite() throws IOException, InterruptedException {
    site = TestSite.empty();
    folder = site.directory();
    Files.createDirectory(folder.resolve("bin"));
    root = tree("tiny", 1);
    versions = folder.resolve("tiny.versions");
    launcher = folder.resolve("bin/tiny");
    site.image(
        "tiny",
        "root = \""
            + root
            + "\"\nmounts = [\"/dev\", \""
            + Files.createDirectory(folder.resolve("data"))
            + ":/tmp\"]\ncwd = \"root\"\n[launchers]\ndirectory = \""
            + folder.resolve("bin")
            + "\"\n");
  }

  /** Unmounts and deletes all of it. */
  void remove() throws IOException, InterruptedException {
    syschroot("umount", "tiny");
    syschroot("prune", "--keep", "0");
    // What is mounted there would be deleted too.
    assertThat(MountSite.table()).doesNotContain(folder.toString());
    MountSite.host(
        "sh",
        "-c",
        "cd \"$1\" && rm -rf bin tiny* source* *.gz small elsewhere shared data",
        "sh",
        folder.toString());
    site.close();
  }

  /** Makes a tree of which two files say which version it is. */
  Path tree(String name, int number) throws IOException {
    Path tree = BusyboxImage.tree(folder, name);
    Files.createDirectories(tree.resolve("dev"));
    Files.createDirectories(tree.resolve("tmp"));
    Files.writeString(tree.resolve("first"), number + "\n");
    Files.writeString(tree.resolve("last"), number + "\n");
    return tree;
  }

  /** Returns the tree that {@link #update} takes, made if it is not there yet. */
  Path source(int number) throws IOException {
    Path source = folder.resolve("source" + number);
    return Files.exists(source) ? source : tree("source" + number, number);
  }

  /** Returns the words of {@code syschroot COMMAND --config ... WORDS}. */
  List<String> words(String command, String... words) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of(TestImages.command().toString(), command, "--config", folder.toString()));
    all.addAll(List.of(words));
    return all;
  }

  /** Runs a command with this site's configuration. */
  Outcome syschroot(String command, String... words) throws IOException, InterruptedException {
    return Program.of(words(command, words)).run();
  }

  /** Runs a command, which must succeed, and returns its standard output. */
  String must(String command, String... words) throws IOException, InterruptedException {
    Outcome outcome = syschroot(command, words);
    assertThat(outcome.status()).as("%s %s: %s", command, List.of(words), outcome).isZero();
    return outcome.outText();
  }

  /** Updates the image from the source of a number. */
  String update(int number) throws IOException, InterruptedException {
    return must("update", "tiny", "--from", source(number).toString());
  }

  /** Returns what both files of the image's tree say, as a command in it reads them. */
  String version() throws IOException, InterruptedException {
    return must("run", "tiny", "--", "/bin/sh", "-c", "cat /first /last").replace("\n", "");
  }

  /** Runs a script in the image by its launcher, as an ordinary user. */
  Outcome job(String script) throws IOException, InterruptedException {
    return job(launcher, script);
  }

  /** Runs a script by another launcher, as an ordinary user. */
  static Outcome job(Path launcher, String script) throws IOException, InterruptedException {
    return Program.of(
            "setpriv",
            "--reuid=65533",
            "--regid=65533",
            "--clear-groups",
            launcher.toString(),
            "-c",
            script)
        .in(Path.of("/"))
        .run();
  }

  /** Returns the names in the directory of versions. */
  List<String> stored() throws IOException {
    return stored(versions);
  }

  /** Returns the names in another directory of versions. */
  static List<String> stored(Path versions) throws IOException {
    try (Stream<Path> files = Files.list(versions)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
