// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import static org.syschroot.dist.Roff.bold;
import static org.syschroot.dist.Roff.italic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The manual page of a command, made from its declaration. Immutable.
 *
 * <p>Its name is {@code syschroot} or {@code syschroot-SUBCOMMAND}, so that {@code man syschroot
 * run} finds it as well.
 */
final class ManualPage {
  private static final String TOP = "syschroot";

  private final CommandSpec command;
  private final Edition edition;
  private final Optional<String> examples;

  /**
   * Creates the page.
   *
   * @param examples what the section of examples shows, if there are any
   */
  ManualPage(CommandSpec command, Edition edition, Optional<String> examples) {
    this.command = command;
    this.edition = edition;
    this.examples = examples;
  }

  /** What all pages of a release have in common: its version and date, as {@code 2026-11-24}. */
  record Edition(String version, String date) {}

  String name() {
    return isTop() ? TOP : TOP + "-" + command.name();
  }

  private boolean isTop() {
    return command.parent() == null;
  }

  String text() {
    Roff page = new Roff();
    page.request(".\\\" Made from the declaration of the command; changes are lost.");
    page.request(
        ".TH %s 1 %s %s %s"
            .formatted(
                Roff.quoted(name().toUpperCase(Locale.ROOT)),
                edition.date(),
                Roff.quoted(TOP + " " + edition.version()),
                Roff.quoted("syschroot manual")));
    page.section("NAME").request(Roff.escape(name()) + " \\- " + Roff.escape(summary(command)));
    page.section("SYNOPSIS");
    synopsis(page);
    page.section("DESCRIPTION").text(summary(command) + ".");
    if (!description(command).isEmpty()) {
      page.request(".PP").text(description(command));
    }
    parameters(page);
    if (isTop()) {
      subcommands(page);
    }
    page.section("OPTIONS");
    command.options().stream()
        .filter(option -> !option.hidden())
        .sorted(Comparator.comparing(OptionSpec::longestName))
        .forEach(option -> page.tagged(tag(option), description(option.description())));
    examples.ifPresent(text -> page.section("EXAMPLES").verbatim(text));
    exitStatus(page);
    files(page);
    seeAlso(page);
    return page.toString();
  }

  private void synopsis(Roff page) {
    String[] custom = command.usageMessage().customSynopsis();
    List<String> lines = new ArrayList<>(List.of(custom));
    if (lines.isEmpty()) {
      StringBuilder line = new StringBuilder(command.qualifiedName()).append(" [OPTIONS]");
      if (isTop()) {
        line.append(" COMMAND");
      }
      command.positionalParameters().forEach(each -> line.append(' ').append(label(each)));
      lines.add(line.toString());
    }
    String separator = "";
    for (String line : lines) {
      if (!separator.isEmpty()) {
        page.request(separator);
      }
      page.request(words(line));
      separator = ".br";
    }
  }

  /** Shows in bold what is typed as it stands, in italics what stands for something else. */
  private static String words(String synopsis) {
    return Arrays.stream(synopsis.split(" "))
        .map(word -> word.matches(".*[A-Z].*") ? italic(word) : bold(word))
        .collect(Collectors.joining(" "));
  }

  private static String label(PositionalParamSpec parameter) {
    String label = parameter.paramLabel();
    return parameter.arity().min() > 0 || label.startsWith("[") ? label : "[" + label + "]";
  }

  private void parameters(Roff page) {
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      if (!parameter.hidden()) {
        page.tagged(italic(parameter.paramLabel()), description(parameter.description()));
      }
    }
  }

  private void subcommands(Roff page) {
    page.section("COMMANDS");
    command
        .subcommands()
        .values()
        .forEach(
            each -> page.tagged(bold(each.getCommandName()), summary(each.getCommandSpec()) + "."));
    page.request(".PP").text("Each has a manual page of its own, such as");
    page.request(".BR syschroot\\-run (1).");
  }

  private static String tag(OptionSpec option) {
    Stream<String> names = Arrays.stream(option.names()).map(Roff::bold);
    String tag = names.collect(Collectors.joining(", "));
    if (option.arity().max() == 0 || option.typeInfo().isBoolean()) {
      return tag;
    }
    return tag + " " + italic(option.paramLabel()) + (option.arity().max() > 1 ? " ..." : "");
  }

  private void exitStatus(Roff page) {
    page.section("EXIT STATUS");
    if (command.name().equals("run")) {
      page.tagged(bold("125"), "syschroot itself failed, and the command was not started.");
      page.tagged(bold("126"), "The command was found, but cannot be executed.");
      page.tagged(bold("127"), "The command was not found.");
      page.request(".PP").text("Every other status is that of the command.");
      return;
    }
    String[] answers = command.usageMessage().footer();
    for (String answer : answers) {
      String[] parts = answer.strip().split(" +", 2);
      page.tagged(bold(parts[0]), sentence(parts[1]));
    }
    if (answers.length == 0) {
      page.tagged(bold("0"), "Success.");
    }
    page.tagged(bold("2"), "The command line is wrong.");
    page.tagged(bold("125"), "It failed; standard error says why.");
  }

  private static void files(Roff page) {
    page.section("FILES");
    page.tagged(italic("/etc/syschroot/images.d/NAME.toml"), "The settings of an image.");
    page.tagged(italic("/etc/syschroot/syschroot.toml"), "Defaults for all images.");
  }

  private void seeAlso(Roff page) {
    page.section("SEE ALSO");
    CommandSpec top = isTop() ? command : command.parent();
    List<String> pages = new ArrayList<>();
    if (!isTop()) {
      pages.add(TOP);
    }
    top.subcommands().keySet().stream()
        .filter(name -> !name.equals(command.name()))
        .sorted()
        .forEach(name -> pages.add(TOP + "-" + name));
    for (String other : pages) {
      page.request(".BR " + Roff.escape(other) + " (1),");
    }
    page.request(".BR syschroot.toml (5),");
    page.request(".BR syschroot (7)");
  }

  private static String description(CommandSpec command) {
    return description(command.usageMessage().description());
  }

  private static String description(String[] lines) {
    return String.join("\n", lines).replace("%n", "\n").replace("%%", "%");
  }

  private static String sentence(String clause) {
    return clause.substring(0, 1).toUpperCase(Locale.ROOT) + clause.substring(1) + ".";
  }

  /** Returns the summary of a command, as the line of a NAME section has it. */
  static String summary(CommandSpec command) {
    return String.join(" ", command.usageMessage().header());
  }
}
