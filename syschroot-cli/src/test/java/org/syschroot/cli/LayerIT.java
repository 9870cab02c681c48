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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.Syschroot;
import org.syschroot.mountplan.Layer;
import org.syschroot.path.ImagePath;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.spawn.SwitchedProcess;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** Layers to which commands write instead of the image's tree. */
@InOwnMountNamespace
@RequiresCommand({"busybox", "useradd", "userdel", "runuser", "unshare"})
class LayerIT {
  private static final String CHANGE =
      "cat /etc/name; echo changed >/etc/name; echo new >/new; rm /bin/ls; cat /etc/name /new;"
          + " test -e /bin/ls || echo gone";
  private static final String CHANGED = "original\nchanged\nnew\ngone\n";

  private static final String[] PROGRAMS = {"sh", "cat", "rm", "test", "ls", "sleep"};

  private SmallTreeSite small;
  private TestSite site;
  private OrdinaryUser user;
  private Path tree;
  private List<String> before;

  @BeforeEach
  void make() throws Exception {
    small = SmallTreeSite.create(PROGRAMS);
    site = small.site();
    user = small.user();
    tree = named(small.tree());
    image("one", tree, "layer = \"throw-away\"\n");
    image("plain", tree, "");
    before = SmallTreeSite.content(tree);
  }

  private static Path named(Path tree) throws IOException {
    Files.writeString(tree.resolve("etc/name"), "original\n");
    return tree;
  }

  private void image(String name, Path root, String more) throws IOException {
    site.image(
        name,
        "root = \"" + root + "\"\nmounts = [\"standard\", \"/home\"]\ncwd = \"root\"\n" + more);
  }

  @AfterEach
  void remove() throws Exception {
    try {
      assertThat(SmallTreeSite.content(tree)).as("the tree").isEqualTo(before);
    } finally {
      small.close();
    }
  }

  @Test
  void throwAway_byRoot_isGoneAfterTheCommand() throws Exception {
    assertThat(small.run("run", "one", "--", "sh", "-c", CHANGE))
        .hasToString("status 0\nout: " + CHANGED + "\nerr: ");
    assertThat(small.run("run", "--throw-away", "plain", "--", "sh", "-c", CHANGE))
        .hasToString("status 0\nout: " + CHANGED + "\nerr: ");
    assertThat(small.run("run", "one", "--", "cat", "/etc/name").outText()).isEqualTo("original\n");
  }

  @Test
  void throwAway_rootDirectory_hasOwnerAndModeOfTheTrees() throws Exception {
    SmallTreeSite.succeed("chmod", "751", tree.toString());
    before = SmallTreeSite.content(tree);
    for (String umask : List.of("022", "077")) { // the second start is a cached one
      List<String> words = new ArrayList<>(List.of("sh", "-c", "umask $0; exec \"$@\"", umask));
      words.addAll(
          List.of(small.syschroot("run", "one", "--", "busybox", "stat", "-c", "%u %g %a", "/")));
      assertThat(Program.of(words).run().outText()).isEqualTo("0 0 751\n");
    }
  }

  @Test
  void throwAway_byAnOrdinaryUserInATreeOfTheirs_isGoneAfterTheCommand() throws Exception {
    Path own = named(SmallTreeSite.makeTree(user.home().resolve("tree"), PROGRAMS));
    SmallTreeSite.succeed("chown", "-R", "-h", user.name() + ":", own.toString());
    image("own", own, "");
    List<String> untouched = SmallTreeSite.content(own);

    Outcome outcome =
        user.program(small.syschroot("run", "--throw-away", "own", "--", "sh", "-c", CHANGE)).run();
    assertThat(outcome).hasToString("status 0\nout: " + CHANGED + "\nerr: ");
    assertThat(SmallTreeSite.content(own)).isEqualTo(untouched);
  }

  @Test
  void throwAway_byAnOrdinaryUserWhileItIsMounted_saysWhyNot() throws Exception {
    assertThat(small.run("mount", "one").status()).isZero();
    try {
      Outcome outcome =
          user.program(small.syschroot("run", "--throw-away", "one", "--", "test", "1")).run();
      assertThat(outcome.status()).isEqualTo(125);
      assertThat(outcome.errText())
          .contains("(without root only while nothing is mounted in its tree): Invalid argument");
    } finally {
      assertThat(small.run("umount", "one").status()).isZero();
    }
    before = SmallTreeSite.content(tree); // with the mount points that "mount" has made
    assertThat(
            user.program(small.syschroot("run", "--throw-away", "one", "--", "test", "1"))
                .run()
                .status())
        .isZero();
  }

  @Test
  void throwAway_launcherOfAUser_hasALayerAndOneOfRootDoesNot() throws Exception {
    Path own = named(SmallTreeSite.makeTree(user.home().resolve("tree"), PROGRAMS));
    SmallTreeSite.succeed("chown", "-R", "-h", user.name() + ":", own.toString());
    image("own", own, "layer = \"throw-away\"\n");
    List<String> untouched = SmallTreeSite.content(own);
    Path bin = user.home().resolve("bin");
    assertThat(user.program("mkdir", bin.toString()).run().status()).isZero();
    Outcome linked = user.program(small.syschroot("link", "own", "--into", bin.toString())).run();
    assertThat(linked.status()).as("%s", linked).isZero();

    assertThat(user.program(bin + "/own", "sh", "-c", CHANGE).run())
        .hasToString("status 0\nout: " + CHANGED + "\nerr: ");
    assertThat(SmallTreeSite.content(own)).isEqualTo(untouched);
    assertThat(small.run("link", "one", "--into", "/mnt").toString())
        .startsWith("status 125")
        .contains("layer");
  }

  @Test
  void throwAway_startInThisJvm_isGoneAfterTheCommand() throws Exception {
    Syschroot embedded = Syschroot.configuredIn(site.directory()).load();
    SwitchRequest request =
        SwitchRequest.in(embedded.image("plain"))
            .layer(Layer.THROW_AWAY)
            .command("/bin/sh", "-c", CHANGE)
            .directory(ImagePath.ROOT);
    SwitchedProcess process = embedded.start(request);
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo(CHANGED);
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void throwAway_asScript_isGoneAfterTheCommand() throws Exception {
    Path script = Path.of("/mnt/script");
    Files.writeString(
        script,
        SmallTreeSite.succeed(
                small.syschroot("explain", "--format", "sh", "one", "--", "sh", "-c", CHANGE))
            .outText());
    assertThat(Program.of("sh", script.toString()).run())
        .hasToString("status 0\nout: " + CHANGED + "\nerr: ");
  }

  @Test
  void throwAway_withMountsOfBootOnly_isRefused() throws Exception {
    assertThat(small.run("run", "--shared", "one", "--", "true").toString())
        .startsWith("status 125")
        .contains("the layer throw-away needs a mount namespace of its own");
  }

  @Test
  void directory_byRoot_keepsWhatIsWritten() throws Exception {
    Path kept = Files.createDirectory(Path.of("/mnt/kept"));
    image("one", tree, "layer = \"" + kept + "\"\n");
    assertThat(small.run("run", "one", "--", "sh", "-c", CHANGE).outText()).isEqualTo(CHANGED);
    assertThat(small.run("run", "one", "--", "cat", "/etc/name", "/new").outText())
        .isEqualTo("changed\nnew\n");
    assertThat(kept.resolve("upper/new")).hasContent("new");

    Program.Running first = Program.of(small.syschroot("run", "one", "--", "sleep", "60")).start();
    try (first) {
      Path name = Path.of("/proc", Long.toString(first.pid()), "comm");
      for (int i = 0; i < 300 && !Files.readString(name).equals("sleep\n"); i++) {
        Thread.sleep(100);
      }
      assertThat(small.run("run", "one", "--", "cat", "/new").toString())
          .startsWith("status 125")
          .contains("the layer /mnt/kept is in use by another command");
      first.process().destroyForcibly().waitFor();
    }
  }

  @Test
  void directory_ofAUser_isRefused() throws Exception {
    Path kept = Files.createDirectory(Path.of("/mnt/kept"));
    Files.setAttribute(kept, "unix:uid", user.uid());
    image("one", tree, "layer = \"" + kept + "\"\n");
    assertThat(small.run("run", "one", "--", "cat", "/etc/name").toString())
        .startsWith("status 125")
        .contains("the layer is not safe: /mnt/kept belongs to uid " + user.uid());
    assertThat(kept).isEmptyDirectory();

    Path link = Files.createSymbolicLink(Path.of("/mnt/kept2"), kept);
    Files.setAttribute(link, "unix:uid", user.uid(), LinkOption.NOFOLLOW_LINKS);
    image("one", tree, "layer = \"" + link + "\"\n");
    assertThat(small.run("run", "one", "--", "cat", "/etc/name").toString())
        .startsWith("status 125");
    assertThat(kept).isEmptyDirectory();
  }

  /** As a user can, by FUSE, on a directory of theirs that the layer keeps. */
  @Test
  void kept_somethingMountedInIt_isNotSeenInTheImageAndTakesNothing() throws Exception {
    Path kept = Files.createDirectory(Path.of("/mnt/kept"));
    image("one", tree, "layer = \"" + kept + "\"\n");
    String make = "mkdir -p /etc/sub; echo kept >/etc/sub/file";
    SmallTreeSite.succeed(small.syschroot("run", "one", "--", "busybox", "sh", "-c", make));
    Path sub = kept.resolve("upper/etc/sub");
    SmallTreeSite.succeed("mount", "-t", "tmpfs", "none", sub.toString());
    Files.writeString(sub.resolve("file"), "other\n");

    String look = "cat /etc/sub/file; echo more >/etc/sub/more";
    assertThat(small.run("run", "one", "--", "busybox", "sh", "-c", look))
        .hasToString("status 0\nout: kept\n\nerr: ");
    assertThat(sub.resolve("more")).doesNotExist();
    SmallTreeSite.succeed("umount", sub.toString());
    assertThat(sub.resolve("more")).hasContent("more");
  }

  /** Whose writes would each be lost to the other, and nobody could say what is there. */
  @Test
  void kept_manyCommandsAtOnce_oneOfThemHasIt() throws Exception {
    Path kept = Files.createDirectory(Path.of("/mnt/kept"));
    image("one", tree, "layer = \"" + kept + "\"\n");
    List<Program.Running> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String write = "echo " + i + " >>/written; exec sleep 60";
      all.add(Program.of(small.syschroot("run", "one", "--", "sh", "-c", write)).start());
    }
    Path written = kept.resolve("upper/written");
    List<Program.Running> left = new ArrayList<>(all);
    for (int i = 0; i < 600 && (left.size() > 1 || !Files.exists(written)); i++) {
      Thread.sleep(100);
      left.removeIf(one -> !one.process().isAlive());
    }
    assertThat(left).hasSize(1);
    for (Program.Running one : all) {
      if (!left.contains(one)) {
        assertThat(one.await().toString())
            .startsWith("status 125")
            .contains("in use by another command");
      }
    }
    left.get(0).process().destroyForcibly().waitFor();
    left.get(0).close();
    assertThat(Files.readAllLines(written)).hasSize(1);
  }

  /** Who writes to the filesystem of the layer, a server perhaps, makes no device and no root. */
  @Test
  void kept_onAFilesystemWithRestrictions_hasThem() throws Exception {
    Path kept = Files.createDirectory(Path.of("/mnt/kept"));
    SmallTreeSite.succeed(
        "mount", "-t", "tmpfs", "-o", "nosuid,nodev,mode=755", "none", kept.toString());
    image("one", tree, "layer = \"" + kept + "\"\n");
    SmallTreeSite.succeed(small.syschroot("run", "one", "--", "busybox", "true"));
    Path node = kept.resolve("upper/zero");
    SmallTreeSite.succeed("busybox", "mknod", "-m", "666", node.toString(), "c", "1", "5");

    String look = "grep ' / / ' /proc/self/mountinfo; busybox head -c 1 /zero";
    Outcome outcome = small.run("run", "one", "--", "busybox", "sh", "-c", look);

    assertThat(outcome.outText()).contains("nosuid,nodev").doesNotContain("\0");
    assertThat(outcome.errText()).contains("/zero: Permission denied");
  }
}
