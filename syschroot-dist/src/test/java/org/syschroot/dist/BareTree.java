// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.dist.Shell.run;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A Debian with a Java runtime and nothing else, to install in. It is made once and kept beneath
 * the checkout; what a test does to it goes into a layer above. To be used in a thread with a mount
 * namespace of its own, with which all mounts vanish.
 */
final class BareTree {
  private static final Path KEPT =
      Path.of(System.getProperty("syschroot.tests.checkout"), "target/test-images");
  // What apt and dpkg change whenever they run.
  private static final String CHANGES_ANYWAY =
      "./(proc|sys|dev|tmp|var/log|var/cache/apt|var/cache/ldconfig|var/cache/debconf|var/lib/apt"
          + "|var/lib/dpkg/(?!info)).*";

  private final Path root;

  private BareTree(Path root) {
    this.root = root;
  }

  /** Mounts a fresh one. */
  static BareTree in(Path folder) throws IOException, InterruptedException {
    return above(kept().toString(), folder);
  }

  /** Mounts a fresh one that has dnf, rpm and what makes repositories. */
  static BareTree withDnf(Path folder) throws IOException, InterruptedException {
    Path bare = kept();
    return above(keptLayerWithDnf(bare) + ":" + bare, folder);
  }

  private static BareTree above(String lower, Path folder)
      throws IOException, InterruptedException {
    Path upper = Files.createDirectory(folder.resolve("upper"));
    Path work = Files.createDirectory(folder.resolve("work"));
    Path root = Files.createDirectory(folder.resolve("root"));
    run(
        "mount",
        "-t",
        "overlay",
        "overlay",
        "-o",
        "lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + work,
        root.toString());
    mountSystem(root);
    return new BareTree(root);
  }

  private static void mountSystem(Path root) throws IOException, InterruptedException {
    run("mount", "-t", "proc", "proc", root.resolve("proc").toString());
    run("mount", "--rbind", "/dev", root.resolve("dev").toString());
    run("mount", "-t", "tmpfs", "tmpfs", root.resolve("tmp").toString());
  }

  private interface Making {
    void make(Path directory) throws IOException, InterruptedException;
  }

  private static Path kept() throws IOException, InterruptedException {
    return kept("jre", BareTree::make);
  }

  private static Path keptLayerWithDnf(Path bare) throws IOException, InterruptedException {
    return kept("jre-dnf", layer -> install(bare, layer, "dnf", "rpm", "createrepo-c"));
  }

  private static Path kept(String name, Making making) throws IOException, InterruptedException {
    Files.createDirectories(KEPT);
    Path root = KEPT.resolve(name);
    Path complete = KEPT.resolve(name + ".complete");
    Path locked = KEPT.resolve(name + ".lock");
    try (RandomAccessFile file = new RandomAccessFile(locked.toFile(), "rw");
        FileLock lock = file.getChannel().lock()) {
      if (lock.isValid() && !Files.exists(complete)) {
        if (Files.exists(root)) {
          run("rm", "-rf", "--one-file-system", root.toString());
        }
        making.make(root);
        Files.createFile(complete);
      }
    }
    return root;
  }

  /** Installs packages into a layer above a tree. */
  private static void install(Path tree, Path layer, String... packages)
      throws IOException, InterruptedException {
    Path work = KEPT.resolve(layer.getFileName() + ".work");
    Files.createDirectories(layer);
    Files.createDirectories(work);
    String script =
        """
        mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$3" /mnt
        cd /mnt
        mount -t proc proc proc
        mount --rbind /dev dev
        mount -t tmpfs tmpfs tmp
        cp /etc/resolv.conf etc
        shift 3
        chroot . apt-get -q update
        chroot . apt-get -q -y --no-install-recommends install "$@"
        chroot . apt-get clean
        """;
    List<String> words = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private"));
    words.addAll(List.of("sh", "-ec", script, "sh"));
    words.addAll(List.of(tree.toString(), layer.toString(), work.toString()));
    words.addAll(List.of(packages));
    run(words.toArray(new String[0]));
    run("rm", "-rf", "--one-file-system", work.toString());
  }

  /** The archive is the one that this machine's apt uses, with apt's own configuration. */
  private static void make(Path root) throws IOException, InterruptedException {
    String checkout = System.getProperty("syschroot.tests.checkout");
    Path config = Files.createTempDirectory("syschroot-jre");
    try {
      run(
          checkout + "/syschroot",
          "create",
          "jre",
          "--root",
          root.toString(),
          "--debootstrap",
          "bookworm",
          "--config",
          config.toString());
    } finally {
      run("rm", "-r", config.toString());
    }
    // The mounts are those of a namespace of these commands.
    run(
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "sh",
        "-ec",
        """
        cd "$1"
        cp -r /etc/apt/. etc/apt
        cp -r /usr/share/keyrings/. usr/share/keyrings
        cp /etc/resolv.conf etc
        mount -t proc proc proc
        mount --rbind /dev dev
        mount -t tmpfs tmpfs tmp
        printf '#!/bin/sh\\nexit 101\\n' > usr/sbin/policy-rc.d
        chmod 755 usr/sbin/policy-rc.d
        chroot . apt-get -q update
        chroot . apt-get -q -y --no-install-recommends install default-jre-headless
        chroot . apt-get clean
        """,
        "sh",
        root.toString());
  }

  Path resolve(String path) {
    return root.resolve(path);
  }

  /** Runs a program of the tree, which must succeed. */
  String chroot(String... words) throws IOException, InterruptedException {
    return run(command(words));
  }

  Shell.Outcome outcome(String... words) throws IOException, InterruptedException {
    return Shell.outcome(command(words));
  }

  /** Runs a program by pivot_root(2): who is there by chroot(2) gets no user namespace. */
  Shell.Outcome outcomeInOwnRoot(String... words) throws IOException, InterruptedException {
    String script =
        "cd \"$1\" && mkdir old && pivot_root . old && umount -l old && rmdir old && shift"
            + " && exec chroot . \"$@\"";
    List<String> all = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private"));
    all.addAll(List.of("sh", "-c", script, "sh", root.toString()));
    all.addAll(List.of(words));
    return Shell.outcome(all.toArray(new String[0]));
  }

  private String[] command(String... words) {
    List<String> all = new ArrayList<>(List.of("chroot", root.toString()));
    all.addAll(List.of(words));
    return all.toArray(new String[0]);
  }

  /** Makes an image in which something is mounted, and a launcher for it. */
  void useAnImage() throws IOException, InterruptedException {
    chroot("syschroot", "create", "tiny", "--root", "/srv/tiny", "--from-host", "sh");
    Path settings = resolve("etc/syschroot/images.d/tiny.toml");
    Files.writeString(
        settings, Files.readString(settings) + "\n[launchers]\ndirectory = \"/usr/local/bin\"\n");
    chroot("syschroot", "mount", "tiny");
    chroot("syschroot", "link", "--all");
  }

  /** Checks what the removal of a package says after {@link #useAnImage}. */
  static void assertTellsWhatStays(String output) {
    assertThat(output)
        .containsPattern("these mounts stay until the machine restarts:\n    tiny +mounted +\\S+")
        .contains("before you remove it: syschroot umount --all\n")
        .containsPattern(
            "these launchers stay, .*:\n    tiny +linked +/usr/local/bin/tiny\nhint: delete")
        .contains("before you remove it: syschroot unlink IMAGE\n");
  }

  /** Returns all files with their kind, mode and owner, apart from what changes anyway. */
  TreeSet<String> files() throws IOException, InterruptedException {
    return run(
            "sh",
            "-c",
            "cd \"$1\" && find . -xdev -printf '%p %y%m %u:%g %l\\n'",
            "sh",
            root.toString())
        .lines()
        .filter(line -> !line.matches(CHANGES_ANYWAY))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
