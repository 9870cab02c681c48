// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.javadoc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the examples in the Javadoc of the library to code that is compiled. */
final class JavadocExamplesTest {
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
  private static final List<String> MODULES =
      List.of(
          "core", "mounts", "personality", "syslog", "batch", "doctor", "images", "junit", "cdi");
  private static final Pattern BLOCK = Pattern.compile("<pre>\\{@code\n(.*?)\n *\\* *}</pre>", 32);
  private static final Pattern ROW =
      Pattern.compile("^\\| [a-z][^|]* \\| `(?:[a-z]+\\.)*([A-Z]\\w+)`", Pattern.MULTILINE);
  private static final Pattern REGION = Pattern.compile("// example: (\\w+)\n(.*?)\n *// end", 32);

  private static List<String> lines(String text) {
    return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }

  private static List<String> withoutStars(String javadoc) {
    return lines(javadoc.lines().map(line -> line.replaceFirst("^ *\\*", "")).toList());
  }

  private static List<String> lines(List<String> text) {
    return lines(String.join("\n", text));
  }

  /** Returns the examples of all sources, by the name of the type. */
  private static Map<String, List<String>> inJavadoc() throws IOException {
    Map<String, List<String>> examples = new TreeMap<>();
    for (String module : MODULES) {
      Path sources = CHECKOUT.resolve("syschroot-" + module + "/src/main/java");
      try (Stream<Path> files = Files.walk(sources)) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          String type = file.getFileName().toString().replace(".java", "");
          Matcher block = BLOCK.matcher(Files.readString(file));
          while (block.find()) {
            assertThat(examples.put(type, withoutStars(block.group(1))))
                .as("%s has more than one example", type)
                .isNull();
          }
        }
      }
    }
    return examples;
  }

  private static Map<String, List<String>> compiled() throws IOException {
    Path source =
        Path.of("src/test/java/org/syschroot/examples/javadoc/JavadocExamples.java")
            .toAbsolutePath();
    Map<String, List<String>> examples = new TreeMap<>();
    Matcher region = REGION.matcher(Files.readString(source));
    while (region.find()) {
      examples.put(region.group(1), lines(region.group(2)));
    }
    return examples;
  }

  @Test
  void examplesInJavadoc_eachType_areTheCodeThatIsCompiled() throws IOException {
    assertThat(inJavadoc()).isEqualTo(compiled());
  }

  @Test
  void examplesInJavadoc_thoseThatTouchNothing_run() throws IOException {
    JavadocExamples.image();
    JavadocExamples.mountPlan();
    assertThat(JavadocExamples.uname()).isNotEmpty();
  }

  /** Those are the first of each row of the page that lists the types by task. */
  @Test
  void examplesInJavadoc_typesToStartWith_haveOne() throws IOException {
    String page = Files.readString(CHECKOUT.resolve("docs/api.md"));
    Set<String> first =
        ROW.matcher(page).results().map(row -> row.group(1)).collect(Collectors.toSet());

    assertThat(first).hasSizeGreaterThan(25).contains("Syschroot", "SwitchRequest", "InImage");
    assertThat(inJavadoc().keySet()).containsAll(first);
  }
}
