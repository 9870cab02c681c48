// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** {@code create --from} and {@code --adopt}: an image that a command can run in, or nothing. */
@RequiresRoot
@RequiresCommand({"busybox", "setcap", "useradd", "runuser", "umoci", "skopeo"})
class CreateFromSourceIT {
  private static TestSite site;
  private Path work;
  private Path root;

  private static final String LAYOUT =
      "umoci init --layout oci; umoci new --image oci:x; umoci unpack --image oci:x b;"
          + " cp -a tree/. b/rootfs; umoci repack --image oci:x b";

  @BeforeAll
  static void makeSite() throws Exception {
    site = TestSite.empty();
  }

  @AfterAll
  static void removeSite() throws Exception {
    site.close();
  }

  @BeforeEach
  void makeTree() throws Exception {
    work = Files.createTempDirectory(site.directory().getParent(), "sources");
    Program.of("chmod", "755", work.toString()).run();
    root = work.resolve("root");
    shell(
        "mkdir -p tree/bin tree/etc; cp "
            + "/bin/busybox"
            + " tree/bin/busybox;"
            + " ln -s busybox tree/bin/sh; echo new > tree/etc/issue; chown -R 0:0 tree");
  }

  @AfterEach
  void removeTree() throws Exception {
    // Nothing is ever mounted in it.
    Program.of("rm", "-rf", "--one-file-system", work.toString()).run();
    Files.deleteIfExists(site.file("made"));
  }

  private void shell(String script) throws IOException, InterruptedException {
    Outcome outcome = Program.of("sh", "-e", "-c", script).in(work).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }

  private Outcome create(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(TestImages.command().toString(), "create", "made"));
    all.addAll(List.of("--config", site.directory().toString()));
    all.addAll(List.of(words));
    return Program.of(all).in(work).run();
  }

  @ParameterizedTest
  @CsvSource({
    "true, tree",
    "tar -C tree -cf a.tar ., a.tar",
    "tar -C tree -czf a.tar.gz ., a.tar.gz",
    "tar -C tree -cJf a.tar.xz ., a.tar.xz",
    "tar -C tree --zstd -cf a.tar.zst ., a.tar.zst",
  })
  void create_fromDirectoryOrArchive_commandsRunInIt(String script, String source)
      throws Exception {
    shell(script);
    Outcome outcome = create("--root", root.toString(), "--from", source);
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(site.file("made")).content().startsWith("# created from " + source + "\n");
    assertThat(site.run("made", "--", "/bin/busybox", "cat", "/etc/issue").outText())
        .isEqualTo("new\n");
  }

  @Test
  void create_adopt_writesOnlySettings() throws Exception {
    Outcome outcome = create("--adopt", work.resolve("tree").toString());
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(site.file("made")).hasContent("root = \"" + work.resolve("tree") + "\"\n");
    assertThat(site.run("made", "--", "/bin/sh", "-c", "read a < /etc/issue; echo $a").outText())
        .isEqualTo("new\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tar -C tree -cf a.tar .; truncate -s 100k a.tar | a.tar | a.tar: .*cut short.*deleted.*",
        "tar -C tree -czf a.tar .; truncate -s 100k a.tar | a.tar | a.tar: .*cut short.*deleted.*",
        "head -c 5000 /dev/urandom > a.tar | a.tar | a.tar: .*not a tar archive.*",
        "tar -P -cf a.tar ../sources*/tree | a.tar | a.tar: .*leaves the directory by \"[.][.]\".*deleted.*",
        ": > a.tar | a.tar | a.tar: .*cut short.*",
        "mkfifo a.tar | a.tar | a.tar: neither a regular file nor a directory",
        "true | a.tar | a.tar: no such file or directory",
        "true | oci:tree | oci:tree: not an OCI directory.*",
        "mksquashfs tree a.img -quiet -no-progress | a.img | a.img: an image file .squashfs.*--adopt .*/a.img",
        "mkfs.erofs a.img tree > e 2>&1 | a.img | a.img: an image file .erofs.*--adopt .*/a.img",
        "echo BZh91AY > a.tar.bz2 | a.tar.bz2 | a.tar.bz2: compressed by bzip2.*hint: bunzip2 -k .*",
        "tar -cf a.tar tree | a.tar | a.tar: .*neither bin nor usr .all.*hint: the system is in its directory tree:.*",
        "mkdir b; mv tree b | b | b: .*no Linux system.*deleted.*hint: the system is in its directory tree:.*",
        "LAYOUT | oci | oci: .*no Linux system.*deleted.*hint: it looks like an OCI image: --from oci-archive:FILE.*",
        "LAYOUT; skopeo copy -q oci:oci:x docker-archive:a.tar:x:1 | a.tar | a.tar: .*hint: it looks like an archive of Docker.*",
        "LAYOUT; skopeo copy -q oci:oci:x oci-archive:a.tar | a.tar | a.tar: .*hint: it looks like an OCI image.*",
        "true | docker://UPPER/x | docker://UPPER/x: not of the form HOST/REPOSITORY:TAG.*",
      })
  void create_badSource_nothingIsLeft(String script, String source, String message)
      throws Exception {
    shell(script.replace("LAYOUT", LAYOUT));
    Outcome outcome = create("--root", root.toString(), "--from", source);
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText().strip()).matches("(?s)syschroot: " + message);
    assertThat(root).doesNotExist();
    assertThat(site.directory().resolve("images.d")).isEmptyDirectory();
  }

  /** An image's own settings are ours where we have them, and are listed where not. */
  @Test
  void create_containerImageWithSettings_areTakenOrListed() throws Exception {
    shell(
        "umoci init --layout oci; umoci new --image oci:x; umoci unpack --image oci:x b;"
            + " cp -a tree/. b/rootfs; umoci repack --image oci:x b; umoci config --image oci:x"
            + " --config.env 'A=b c' --config.env HOME=/elsewhere --config.env PATH=/bin"
            + " --config.cmd sh --config.user nobody --config.workingdir /srv"
            + " --config.exposedports 80 --config.stopsignal TERM --architecture 386"
            + " --config.label org.opencontainers.image.title=Small");
    Outcome outcome = create("--root", root.toString(), "--from", "oci:oci:x");
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(outcome.errText())
        .contains(
            "no settings for this of the image: Env HOME; User nobody; WorkingDir /srv;"
                + " ExposedPorts; StopSignal");
    assertThat(Files.readString(site.directory().resolve("images.d/made.toml")))
        .contains("description = \"Small\"")
        .contains("personality = \"linux32\"")
        .contains("shell = \"/bin/sh\"")
        .contains("\"b c\"")
        .doesNotContain("elsewhere");
    Outcome inside = site.run("-d", "/", "made", "--", "sh", "-c", "echo $A; uname -m");
    assertThat(inside).hasToString("status 0\nout: b c\ni686\n\nerr: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "true | missing | .*no such directory: .*missing",
        "touch file | file | .*holds no filesystem that an image can be in: squashfs, erofs and ext4 are.*",
        "mkdir empty | empty | .*contains no Linux system.*",
        "chmod 777 tree | tree | .*writable by users other than root.*",
      })
  void create_adoptWhatIsNoTree_isRefused(String script, String tree, String message)
      throws Exception {
    shell(script);
    Outcome outcome = create("--adopt", work.resolve(tree).toString());
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText().strip()).matches("(?s)syschroot: " + message);
    assertThat(site.directory().resolve("images.d")).isEmptyDirectory();
  }

  /** As on CVMFS: nobody can give the tree to root. */
  @Test
  void create_adoptTreeOfAnotherOwner_isRefusedUntilTheyAreTrusted() throws Exception {
    shell("chown -R 4294967294:4294967294 tree; mv tree " + root);
    try {
      Outcome refused = create("--adopt", root.toString());
      assertThat(refused.status()).isEqualTo(125);
      assertThat(refused.errText())
          .contains("belongs to uid 4294967294", "trusted-owners = [\"4294967294\"]")
          .contains("hint: --trusted-owner USER writes that setting");
      Outcome outcome = create("--adopt", root.toString(), "--trusted-owner", "4294967294");
      assertThat(outcome.status()).as("%s", outcome).isZero();
      assertThat(site.file("made"))
          .hasContent("root = \"" + root + "\"\ntrusted-owners = [\"4294967294\"]\n");
      Outcome inside =
          site.run("-d", "/", "made", "--", "sh", "-c", "read a < /etc/issue; echo $a");
      assertThat(inside.outText()).as("%s", inside).isEqualTo("new\n");
    } finally {
      shell("chown -R 0:0 " + root);
    }
    assertThat(create("--root", "/x", "--from", "y", "--trusted-owner", "0").status()).isEqualTo(2);
    assertThat(create("--adopt", "/x", "--trusted-owner", "no-such-user").status()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tree", "a.tar"})
  void create_architectureOfASourceWithoutChoice_isRefused(String source) throws Exception {
    shell("tar -C tree -cf a.tar .");
    Outcome outcome = create("--root", root.toString(), "--from", source, "--arch", "armhf");
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText()).contains("only be chosen of container images");
    assertThat(root).doesNotExist();
  }

  /** Too few blocks, which is known before, or too few inodes, which only the kernel says. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "size=8m | true | --from | tree | no space left on the filesystem",
        "size=8m | tar -C tree -cf a.tar . | --from | a.tar | no space left on the filesystem",
        "size=8m | tar -C tree -czf a.tar.gz . | --from | a.tar.gz | no space left on the filesystem",
        "size=8m | LAYOUT | --from | oci:oci | no space left on the filesystem",
        "size=8m | LAYOUT; skopeo copy -q oci:oci:x oci-archive:a.oci | --from | oci-archive:a.oci | no space left on the filesystem",
        "size=8m | LAYOUT; skopeo copy -q oci:oci:x docker-archive:a.docker:x:1 | --from | docker-archive:a.docker | no space left on the filesystem",
        "nr_inodes=6 | true | --from | tree | No space left on device",
        "nr_inodes=6 | LAYOUT | --from | oci:oci | No space left on device",
        "size=1m | true | --from-host | busybox | No space left on device",
      })
  void create_fullFilesystem_isCleanedUp(
      String limit, String make, String option, String source, String message) throws Exception {
    shell("head -c 20000000 /dev/zero > tree/large; mkdir small");
    shell(make.replace("LAYOUT", LAYOUT));
    String script =
        "mount -t tmpfs -o "
            + limit
            + ",mode=755 none small; "
            + TestImages.command()
            + " create made --config "
            + site.directory()
            + " --root "
            + work
            + "/small/root "
            + option
            + " "
            + source
            + "; echo $?; ls -A small";
    Outcome outcome = Program.of("unshare", "-m", "sh", "-c", script).in(work).run();
    assertThat(outcome.outText()).as("%s", outcome).isEqualTo("125\n");
    assertThat(outcome.errText()).contains(message);
    assertThat(site.directory().resolve("images.d")).isEmptyDirectory();
  }

  @Test
  void create_byDebootstrapOnAFullFilesystem_isCleanedUpAndSaysWhatToDo() throws Exception {
    shell("mkdir small");
    String script =
        "mount -t tmpfs -o size=16m,mode=755 none small; "
            + TestImages.command()
            + " create made --config "
            + site.directory()
            + " --root "
            + work
            + "/small/root --debootstrap bookworm; echo $?; ls -A small";
    Outcome outcome = Program.of("unshare", "-m", "sh", "-c", script).in(work).run();
    assertThat(outcome.outText()).as("%s", outcome).isEqualTo("125\n");
    assertThat(outcome.errText())
        .startsWith("syschroot: cannot create the image in " + work + "/small/root: /")
        .contains("debootstrap --variant=minbase bookworm ")
        .contains(" (all created files were deleted)\n  I: Retrieving")
        .contains("\n  the last lines of ")
        .endsWith("\nhint: make room, or name another root directory\n")
        .doesNotContain("\\x0a");
    assertThat(site.directory().resolve("images.d")).isEmptyDirectory();
  }

  @Test
  void create_byAnOrdinaryUser_filesAreTheirsAndTheLossIsSaid() throws Exception {
    shell(
        "echo x > tree/etc/of-another; chown 5:6 tree/etc/of-another; mkdir tree/closed;"
            + " chmod 0500 tree/closed; chmod 4755 tree/bin/busybox;"
            + " setcap cap_net_raw=ep tree/etc/issue; tar -C tree --xattrs -cf a.tar .");
    try (OrdinaryUser user = OrdinaryUser.create()) {
      Outcome outcome =
          user.syschroot(
                  "create", "mine", "--root", user.home() + "/mine", "--from", work + "/a.tar")
              .run();
      assertThat(outcome.status()).as("%s", outcome).isZero();
      assertThat(outcome.errText().lines())
          .anyMatch(line -> line.matches("syschroot: [0-9]+ files belong to you .*"))
          .anyMatch(
              line -> line.contains("1 set-user-ID or set-group-ID bits dropped: /bin/busybox"))
          .anyMatch(
              line -> line.contains("extended attributes dropped, including file capabilities"));
      Path root = user.home().resolve("mine");
      for (String file : new String[] {"", "etc/of-another", "bin/busybox", "closed"}) {
        assertThat(Files.getAttribute(root.resolve(file), "unix:uid")).isEqualTo(user.uid());
      }
      assertThat((Integer) Files.getAttribute(root.resolve("bin/busybox"), "unix:mode") & 07777)
          .isEqualTo(0755);
      Outcome inside = user.syschroot("run", "mine", "--", "/bin/sh", "-c", "echo in").run();
      assertThat(inside.outText()).as("%s", inside).isEqualTo("in\n");
      assertThat(user.syschroot("remove", "--yes", "mine").run().status()).isZero();
      assertThat(root).doesNotExist();
    }
  }
}
