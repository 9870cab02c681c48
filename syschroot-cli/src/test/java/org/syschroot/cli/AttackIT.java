// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * Images that want {@code mount} to lead out of them. Whatever becomes of it, all that is mounted
 * is mounted in the image, and no file outside is made or changed.
 */
@InOwnMountNamespace
class AttackIT {
  @TempDir Path folder;
  private MountSite at;
  private Path victim;
  private List<String> outside;

  @BeforeEach
  void makeSite() throws Exception {
    at = new MountSite(folder);
    victim = ImageTree.of(at.directory.resolve("victim"), "file keep precious", "dir d");
    at.image("evil", at.root, "HOST/data:/x");
    outside = outside();
  }

  @AfterEach
  void removeSite() throws Exception {
    at.close();
  }

  /** The mounts that are not in the image, and the files beside it. */
  private List<String> outside() throws IOException {
    List<MountEntry> inImage = MountTable.read().beneath(HostPath.of(at.root.toString()));
    Stream<String> mounts =
        MountTable.read().entries().stream()
            .filter(entry -> !inImage.contains(entry))
            .map(MountEntry::toString);
    try (Stream<Path> files = Stream.concat(Files.walk(victim), Files.walk(at.host))) {
      return Stream.concat(mounts, files.map(AttackIT::line)).toList();
    }
  }

  private static String line(Path file) {
    try {
      return file
          + Files.readAttributes(file, "unix:ino,mode,size,ctime", LinkOption.NOFOLLOW_LINKS)
              .toString();
    } catch (IOException e) {
      return file + ": " + e;
    }
  }

  /** Mounts; takes it down again if that went well. */
  private Outcome attack() throws Exception {
    Outcome outcome = at.run("mount", "evil");
    assertThat(outside()).isEqualTo(outside);
    if (outcome.status() == 0) {
      assertThat(at.mounted()).isNotEmpty().allMatch(target -> target.startsWith("image/"));
      Outcome down = at.run("umount", "evil");
      assertThat(down.status()).as("%s", down).isZero();
    }
    assertThat(at.mounted()).isEmpty();
    assertThat(outside()).isEqualTo(outside);
    return outcome;
  }

  private void assertFails(String errno) throws Exception {
    Outcome outcome = attack();
    assertThat(outcome.errText())
        .startsWith("syschroot: evil: cannot mount " + at.host + "/data:/x")
        .contains(errno);
    assertThat(outcome.status()).isEqualTo(125);
  }

  private void makeInImage(Path path) {
    ImageTree.of(at.root, "dir " + path.toString().substring(1));
  }

  @Test
  void targetIsAbsoluteLink() throws Exception {
    ImageTree.of(at.root, "symlink x " + victim);
    assertFails("ENOENT");
    makeInImage(victim);
    assertThat(attack().status()).isZero();
  }

  @Test
  void targetIsRelativeLink() throws Exception {
    ImageTree.of(at.root, "symlink x " + "../".repeat(40) + victim.toString().substring(1));
    assertFails("ENOENT");
    makeInImage(victim);
    assertThat(attack().status()).isZero();
  }

  @Test
  void componentIsLink() throws Exception {
    at.image("evil", at.root, "HOST/data:/x/y/z");
    ImageTree.of(at.root, "dir x", "symlink x/y " + victim);
    assertFails("ENOENT");
    assertThat(victim.resolve("z")).doesNotExist();
    makeInImage(victim);
    assertThat(attack().status()).isZero();
    at.image("evil", at.root, "HOST/data:/x/rel/z");
    ImageTree.of(at.root, "symlink x/rel ../../victim", "dir victim");
    assertThat(attack().status()).isZero();
    assertThat(at.root.resolve("victim/z")).isDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/nowhere/at/all", "nowhere", "../../../nowhere"})
  void targetIsDanglingLink(String to) throws Exception {
    ImageTree.of(at.root, "symlink x " + to);
    assertFails("ENOENT");
    assertThat(at.root.resolve("nowhere")).doesNotExist();
    assertThat(Path.of("/nowhere")).doesNotExist();
  }

  @Test
  void targetIsLinkToItself() throws Exception {
    ImageTree.of(at.root, "symlink x x");
    assertFails("ELOOP");
  }

  @ParameterizedTest
  @ValueSource(strings = {"fifo x", "file x text"})
  void noDirectoryWhereOneShouldBe(String line) throws Exception {
    ImageTree.of(at.root, line);
    assertFails("ENOTDIR");
    at.image("evil", at.root, "HOST/data:/x/y");
    assertFails("ENOTDIR");
  }

  @ParameterizedTest
  @ValueSource(strings = {"proc", "dev", "sys", "tmp"})
  void standardDirectoryIsLink(String name) throws Exception {
    at.image("evil", at.root, "standard");
    ImageTree.of(at.root, "symlink " + name + " " + victim);
    assertThat(attack().status()).isEqualTo(125);
    Files.delete(at.root.resolve(name));
    ImageTree.of(at.root, "dir other", "symlink " + name + " /other");
    assertThat(attack().status()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/proc/self/root", "/proc/1/root", "/proc/self/cwd", "/proc/self/fd/0"})
  void targetLeadsThroughProc(String magic) throws Exception {
    at.image("evil", at.root, "/proc", "HOST/data:/x", "HOST/home:" + magic + "/d");
    ImageTree.of(at.root, "dir proc", "symlink x " + magic);
    assertThat(attack().status()).isEqualTo(125);
  }

  @Test
  void neighbourWithTheSameBeginning() throws Exception {
    ImageTree.of(at.host, "file data2/g other");
    outside = outside();
    at.image("evil", at.root, "HOST/data:/data", "HOST/data2:/data2", "HOST/home:/data2/new");
    assertThat(attack().errText()).contains("will not create /data2/new");
    at.image("evil", at.root, "HOST/data:/data", "HOST/data2:/data2");
    at.run("mount", "evil");
    assertThat(at.root.resolve("data/f")).exists();
    assertThat(at.root.resolve("data2/g")).exists();
    assertThat(at.run("umount", "evil").status()).isZero();
    at.image("evil", at.root, "HOST/data:/data");
    at.run("mount", "evil");
    MountSite.host("mount", "--bind", at.host + "/data2", at.root + "/data2");
    assertThat(at.run("umount", "evil").errText())
        .contains("will not unmount " + at.root + "/data2, which was not mounted by syschroot");
    assertThat(at.mounted()).containsExactly("image/data2");
    MountSite.host("umount", at.root + "/data2");
  }

  @Test
  void targetNamesThatTheMountTableEscapes() throws Exception {
    at.image(
        "evil",
        at.root,
        "HOST/data:/a b",
        "HOST/data:/c\\\\:d",
        "HOST/data:/e\\nf",
        "HOST/home:/\\tg");
    assertThat(at.run("mount", "evil")).extracting(Outcome::status).isEqualTo(0);
    assertThat(at.mounted())
        .containsExactly("image/a b", "image/c:d", "image/e\\x0af", "image/\\x09g");
    assertThat(at.run("status", "evil").status()).isZero();
    assertThat(attack().status()).isZero();
  }

  @Test
  @RequiresCommand("perl")
  void run_bindTargetsOfAnyBytes_areMountedInTheImage() throws Exception {
    Path image = at.directory.resolve("small");
    Outcome created =
        at.run("create", "small", "--root", image.toString(), "--from-host", "sh", "cat");
    assertThat(created.status()).as("%s", created).isZero();
    for (String target : List.of("/a b", "/c\\:d", "/e\nf", "/\351\377", "/'$(x)\"")) {
      List<String> command =
          new ArrayList<>(
              at.words("run", "--directory", "/", "--bind", at.host + "/data:" + target));
      command.addAll(
          List.of("small", "--", "/bin/sh", "-c", "cat \"$1/f\"", "sh", target.replace("\\", "")));
      Outcome outcome = new Driver().starting(command, at.directory).run();
      assertThat(outcome).as(target).hasToString(MountSite.success("of the host"));
      byte[] name = target.replace("\\", "").getBytes(StandardCharsets.ISO_8859_1);
      HostPath made = HostPath.of(OsString.of(image.toString()).plus(OsString.ofBytes(name)));
      assertThat(MountTable.read().at(made)).isEmpty();
      assertThat(outside()).isEqualTo(outside);
    }
  }

  @Test
  void anotherNamespaceHoldsTheImageElsewhere() throws Exception {
    String script =
        "mkdir elsewhere && mount --bind image elsewhere && mount -t tmpfs none elsewhere/data"
            + " && echo ready && exec sleep 60";
    try (Program.Running other =
        Program.of("unshare", "--mount", "sh", "-c", script).in(at.directory).start()) {
      for (int i = 0; i < 500 && !other.outSoFar().equals("ready\n"); i++) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      ImageTree.of(at.root, "dir x");
      assertThat(attack().status()).isZero();
      assertThat(at.run("remove", "evil").errText())
          .contains(
              at.directory
                  + "/elsewhere/data (in the mount namespace of process"
                  + " "
                  + other.pid());
      assertThat(at.root.resolve("x")).isDirectory();
    }
  }
}
