// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** {@code pack}: one file that holds the image, mounted and entered again. */
@RequiresRoot
@RequiresCommand({"busybox", "mksquashfs", "mkfs.erofs"})
class PackCommandIT {
  private TestSite site;
  private Path work;

  @BeforeEach
  void makeImage() throws Exception {
    site = TestSite.empty();
    work = Files.createTempDirectory(site.directory().getParent(), "pack");
    shell(
        """
        chmod 755 .; mkdir -p tree/bin tree/etc tree/proc tree/data tree/dev tree/sys tree/tmp; cp /bin/busybox tree/bin/sh
        echo new > tree/etc/issue; ln tree/etc/issue tree/etc/same; chmod 4755 tree/bin/sh
        setcap cap_net_raw=ep tree/etc/issue; chown 5:6 tree/data; ln -s /etc tree/link
        echo secret > outside; touch -d @1000000 tree/etc/issue
        """);
    site.image("made", "root = \"" + work + "/tree\"\n");
  }

  @AfterEach
  void removeImage() throws Exception {
    // Mounts are made in namespaces that are gone.
    Program.of("rm", "-rf", "--one-file-system", work.toString()).run();
    site.close();
  }

  private Outcome shell(String script) throws IOException, InterruptedException {
    Outcome outcome = Program.of("sh", "-e", "-c", script).in(work).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    return outcome;
  }

  private Outcome pack(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(TestImages.command().toString(), "pack"));
    all.addAll(List.of("--config", site.directory().toString()));
    all.addAll(List.of(words));
    return Program.of(all).in(work).run();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.squashfs", "a.erofs"})
  void pack_image_isTheSameEachTimeAndCanBeEntered(String file) throws Exception {
    Outcome outcome = pack("made", file);
    assertThat(outcome.status()).as("%s", outcome).isZero();
    String sum = shell("sha256sum " + file).outText().substring(0, 64);
    assertThat(outcome.outText()).isEqualTo(work.resolve(file) + " sha256:" + sum + "\n");
    // It has the image's passwords.
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(work.resolve(file))))
        .isEqualTo("rw-------");
    Files.move(work.resolve(file), work.resolve("first"));
    assertThat(pack("made", file).outText()).isEqualTo(outcome.outText());
    String script =
        "mkdir mounted; mount -o loop,ro "
            + file
            + " mounted; cd tree; find . -printf '%M %U:%G %n %p %l\\n' | sort > ../a;"
            + " cd ../mounted; find . -printf '%M %U:%G %n %p %l\\n' | sort > ../b; cd ..;"
            + " diff -r tree mounted; getcap mounted/etc/issue; "
            + TestImages.command()
            + " create packed --config "
            + site.directory()
            + " --adopt $PWD/mounted; "
            + TestImages.command()
            + " run --config "
            + site.directory()
            + " --directory / packed -- /bin/sh -c 'read a < /etc/issue; echo $a'";
    Outcome entered = Program.of("unshare", "-m", "sh", "-e", "-c", script).in(work).run();
    assertThat(entered.status()).as("%s", entered).isZero();
    assertThat(entered.outText())
        .startsWith("mounted/etc/issue cap_net_raw=ep\nimage packed: ")
        .endsWith("\nnew\n");
    assertThat(work.resolve("a")).hasSameTextualContentAs(work.resolve("b"));
  }

  @Test
  void pack_somethingMountedInTheTree_isLeftOut() throws Exception {
    String script =
        "mkdir other; mv outside other; mount --bind other tree/data; mount -t proc p tree/proc; "
            + TestImages.command()
            + " pack --config "
            + site.directory()
            + " made a.squashfs; unsquashfs -l a.squashfs";
    Outcome outcome = Program.of("unshare", "-m", "sh", "-e", "-c", script).in(work).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(outcome.outText())
        .contains("squashfs-root/data\n", "squashfs-root/proc\n")
        .doesNotContain("outside", "squashfs-root/proc/");
  }

  /** The user is as fast as can be: right before the tool opens what it has found. */
  @ParameterizedTest
  @CsvSource({"a.squashfs, mksquashfs", "a.erofs, mkfs.erofs"})
  void pack_userPutsALinkInPlaceOfAFile_isNotFollowedToTheHost(String file, String name)
      throws Exception {
    shell(
        """
        mkdir tools; real=$(command -v %s)
        cat > tools/%1$s <<END
        #!/bin/sh
        ln -s $PWD/outside $PWD/tree/data/file; ln -s $PWD $PWD/tree/data/directory
        cd $PWD/tree/data; cat file directory/outside $PWD/tree/data/file > $PWD/seen 2> $PWD/refused
        cd ..; exec $real "\\$@"
        END
        chmod 755 tools/%1$s
        """
            .formatted(name));
    List<String> words =
        List.of(
            "env",
            "PATH=" + work + "/tools:" + System.getenv("PATH"),
            TestImages.command().toString(),
            "pack",
            "--config",
            site.directory().toString(),
            "made",
            file);
    Outcome outcome = Program.of(words).in(work).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(work.resolve("seen")).as("%s", outcome).isEmptyFile();
    assertThat(Files.readString(work.resolve("refused")).split("Too many levels", -1)).hasSize(4);
  }

  /** Packs with a mount(8) of the test, which is a script that may call the real one. */
  private Outcome packWithMount(String file, String script) throws Exception {
    Path tools = Files.createDirectory(work.resolve("tools"));
    Path mount = tools.resolve("mount");
    Files.writeString(mount, "#!/bin/sh\n" + script + "\nexec /usr/bin/mount \"$@\"\n");
    shell("chmod 755 tools/mount");
    return Program.of(
            "env",
            "PATH=" + tools + ":" + System.getenv("PATH"),
            TestImages.command().toString(),
            "pack",
            "--config",
            site.directory().toString(),
            "made",
            file)
        .in(work)
        .run();
  }

  /** An owner of a directory on the way, whom the settings trust with the image alone. */
  @ParameterizedTest
  @ValueSource(strings = {"a.squashfs", "a.erofs"})
  void pack_treeIsExchangedForALinkMeanwhile_packsNothingOfTheHost(String file) throws Exception {
    shell("mkdir host; cp outside host/shadow");
    String exchange =
        "[ -L %1$s/tree ] || { mv %1$s/tree %1$s/moved; ln -s host %1$s/tree; }".formatted(work);
    Outcome outcome = packWithMount(file, exchange);
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText()).contains("tree was exchanged for another directory meanwhile");
    assertThat(work.toFile().list()).doesNotContain(file);
  }

  @Test
  void pack_mountThatDoesNotKnowNosymfollow_isRefused() throws Exception {
    Outcome outcome = packWithMount("a.squashfs", "case \"$*\" in *nosymfollow*) exit 0;; esac");
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText()).contains("pack needs Linux 5.10 and mount(8) of util-linux 2.38");
    assertThat(work.toFile().list()).doesNotContain("a.squashfs");
  }

  @Test
  void pack_treeOfAnotherOwner_isRefused() throws Exception {
    shell("chown 65533 tree");
    assertThat(pack("made", "a.squashfs").toString())
        .startsWith("status 125")
        .contains("belongs to uid 65533");
  }

  @Test
  void pack_fileThatCannotBe_isRefusedAndNothingIsLeft() throws Exception {
    shell("echo kept > there; mkdir open; chmod 777 open; chown 1000 open");
    assertThat(pack("made", "there").errText()).contains("there exists: remove it first");
    assertThat(pack("made", "none/a.squashfs").errText()).contains("no such directory");
    assertThat(pack("made", "tree/a.squashfs").errText()).contains("is inside the image");
    assertThat(pack("made", "open/a.squashfs").status()).isEqualTo(125);
    assertThat(work.resolve("there")).hasContent("kept\n");
    assertThat(work.toFile().list()).containsExactlyInAnyOrder("tree", "outside", "there", "open");
    assertThat(work.resolve("open")).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.squashfs", "a.erofs"})
  void pack_fullFilesystem_isCleanedUp(String file) throws Exception {
    shell("head -c 4000000 /dev/urandom > tree/large; mkdir small");
    String script =
        "mount -t tmpfs -o size=1m,mode=755 none small; "
            + TestImages.command()
            + " pack --config "
            + site.directory()
            + " made small/"
            + file
            + "; echo $?; ls -A small";
    Outcome outcome = Program.of("unshare", "-m", "sh", "-c", script).in(work).run();
    assertThat(outcome.outText()).as("%s", outcome).isEqualTo("125\n");
    assertThat(outcome.errText()).contains("small/" + file);
  }
}
