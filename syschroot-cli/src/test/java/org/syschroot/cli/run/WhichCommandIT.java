// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** {@code which}, asked of itself and of processes that came into an image in every way. */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "setpriv", "bash", "zsh"})
class WhichCommandIT {
  private TestSite site;
  private Path root;

  @BeforeEach
  void makeSite() throws Exception {
    site = TestSite.empty();
    root = TestImages.deb32();
    site.image("deb", "root = \"" + root + "\"\n");
  }

  @AfterEach
  void removeSite() throws Exception {
    site.close();
  }

  private Outcome which(Map<String, String> variables, String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(TestImages.command().toString(), "which"));
    all.addAll(List.of("--config", site.directory().toString()));
    all.addAll(List.of(words));
    return Program.of(all).with(variables).run();
  }

  private Outcome which(String... words) throws Exception {
    return which(Map.of(), words);
  }

  /** Asks of a process once it says that it is there. */
  private Outcome whichOf(Map<String, String> variables, String... command) throws Exception {
    try (Program.Running running = Program.of(command).with(variables).start()) {
      while (!running.outSoFar().contains("ready")) {
        assertThat(running.process().isAlive()).as("%s", running.process().info()).isTrue();
        Thread.onSpinWait();
      }
      return which("--json", Long.toString(running.pid()));
    }
  }

  private static final String WAIT = "echo ready; exec sleep 60";

  private static void assertIn(Outcome outcome, String evidence, String marker) {
    assertThat(outcome.status()).as("%s", outcome).isZero();
    JsonObject json = JsonParser.parseString(outcome.outText()).getAsJsonObject();
    assertThat(json.get("image").getAsString()).isEqualTo("deb");
    assertThat(json.get("evidence").getAsString()).isEqualTo(evidence);
    assertThat(json.get("marker").toString()).isEqualTo(marker);
  }

  @Test
  void which_outside_isNativeWhateverTheMarkerSays() throws Exception {
    assertThat(which()).hasToString("status 1\nout: native\n\nerr: ");
    assertThat(which(Map.of("SYSCHROOT_IMAGE", "deb")))
        .hasToString("status 1\nout: native\n\nerr: ");
    assertThat(which(Map.of("SYSCHROOT_IMAGE", "deb"), "--prompt"))
        .hasToString("status 1\nout: \nerr: ");
    assertThat(which("--json").outText())
        .isEqualTo(
            "{\n  \"image\": null,\n  \"place\": \"native\",\n"
                + "  \"evidence\": \"root-directory\",\n  \"marker\": null\n}\n");
  }

  @Test
  void whichPid_anyWayIntoTheImage_isTheImage() throws Exception {
    List<String> run = site.words("deb", "--", "sh", "-c", WAIT);
    assertIn(whichOf(Map.of(), run.toArray(String[]::new)), "root-directory", "\"deb\"");
    String[] chroot = {"chroot", root.toString(), "sh", "-c", WAIT};
    assertIn(whichOf(Map.of(), chroot), "root-directory", "null");
    assertIn(whichOf(Map.of("SYSCHROOT_IMAGE", "other"), chroot), "root-directory", "\"other\"");
  }

  @Test
  void whichPid_nestedOrForeignRoot_isThatOfTheRoot() throws Exception {
    Path inner = root.resolve("mnt");
    Program.of("mount", "--bind", TestImages.checkout().getRoot().toString(), inner.toString())
        .run();
    try {
      // From the image on into what is the native root again: the marker is stale there.
      Outcome back =
          whichOf(Map.of("SYSCHROOT_IMAGE", "deb"), "chroot", inner.toString(), "sh", "-c", WAIT);
      assertThat(back.status()).isEqualTo(1);
      assertThat(back.outText()).contains("\"place\": \"native\"");
    } finally {
      Program.of("umount", inner.toString()).run();
    }
    site.image("deb", "root = \"" + root + "/usr\"\n");
    Outcome elsewhere = whichOf(Map.of(), "chroot", root.toString(), "sh", "-c", WAIT);
    assertThat(elsewhere.status()).isEqualTo(1);
    assertThat(elsewhere.outText()).contains("\"place\": \"elsewhere\"");
  }

  @Test
  void whichPid_twoNamesForOneRoot_theMarkerDecides() throws Exception {
    site.image("also", "root = \"" + root + "\"\n");
    String[] chroot = {"chroot", root.toString(), "sh", "-c", WAIT};
    assertThat(whichOf(Map.of(), chroot).outText()).contains("\"image\": \"also\"");
    assertThat(whichOf(Map.of("SYSCHROOT_IMAGE", "deb"), chroot).outText())
        .contains("\"image\": \"deb\"");
  }

  /** As somebody to whom the root directory of the first process is closed too. */
  private Outcome whichAsNobody(Map<String, String> variables, String... words) throws Exception {
    List<String> all =
        new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
    all.addAll(List.of(TestImages.command().toString(), "which"));
    all.addAll(List.of("--config", site.directory().toString()));
    all.addAll(List.of(words));
    return Program.of(all).with(variables).run();
  }

  @Test
  void which_configurationNotVisible_believesTheMarker() throws Exception {
    Files.delete(site.file("deb"));
    Map<String, String> marker = Map.of("SYSCHROOT_IMAGE", "deb");
    assertThat(whichAsNobody(marker).outText()).isEqualTo("deb\n");
    assertThat(whichAsNobody(marker, "--prompt")).hasToString("status 0\nout: (deb) \nerr: ");
    assertThat(whichAsNobody(Map.of("SYSCHROOT_IMAGE", "../x")).status()).isEqualTo(1);
    assertThat(whichAsNobody(Map.of()).outText()).isEqualTo("native\n");
    site.image("deb", "root = \"" + root + "\"\n");
  }

  @Test
  void whichPid_wrongOrForbidden_saysSo() throws Exception {
    assertThat(which("0").status()).isEqualTo(2);
    assertThat(which("a").errText()).contains("allowed is one process ID");
    assertThat(which("4194305").status()).isEqualTo(125);
  }

  @Test
  void which_ordinaryUser_isAnsweredForOwnProcessesOnly() throws Exception {
    String config = site.directory().toString();
    String[] user = {"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env"};
    List<String> which = List.of(TestImages.command().toString(), "which", "--config", config);
    List<String> own = new ArrayList<>(List.of(user));
    own.addAll(which);
    assertThat(Program.of(own).run().outText()).isEqualTo("native\n");
    assertThat(Program.of(own).with(Map.of("SYSCHROOT_IMAGE", "deb")).run().outText())
        .isEqualTo("native\n");
    try (Program.Running other = Program.of("sleep", "60").start()) {
      List<String> asked = new ArrayList<>(own);
      asked.add(Long.toString(other.pid()));
      Outcome outcome = Program.of(asked).run();
      assertThat(outcome.status()).isEqualTo(125);
      assertThat(outcome.errText())
          .contains("only root can read the state of other users' processes");
    }
  }

  /** What the page offers to scripts: which root directories are those of mounts. */
  @Test
  void mountinfoLine_inAndOutside_tellsAChangedRoot() throws Exception {
    String page = Files.readString(TestImages.checkout().resolve("docs/user-guide.md"));
    Matcher line =
        Pattern.compile("```sh\n(grep -q .*mountinfo \\|\\| echo .*)\n```").matcher(page);
    assertThat(line.find()).isTrue();
    assertThat(Program.of("sh", "-c", line.group(1)).run().outText()).isEmpty();
    site.image(
        "plain", "root = \"" + TestImages.deb32() + "\"\nmounts = [\"/proc:/proc:norbind\"]\n");
    List<String> words = site.words("plain", "--", "sh", "-c", line.group(1));
    String inside = "mount --bind /proc " + TestImages.deb32() + "/proc; exec \"$@\"";
    List<String> mounted =
        new ArrayList<>(
            List.of("unshare", "--mount", "--propagation", "private", "sh", "-c", inside, "sh"));
    mounted.addAll(words);
    assertThat(Program.of(mounted).run().outText())
        .isEqualTo("in an image, or another changed root\n");
  }

  /** The lines of the page, as they stand there and in the packages, in real shells. */
  @Test
  void promptLines_interactiveAndNot_promptOnlyForPeople() throws Exception {
    String page = Files.readString(TestImages.checkout().resolve("docs/user-guide.md"));
    Matcher block = Pattern.compile("(?s)```sh\n# ~/\\.bashrc.*?\n(.*?)\n```").matcher(page);
    assertThat(block.find()).isTrue();
    Path packaged =
        TestImages.checkout().resolve("syschroot-dist/src/files/examples/profile.d/syschroot.sh");
    assertThat(Files.readString(packaged)).endsWith("\n" + block.group(1) + "\n");
    Path lines = site.directory().resolve("images.d/.zshrc");
    Files.writeString(lines, "PS1='$ '\n" + block.group(1) + "\n" + block.group(1) + "\n");
    String[] bash = {"bash", "--rcfile", lines.toString(), "-i", "-c", "printf '<%s>' \"$PS1\""};
    String[] zsh = {
      "env", "ZDOTDIR=" + lines.getParent(), "zsh", "-d", "-i", "-c", "printf '<%s>' \"$PS1\""
    };
    for (String[] ask : List.of(bash, zsh)) {
      assertThat(Program.of(ask).with(Map.of("SYSCHROOT_IMAGE", "deb")).run().outText())
          .isEqualTo("<(deb) $ >");
      assertThat(Program.of(ask).run().outText()).isEqualTo("<$ >");
      // A shell of the image shows it already.
      Map<String, String> told =
          Map.of("SYSCHROOT_IMAGE", "deb", "debian_chroot", "deb", "RPROMPT", "(deb)");
      assertThat(Program.of(ask).with(told).run().outText()).isEqualTo("<$ >");
    }
    // zsh does not know debian_chroot, and a theme has its own right prompt.
    Map<String, String> themed =
        Map.of("SYSCHROOT_IMAGE", "deb", "debian_chroot", "deb", "RPROMPT", "%T");
    assertThat(Program.of(zsh).with(themed).run().outText()).isEqualTo("<(deb) $ >");
    // As scp's shell on the far side: not interactive, and every byte of output breaks it.
    for (String shell : List.of("bash", "sh", "zsh")) {
      Map<String, String> inImage = Map.of("SYSCHROOT_IMAGE", "deb");
      Outcome quiet = Program.of(shell, "-c", ". " + lines + "; echo end").with(inImage).run();
      assertThat(quiet).hasToString("status 0\nout: end\n\nerr: ");
      quiet = Program.of(shell, "-euc", ". " + lines + "; echo end").run();
      assertThat(quiet).hasToString("status 0\nout: end\n\nerr: ");
    }
    Files.delete(lines);
  }

  /** The page's setting for images of Debian, whose bash has the variable in its prompt. */
  @Test
  void debianChroot_setInConfiguration_isInThePromptOfTheImagesBash() throws Exception {
    String[] ask = {"deb", "--", "bash", "-ic", "printf %s \"${PS1@P}\""};
    assertThat(site.run(ask).outText()).doesNotContain("(deb)").contains("@");
    site.image(
        "deb", "root = \"" + root + "\"\n[environment]\nset = { debian_chroot = \"deb\" }\n");
    assertThat(site.run(ask).outText()).contains("(deb)").contains("@");
  }
}
