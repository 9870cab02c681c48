// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.dist.Shell.run;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.cli.CommandDeclarations;
import org.syschroot.testing.RequiresCommand;

class PackageFilesTest {
  @TempDir static Path usr;

  @BeforeAll
  static void writeFiles() throws Exception {
    write(usr);
  }

  private static void write(Path directory) throws IOException {
    Path changes = Files.writeString(usr.resolve("CHANGELOG.md"), "# Changes\n");
    PackageFiles.main(
        new String[] {
          directory.toString(), "1.2-SNAPSHOT", "2026-11-24T00:00:00Z", changes.toString()
        });
  }

  static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.walk(usr.resolve("share/man"))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static String text(Path page) throws IOException {
    byte[] bytes = Files.readAllBytes(page);
    try (GZIPInputStream zip = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return new String(zip.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void pages_all_oneForEachCommandAndTheConfiguration() throws Exception {
    assertThat(pages()).hasSize(CommandDeclarations.all().subcommands().size() + 3);
    assertThat(usr.resolve("share/man/man1/syschroot-run.1.gz")).exists();
  }

  @ParameterizedTest
  @MethodSource("pages")
  @RequiresCommand({"lexgrog", "man"})
  void page_manDb_indexesAndFormatsItWithoutWarning(Path page) throws Exception {
    assertThat(run("lexgrog", page.toString())).contains(" - ");
    assertThat(run("sh", "-c", "man --warnings=w -l \"$1\" 2>&1 > /dev/null", "sh", page + ""))
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pages")
  @RequiresCommand("mandoc")
  void page_mandocsCheck_hasNoWarning(Path page) throws Exception {
    assertThat(Shell.outcome("mandoc", "-Tlint", "-Wwarning", page.toString()).output()).isEmpty();
  }

  @Test
  void page_run_showsWhatItsDeclarationSays() throws Exception {
    assertThat(text(usr.resolve("share/man/man1/syschroot-run.1.gz")))
        .contains(".TH \"SYSCHROOT\\-RUN\" 1 2026-11-24 ")
        .contains("\\fB\\-\\-user\\fR \\fINAME|UID[:GROUP|GID]\\fR\nRun as this user,")
        .contains("\\fB127\\fR\nThe command was not found.");
  }

  @Test
  void files_madeTwice_areTheSame(@TempDir Path other) throws Exception {
    write(other);
    try (Stream<Path> files = Files.walk(other)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(file).hasSameBinaryContentAs(usr.resolve(other.relativize(file)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "IMAGE [--] [COMMAND [ARG...]];image program...",
        "IMAGE...;image...",
        "[IMAGE [NAME...]];image anything...",
        "show FILE;words:show file",
        "text|json|sh;words:text:json:sh",
        "NAME|UID[:GROUP|GID];user",
        "SOURCE[:TARGET[:OPTIONS]];file",
        "DIR;directory",
        "NAME|all;anything"
      })
  void operand_label_tellsWhatCompletesIt(String label, String operands) {
    assertThat(
            CompletionWord.ofLabel(label).stream()
                .map(BashCompletion::word)
                .reduce("", (a, b) -> a + " " + b))
        .isEqualTo(" " + operands);
  }
}
