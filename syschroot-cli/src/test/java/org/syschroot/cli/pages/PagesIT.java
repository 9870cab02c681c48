// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.batch.BatchSchedulers;
import org.syschroot.cli.KeptImage;
import org.syschroot.cli.Troubleshooting;
import org.syschroot.cli.pages.CodeBlock.Kind;
import org.syschroot.config.CatalogReader;
import org.syschroot.config.FileTrust;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * Does what the pages say. The commands of a page are run one after the other, as root on a
 * throw-away native system that the page's script prepares: {@code PAGE.sh} beside this class's
 * resources, or {@code default.sh}. Each has to succeed, or to print what the page shows.
 *
 * <p>For writers of pages: fence commands with {@code sh}, or with {@code console} to show what
 * they print; a comment {@code # prints TEXT} does it for a single line. Settings are read as a
 * configuration. What cannot be run here, and code of no known kind, stands in {@code not-run.txt}
 * with a reason.
 */
@InOwnMountNamespace
@RequiresCommand({
  "debootstrap",
  "getcap",
  "mksquashfs",
  "objdump",
  "setpriv",
  "systemctl",
  "useradd"
})
class PagesIT {
  private static final Path CHECKOUT =
      Path.of(System.getProperty("syschroot.tests.checkout")).toAbsolutePath().normalize();

  @TempDir Path folder;

  static List<Page> pages() throws IOException {
    return Page.all(CHECKOUT);
  }

  /** What is not run, as {@code PAGE: FIRST LINE} before the reason. */
  private static List<String> notRun() throws IOException {
    return resource("not-run.txt")
        .orElseThrow()
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> line.split("  # ")[0])
        .toList();
  }

  private static java.util.Optional<String> resource(String name) throws IOException {
    try (InputStream input = PagesIT.class.getResourceAsStream(name)) {
      return input == null
          ? java.util.Optional.empty()
          : java.util.Optional.of(new String(input.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void notRun_eachEntry_hasAReasonAndIsInItsPage() throws Exception {
    Set<String> there = new HashSet<>();
    for (Page page : pages()) {
      for (CodeBlock block : page.blocks()) {
        there.add(page.name() + ": " + block.lines().get(0).strip());
        if (block.kind() == Kind.COMMANDS) {
          for (PageCommand command : PageCommand.of(block)) {
            there.add(page.name() + ": " + command.firstLine());
          }
        }
      }
    }
    assertThat(there).containsAll(notRun());
    assertThat(resource("not-run.txt").orElseThrow().lines())
        .allMatch(line -> line.isBlank() || line.startsWith("#") || line.matches(".*  # \\S.*"));
  }

  /** What is in its tables is provoked by BatchMessagesIT and LogMessagesIT. */
  @Test
  void troubleshooting_eachMessage_isOneThatACommandOfThePagePrints() throws Exception {
    Page page = Page.parse("docs/troubleshooting.md", Troubleshooting.text().lines().toList());
    assertThat(notRun()).noneMatch(line -> line.startsWith(page.name() + ":"));
    assertThat(page.blocks())
        .filteredOn(block -> !block.showsOutput())
        .singleElement()
        // WithoutRootIT provokes it, where there can be user namespaces.
        .satisfies(block -> assertThat(block.text()).contains("user.max_user_namespaces = 0"));
    assertThat(Troubleshooting.text().lines().filter(line -> line.startsWith("## ")))
        .containsExactly(
            "## Run",
            "## Configuration",
            "## Launchers",
            "## Mounts",
            "## Batch jobs",
            "## Log messages",
            "## Java");
    for (String section : List.of("Run", "Configuration", "Launchers", "Mounts", "Java")) {
      assertThat(Troubleshooting.table(section)).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void blocks_ofAPage_areOfAKnownKind(Page page) throws Exception {
    List<String> known = notRun();
    assertThat(page.blocks())
        .filteredOn(block -> block.kind() == Kind.UNKNOWN)
        .filteredOn(block -> !known.contains(page.name() + ": " + block.lines().get(0).strip()))
        .as("fence them with their language, or name them in not-run.txt")
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void settings_ofAPage_areAccepted(Page page) throws Exception {
    int number = 0;
    for (CodeBlock block : page.blocks()) {
      if (block.kind() == Kind.SETTINGS) {
        Path config = Files.createDirectory(folder.resolve("conf" + number++));
        Path images = Files.createDirectory(config.resolve("images.d"));
        String text = block.text();
        if (text.contains("[defaults")) {
          Files.writeString(config.resolve("syschroot.toml"), text);
        } else {
          String root = text.matches("(?s)(.*\n)?root *=.*") ? "" : "root = \"/sysroot/x\"\n";
          Files.writeString(images.resolve("x.toml"), root + text);
        }
        if (text.contains("[defaults")) {
          Files.writeString(images.resolve("x.toml"), "root = \"/sysroot/x\"\n");
        }
        assertThat(new CatalogReader(FileTrust.ANY, new BatchSchedulers()).read(config).problems())
            .as(block.place())
            .isEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void commands_ofAPage_doWhatItSays(Page page) throws Exception {
    List<PageCommand> commands = new ArrayList<>();
    List<String> left = notRun();
    for (CodeBlock block : page.blocks()) {
      if (block.kind() == Kind.COMMANDS) {
        for (PageCommand command : PageCommand.of(block)) {
          if (!left.contains(page.name() + ": " + command.firstLine())) {
            commands.add(command);
          }
        }
      }
    }
    if (commands.isEmpty()) {
      return;
    }
    List<String> scripts = new ArrayList<>();
    scripts.add("checkout=" + CHECKOUT + " kept=" + KeptImage.root() + "\n");
    scripts.add(resource("common.sh").orElseThrow());
    java.util.Optional<String> own = resource(page.title() + ".sh");
    scripts.add(own.isPresent() ? own.get() : resource("default.sh").orElseThrow());
    int prepared = scripts.size();
    commands.forEach(command -> scripts.add(command.script()));

    ThrowawaySystem.Outcome outcome = ThrowawaySystem.in(folder.toRealPath()).run(scripts);
    int last = outcome.outputs().size() - 1;
    if (outcome.status() != 0) {
      String failed = last < prepared ? "the preparation" : commands.get(last - prepared).place();
      throw new AssertionError(
          failed + " ends with " + outcome.status() + ": " + outcome.outputs().get(last));
    }
    assertThat(outcome.outputs()).hasSize(scripts.size());
    for (int i = 0; i < commands.size(); i++) {
      String printed = outcome.outputs().get(prepared + i);
      assertThat(commands.get(i).allows(printed))
          .as("%s prints\n%s", commands.get(i), printed)
          .isTrue();
    }
  }
}
