// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.HostPath;
import org.syschroot.testing.ImageTree;

/**
 * A small image and a piece of native system beside it, with a configuration and the commands that
 * mount. To be used in a thread with a mount namespace of its own, which all that is started from
 * there shares. What is made here is in the folder of the test, which is deleted by a thread that
 * does not see the mounts.
 */
public final class MountSite implements AutoCloseable {
  /** What is mounted when the image {@code plain} is. */
  public static final List<String> PLAIN_UP = List.of("image/data", "image/home");

  public final Path directory;
  public final Path root;
  public final Path host;
  public final TestSite site;

  public MountSite(Path folder) throws IOException, InterruptedException {
    directory = folder.toRealPath();
    root = ImageTree.of(directory.resolve("image"), "dir data", "dir home", "dir etc");
    host =
        ImageTree.of(
            directory.resolve("host"), "file data/f of the host", "dir data/sub", "dir home/u");
    site = TestSite.empty();
  }

  /** Configures an image with mounts of {@code host}, written as {@code HOST}. */
  public void image(String name, Path imageRoot, String... mounts) throws IOException {
    StringBuilder list = new StringBuilder();
    for (String mount : mounts) {
      list.append('"').append(mount.replace("HOST", host.toString())).append("\", ");
    }
    site.image(name, "root = \"" + imageRoot + "\"\nmounts = [" + list + "]\ncwd = \"root\"\n");
  }

  /** Configures the image {@code plain}, the small one with two directories of the host. */
  public void plain() throws IOException {
    image("plain", root, "HOST/data:/data", "HOST/home:/home");
  }

  /** Returns what {@code status} says of one mount of {@code plain}. */
  public String plainLine(String state, String mount) {
    return String.format("plain        %-8s %s/%s", state, host, mount);
  }

  /** Returns what {@code status} says of {@code plain} when both mounts are in this state. */
  public String plainStatus(String state) {
    return plainLine(state, "data:/data\n") + plainLine(state, "home:/home\n");
  }

  /** Configures the image {@code deb}, which has programs. */
  public void deb32(String... mounts) throws IOException, InterruptedException {
    image("deb", TestImages.deb32(), mounts);
  }

  /** Returns the words of a command with this site's configuration. */
  public List<String> words(String command, String... words) {
    List<String> all = new ArrayList<>();
    all.add(TestImages.command().toString());
    all.add(command);
    if (command.equals("run")) {
      all.add(TestSite.NO_CACHE);
    }
    all.add("--config");
    all.add(site.directory().toString());
    all.addAll(List.of(words));
    return all;
  }

  /** Runs a command with this site's configuration. */
  public Outcome run(String command, String... words) throws IOException, InterruptedException {
    return Program.of(words(command, words)).run();
  }

  /** Runs a program of the native system, which must succeed. */
  public static Outcome host(String... words) throws IOException, InterruptedException {
    Outcome outcome = Program.of(words).run();
    assertThat(outcome.status()).as("%s: %s", List.of(words), outcome).isZero();
    return outcome;
  }

  public void tmpfs(String path) throws IOException, InterruptedException {
    host("mount", "-t", "tmpfs", "none", directory.resolve(path).toString());
  }

  public void unmount(String path) throws IOException, InterruptedException {
    host("umount", directory.resolve(path).toString());
  }

  /** Writes a Perl script of these tests into the folder. */
  public Path script(String name) throws IOException {
    Path file = directory.resolve(name);
    try (InputStream resource = MountSite.class.getResourceAsStream(name)) {
      Files.copy(resource, file);
    }
    return file;
  }

  /** Returns the targets in the folder, relative to it, in the order of mounting. */
  public List<String> mounted() throws IOException {
    return MountTable.read().beneath(HostPath.of(directory.toString())).stream()
        .map(MountEntry::target)
        .map(target -> directory.relativize(Path.of(target.toString())).toString())
        .toList();
  }

  /** Returns the mount table of this thread, as the kernel shows it. */
  public static String table() throws IOException {
    return Files.readString(Path.of("/proc/thread-self/mountinfo"));
  }

  /** The outcome of a command that succeeds and says this on standard output. */
  public static String success(String out) {
    return "status 0\nout: " + out + "\nerr: ";
  }

  @Override
  public void close() throws IOException {
    site.close();
  }
}
