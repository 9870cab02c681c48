// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.pages;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One command of a page: a line to type, or more if a shell would wait for more. Immutable.
 *
 * @param place where it stands, as {@code docs/mounts.md:31}
 * @param text what is typed
 * @param mayFail whether it need not succeed, since the page shows all that it prints
 * @param output what the page says that it prints, if it does; a line {@code ...} stands for any
 *     lines, {@code pid PID} for any process
 */
record PageCommand(String place, String text, boolean mayFail, Optional<String> output) {
  // In a line of its own block: "uname -m   # prints i686".
  private static final Pattern PRINTS = Pattern.compile(".*?\\s#\\s*prints (.+)");

  private static final String NOT = "! ";

  /** Returns the commands of a block. */
  static List<PageCommand> of(CodeBlock block) throws IOException, InterruptedException {
    return block.showsOutput() ? ofConsole(block) : ofScript(block);
  }

  private static List<PageCommand> ofScript(CodeBlock block)
      throws IOException, InterruptedException {
    List<PageCommand> commands = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    int start = 0;
    for (int i = 0; i < block.lines().size(); i++) {
      String line = block.lines().get(i);
      if (text.isEmpty() && (line.isBlank() || line.startsWith("#"))) {
        continue;
      }
      start = text.isEmpty() ? i : start;
      text.append(line).append('\n');
      if (isComplete(text.toString())) {
        Matcher prints = PRINTS.matcher(line);
        commands.add(
            new PageCommand(
                block.page() + ":" + (block.line() + start),
                text.toString(),
                false,
                prints.matches() ? Optional.of(prints.group(1) + "\n") : Optional.empty()));
        text.setLength(0);
      }
    }
    if (!text.isEmpty()) {
      throw new IOException(block.place() + ": no shell accepts " + text);
    }
    return commands;
  }

  /**
   * A line that begins with the prompt of the first, {@code $} or {@code #}, is typed, what follows
   * is printed. All is run by root.
   */
  private static List<PageCommand> ofConsole(CodeBlock block) throws IOException {
    List<PageCommand> commands = new ArrayList<>();
    String prompt = block.lines().get(0).substring(0, Math.min(2, block.lines().get(0).length()));
    if (!prompt.equals("$ ") && !prompt.equals("# ")) {
      throw new IOException(block.place() + ": the prompt is missing");
    }
    for (int i = 0; i < block.lines().size(); ) {
      String line = block.lines().get(i);
      String place = block.page() + ":" + (block.line() + i);
      StringBuilder output = new StringBuilder();
      for (i++; i < block.lines().size() && !block.lines().get(i).startsWith(prompt); i++) {
        output.append(block.lines().get(i)).append('\n');
      }
      commands.add(
          new PageCommand(place, line.substring(2) + "\n", true, Optional.of(output.toString())));
    }
    return commands;
  }

  private static boolean isComplete(String text) throws IOException, InterruptedException {
    if (text.endsWith("\\\n")) {
      return false;
    }
    Process check = new ProcessBuilder("bash", "-n", "-c", text).redirectErrorStream(true).start();
    // A here-document that is not at its end is a warning only.
    boolean silent = check.getInputStream().readAllBytes().length == 0;
    return check.waitFor() == 0 && silent;
  }

  /**
   * Returns what a shell runs that ends at the first failure. Behind {@code !} a command has to
   * fail, which {@code set -e} alone does not heed.
   */
  String script() {
    if (mayFail) {
      return "{ " + text + "} || true\n";
    }
    return text.startsWith(NOT)
        ? "if " + text.substring(NOT.length()) + "then\necho 'it succeeds'; exit 1\nfi\n"
        : text;
  }

  /** Returns whether what was printed is what the page shows. */
  boolean allows(String printed) {
    if (output.isEmpty()) {
      return true;
    }
    StringBuilder pattern = new StringBuilder();
    for (String line : output.get().split("\n", -1)) {
      // A number that nobody can know beforehand.
      String quoted = Pattern.quote(line).replace("pid PID", "pid \\E[0-9]+\\Q");
      pattern.append(line.equals("...") ? "(?:.*\\n)*" : quoted + "\\n");
    }
    return (printed + "\n").matches(pattern.toString());
  }

  /** Returns the command as the list of what is not run names it. */
  String firstLine() {
    return text.lines().findFirst().orElse("").replaceFirst("\\s+# .*", "");
  }
}
