// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.pages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A page of the documentation: Markdown, with code in fences or indented by four spaces. Immutable.
 *
 * @param name relative to the checkout, as {@code docs/mounts.md}
 * @param blocks its blocks of code, in their order; copied
 */
record Page(String name, List<CodeBlock> blocks) {
  private static final String INDENT = "    ";
  private static final String FENCE = "```";

  Page {
    blocks = List.copyOf(blocks);
  }

  /** Reads all pages of a checkout. */
  static List<Page> all(Path checkout) throws IOException {
    List<Path> files = new ArrayList<>(List.of(checkout.resolve("README.md")));
    try (Stream<Path> docs = Files.list(checkout.resolve("docs"))) {
      docs.filter(file -> file.toString().endsWith(".md")).sorted().forEach(files::add);
    }
    List<Page> pages = new ArrayList<>();
    for (Path file : files) {
      pages.add(parse(checkout.relativize(file).toString(), Files.readAllLines(file)));
    }
    return pages;
  }

  static Page parse(String name, List<String> lines) {
    List<CodeBlock> blocks = new ArrayList<>();
    int number = 0;
    boolean paragraphBefore = false;
    while (number < lines.size()) {
      String line = lines.get(number);
      List<String> block = new ArrayList<>();
      int start = number + 1;
      if (line.strip().startsWith(FENCE)) {
        number++;
        while (number < lines.size() && !lines.get(number).strip().equals(FENCE)) {
          block.add(lines.get(number++));
        }
        number++;
        String language = line.strip().substring(FENCE.length()).strip();
        blocks.add(new CodeBlock(name, start + 1, language, block));
        paragraphBefore = false;
      } else if (line.startsWith(INDENT) && !paragraphBefore) {
        // An empty line within a block belongs to it, at its end it does not.
        int end = number;
        for (int i = number; i < lines.size() && inBlock(lines.get(i)); i++) {
          end = lines.get(i).isBlank() ? end : i;
        }
        for (; number <= end; number++) {
          String inner = lines.get(number);
          block.add(inner.isBlank() ? "" : inner.substring(INDENT.length()));
        }
        blocks.add(new CodeBlock(name, start, "", block));
      } else {
        paragraphBefore = !line.isBlank();
        number++;
      }
    }
    return new Page(name, blocks);
  }

  private static boolean inBlock(String line) {
    return line.isBlank() || line.startsWith(INDENT);
  }

  /** Returns the name of the page's script, without directory and suffix. */
  String title() {
    return name.substring(name.lastIndexOf('/') + 1).replace(".md", "");
  }

  @Override
  public String toString() {
    return name;
  }
}
