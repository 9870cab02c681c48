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
import java.util.stream.Stream;
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

  private TestSite site;
  private OrdinaryUser user;
  private Path tree;
  private List<String> before;

  @BeforeEach
  void make() throws Exception {
    site = TestSite.empty();
    user = OrdinaryUser.create();
    command("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/mnt");
    tree = tree(Path.of("/mnt/tree"));
    image("one", tree, "layer = \"throw-away\"\n");
    image("plain", tree, "");
    before = content(tree);
  }

  private static Path tree(Path at) throws Exception {
    Path made = Files.createDirectory(at);
    Files.createDirectory(made.resolve("bin"));
    Files.createDirectory(made.resolve("etc"));
    Files.writeString(made.resolve("etc/name"), "original\n");
    Files.copy(Path.of("/bin/busybox"), made.resolve("bin/busybox"));
    for (String name : List.of("sh", "cat", "rm", "test", "ls", "sleep")) {
      Files.createSymbolicLink(made.resolve("bin").resolve(name), Path.of("busybox"));
    }
    command("chmod", "-R", "go=rX", made.toString());
    return made;
  }

  private void image(String name, Path root, String more) throws IOException {
    site.image(
        name,
        "root = \"" + root + "\"\nmounts = [\"standard\", \"/home\"]\ncwd = \"root\"\n" + more);
  }

  @AfterEach
  void remove() throws Exception {
    assertThat(content(tree)).as("the tree").isEqualTo(before);
    command("umount", "-l", "/mnt");
    user.close();
    site.close();
  }

  private static List<String> content(Path of) throws IOException {
    List<String> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(of)) {
      for (Path file : files.sorted().toList()) {
        String change = "unix:mode,ctime,uid";
        all.add(file + " " + Files.readAttributes(file, change, LinkOption.NOFOLLOW_LINKS));
      }
    }
    return all;
  }

  private static Outcome command(String... words) throws Exception {
    Outcome outcome = Program.of(words).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    return outcome;
  }

  private String[] syschroot(String... words) {
    List<String> all = new ArrayList<>(List.of(TestImages.command().toString(), words[0]));
    all.addAll(List.of("--config", site.directory().toString()));
    all.addAll(List.of(words).subList(1, words.length));
    return all.toArray(String[]::new);
  }

  private Outcome run(String... words) throws Exception {
    return Program.of(syschroot(words)).run();
  }

  @Test
  void throwAway_byRoot_isGoneAfterTheCommand() throws Exception {
    assertThat(run("run", "one", "--", "sh", "-c", CHANGE))
        .hasToString("status 0\nout: " + CHANGED + "\nerr: ");
    assertThat(run("run", "--throw-away", "plain", "--", "sh", "-c", CHANGE))
        .hasToString("status 0\nout: " + CHANGED + "\nerr: ");
    assertThat(run("run", "one", "--", "cat", "/etc/name").outText()).isEqualTo("original\n");
  }

  @Test
  void throwAway_rootDirectory_hasOwnerAndModeOfTheTrees() throws Exception {
    command("chmod", "751", tree.toString());
    before = content(tree);
    assertThat(run("run", "one", "--", "busybox", "stat", "-c", "%u %a", "/").outText())
        .isEqualTo("0 751\n");
    assertThat(
            Program.of(
                    "sh",
                    "-c",
                    "umask 077; exec \"$@\"",
                    "sh",
                    TestImages.command().toString(),
                    "run",
                    "--config",
                    site.directory().toString(),
                    "one",
                    "--",
                    "busybox",
                    "stat",
                    "-c",
                    "%a",
                    "/")
                .run()
                .outText())
        .isEqualTo("751\n");
  }

  @Test
  void throwAway_byAnOrdinaryUserInATreeOfTheirs_isGoneAfterTheCommand() throws Exception {
    Path own = tree(user.home().resolve("tree"));
    command("chown", "-R", "-h", user.name() + ":", own.toString());
    image("own", own, "");
    List<String> untouched = content(own);

    Outcome outcome =
        user.program(syschroot("run", "--throw-away", "own", "--", "sh", "-c", CHANGE)).run();
    assertThat(outcome).hasToString("status 0\nout: " + CHANGED + "\nerr: ");
    assertThat(content(own)).isEqualTo(untouched);
  }

  @Test
  void throwAway_launcherOfAUser_hasALayerAndOneOfRootDoesNot() throws Exception {
    Path own = tree(user.home().resolve("tree"));
    command("chown", "-R", "-h", user.name() + ":", own.toString());
    image("own", own, "layer = \"throw-away\"\n");
    List<String> untouched = content(own);
    Path bin = user.home().resolve("bin");
    assertThat(user.program("mkdir", bin.toString()).run().status()).isZero();
    Outcome linked = user.program(syschroot("link", "own", "--into", bin.toString())).run();
    assertThat(linked.status()).as("%s", linked).isZero();

    assertThat(user.program(bin + "/own", "sh", "-c", CHANGE).run())
        .hasToString("status 0\nout: " + CHANGED + "\nerr: ");
    assertThat(content(own)).isEqualTo(untouched);
    assertThat(run("link", "one", "--into", "/mnt").toString())
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
        command(syschroot("explain", "--format", "sh", "one", "--", "sh", "-c", CHANGE)).outText());
    assertThat(Program.of("sh", script.toString()).run())
        .hasToString("status 0\nout: " + CHANGED + "\nerr: ");
  }

  @Test
  void throwAway_withMountsOfBootOnly_isRefused() throws Exception {
    assertThat(run("run", "--shared", "one", "--", "true").toString())
        .startsWith("status 125")
        .contains("the layer throw-away needs a mount namespace of its own");
  }

  @Test
  void directory_byRoot_keepsWhatIsWritten() throws Exception {
    Path kept = Files.createDirectory(Path.of("/mnt/kept"));
    image("one", tree, "layer = \"" + kept + "\"\n");
    assertThat(run("run", "one", "--", "sh", "-c", CHANGE).outText()).isEqualTo(CHANGED);
    assertThat(run("run", "one", "--", "cat", "/etc/name", "/new").outText())
        .isEqualTo("changed\nnew\n");
    assertThat(kept.resolve("upper/new")).hasContent("new");

    Program.Running first = Program.of(syschroot("run", "one", "--", "sleep", "60")).start();
    try (first) {
      Path name = Path.of("/proc", Long.toString(first.pid()), "comm");
      for (int i = 0; i < 300 && !Files.readString(name).equals("sleep\n"); i++) {
        Thread.sleep(100);
      }
      assertThat(run("run", "one", "--", "cat", "/new").toString())
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
    assertThat(run("run", "one", "--", "cat", "/etc/name").toString())
        .startsWith("status 125")
        .contains("the layer is not safe: /mnt/kept belongs to uid " + user.uid());
    assertThat(kept).isEmptyDirectory();

    Path link = Files.createSymbolicLink(Path.of("/mnt/kept2"), kept);
    Files.setAttribute(link, "unix:uid", user.uid(), LinkOption.NOFOLLOW_LINKS);
    image("one", tree, "layer = \"" + link + "\"\n");
    assertThat(run("run", "one", "--", "cat", "/etc/name").toString()).startsWith("status 125");
    assertThat(kept).isEmptyDirectory();
  }

  /** Who writes to the filesystem of the layer, a server perhaps, makes no device and no root. */
  @Test
  void kept_onAFilesystemWithRestrictions_hasThem() throws Exception {
    Path kept = Files.createDirectory(Path.of("/mnt/kept"));
    command("mount", "-t", "tmpfs", "-o", "nosuid,nodev,mode=755", "none", kept.toString());
    image("one", tree, "layer = \"" + kept + "\"\n");
    command(syschroot("run", "one", "--", "busybox", "true"));
    Path node = kept.resolve("upper/zero");
    command("busybox", "mknod", "-m", "666", node.toString(), "c", "1", "5");

    String look = "grep ' / / ' /proc/self/mountinfo; busybox head -c 1 /zero";
    Outcome outcome = run("run", "one", "--", "busybox", "sh", "-c", look);

    assertThat(outcome.outText()).contains("nosuid,nodev").doesNotContain("\0");
    assertThat(outcome.errText()).contains("/zero: Permission denied");
  }
}
