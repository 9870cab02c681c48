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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** The import on the files that Debian's schroot ships, and beside schroot itself. */
@InOwnMountNamespace
@RequiresCommand("schroot")
class ImportCommandIT {
  @TempDir Path folder;

  private TestSite site;
  private Path directory;

  @BeforeEach
  void copySchrootsFiles() throws Exception {
    site = TestSite.empty();
    directory = Files.createDirectory(folder.toRealPath().resolve("schroot"));
    run("cp", "-r", "/etc/schroot/.", directory.toString());
    try (Stream<Path> local = Files.list(directory.resolve("chroot.d"))) {
      for (Path file : local.toList()) {
        Files.delete(file);
      }
    }
    run("mount", "--bind", directory.toString(), "/etc/schroot");
  }

  @AfterEach
  void removeSite() throws Exception {
    run("umount", "/etc/schroot");
    site.close();
  }

  private static Outcome run(String... words) throws IOException, InterruptedException {
    Outcome outcome = Program.of(words).run();
    assertThat(outcome.status()).as("%s: %s", List.of(words), outcome).isZero();
    return outcome;
  }

  private Outcome syschroot(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(TestImages.command().toString()));
    all.addAll(List.of(words));
    all.addAll(List.of("--config", site.directory().toString()));
    return Program.of(all).run();
  }

  /** The file that is shipped has its examples behind comment signs. */
  private static String examples() throws IOException {
    return Files.readString(Path.of("/etc/schroot/schroot.conf"))
        .replaceAll("(?m)^#(\\[|[a-z-]+=)", "$1");
  }

  @Test
  void schrootImport_fileThatIsMissing_isNamedInFull() throws Exception {
    assertThat(syschroot("import", "schroot", "/etc/schroot/no-such"))
        .hasToString(
            "status 125\nout: \nerr: syschroot: /etc/schroot/no-such: ENOENT (No such file or"
                + " directory)\n");
  }

  @Test
  void schrootImport_asShipped_hasNothingToSay() throws Exception {
    assertThat(syschroot("import", "schroot"))
        .hasToString(
            "status 0\nout: \nerr: syschroot: nothing to import in /etc/schroot/schroot.conf\n");
  }

  @Test
  void schrootImport_shippedExamples_areShownAndWrittenOnce() throws Exception {
    Files.writeString(Path.of("/etc/schroot/schroot.conf"), examples());
    Files.writeString(
        Path.of("/etc/schroot/chroot.d/unstable-amd64-sbuild-k2Jd7w"),
        // As sbuild-createchroot writes it.
        """
        [unstable-amd64-sbuild]
        description=Debian unstable/amd64 autobuilder
        groups=root,sbuild
        root-groups=root,sbuild
        profile=sbuild
        type=directory
        directory=/srv/chroot/unstable-amd64-sbuild
        union-type=overlay
        """);
    Outcome shown = syschroot("import", "schroot");
    assertThat(shown.status()).isZero();
    assertThat(shown.outText())
        .contains("/images.d/squeeze.toml\n# From [squeeze] in /etc/schroot/schroot.conf, line ")
        .contains("personality = \"linux32\"\n")
        .contains("mounts = [\"/proc:/proc:norbind\", \"/sys:/sys:norbind\", ");
    assertThat(shown.outText()).contains("layer = \"throw-away\"\n");
    assertThat(shown.errText()).contains("[sid-snap] is omitted");
    assertThat(Files.list(site.directory().resolve("images.d"))).isEmpty();

    Outcome written = syschroot("import", "schroot", "--install");
    assertThat(written.status()).as("%s", written).isZero();
    assertThat(syschroot("list").outText().lines().map(line -> line.split(" ")[0]))
        .containsExactly("lenny", "lenny-secure", "sid", "squeeze", "unstable-amd64-sbuild");
    assertThat(syschroot("show", "stable").outText()).contains("squeeze");

    String before = Files.readString(site.file("sid"));
    Outcome again = syschroot("import", "schroot", "--install", "--quiet");
    assertThat(again.status()).isEqualTo(125);
    assertThat(again.outText()).isEmpty();
    assertThat(again.errText())
        .contains("[sid] was not written: sid is the image sid too: rename one of them");
    assertThat(site.file("sid")).hasContent(before);
  }

  @Test
  void schrootImport_fileOthersCanWrite_isRefused() throws Exception {
    run("chmod", "0666", "/etc/schroot/schroot.conf");
    Outcome outcome = syschroot("import", "schroot");
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText()).contains("/etc/schroot/schroot.conf");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[a]\ndirectory=/\ndescription=x # y\n",
        "[a] # c\ndirectory=/\n",
        "[a]x\ndirectory=/\n",
        "  [a]\ndirectory=/\n",
        "x=y\n[a]\ndirectory=/\n",
        "[a]\ndirectory=/\ntype=plain\ntype=plain\n",
        "[a]\ndirectory=/\n[a]\ndirectory=/\n",
        "[a]\ndirectory=/\nnonsense\n",
        "[a]\ndirectory=/\n \n",
        "[a]\ndirectory=/\n[]\n",
        "[a]\ndirectory=/\n=x\n",
        "[a]\ndirectory=/\ndescription=a=b\n"
      })
  void schrootImport_oddFile_isRefusedWhereSchrootRefusesIt(String text) throws Exception {
    Files.writeString(Path.of("/etc/schroot/schroot.conf"), text.replace("=/\n", "=/srv\n"));
    boolean schroots = Program.of("schroot", "--list").run().status() == 0;
    Outcome ours = syschroot("import", "schroot", "--quiet");
    assertThat(ours.status()).as("%s", ours).isEqualTo(schroots ? 0 : 125);
  }
}
