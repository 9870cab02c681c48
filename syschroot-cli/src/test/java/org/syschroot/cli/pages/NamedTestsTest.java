// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The tests that the page on security names as the proof of what it says. */
class NamedTestsTest {
  private static final Path CHECKOUT =
      Path.of(System.getProperty("syschroot.tests.checkout")).toAbsolutePath().normalize();
  private static final Pattern NAMED = Pattern.compile("`(\\w+)#(\\w+)`");
  private static final String LAST_COLUMN = "| test |";

  private static Map<String, String> sources;
  private static List<String> page;

  @BeforeAll
  static void readTestsAndPage() throws IOException {
    sources = new HashMap<>();
    try (Stream<Path> modules = Files.list(CHECKOUT)) {
      for (Path tests : modules.map(module -> module.resolve("src/test/java")).toList()) {
        if (Files.isDirectory(tests)) {
          read(tests);
        }
      }
    }
    page = Files.readAllLines(CHECKOUT.resolve("docs/security.md"));
  }

  private static void read(Path tests) throws IOException {
    try (Stream<Path> files = Files.walk(tests)) {
      for (Path file : files.filter(name -> name.toString().endsWith(".java")).toList()) {
        String name = file.getFileName().toString().replace(".java", "");
        // Modules may have classes of one name.
        sources.merge(name, Files.readString(file), String::concat);
      }
    }
  }

  private static boolean isTest(String type, String method) {
    return Pattern.compile(
            "@(Test|ParameterizedTest)\\b(?:(?!\\bvoid\\b).)*\\bvoid " + method + "\\(",
            Pattern.DOTALL)
        .matcher(sources.getOrDefault(type, ""))
        .find();
  }

  @Test
  void security_everyTestThatIsNamed_exists() {
    List<String> named = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    NAMED
        .matcher(String.join("\n", page))
        .results()
        .forEach(
            test -> {
              named.add(test.group());
              if (!isTest(test.group(1), test.group(2))) {
                missing.add(test.group());
              }
            });

    assertThat(missing).isEmpty();
    assertThat(named).hasSizeGreaterThan(50);
  }

  @Test
  void security_everyRowOfATableWithTests_namesOne() {
    List<String> rows = new ArrayList<>();
    boolean inside = false;
    for (String line : page) {
      if (line.endsWith(LAST_COLUMN)) {
        inside = true;
      } else if (!line.startsWith("|")) {
        inside = false;
      } else if (inside && !line.startsWith("|---")) {
        rows.add(line);
      }
    }

    assertThat(rows)
        .hasSizeGreaterThan(40)
        .allMatch(
            row -> NAMED.matcher(row.substring(row.lastIndexOf('|', row.length() - 2))).find());
  }

  @Test
  void isTest_methodThatIsNoneOrNowhere_isFalse() {
    assertThat(isTest("NamedTestsTest", "security_everyTestThatIsNamed_exists")).isTrue();
    assertThat(isTest("NamedTestsTest", "readTestsAndPage")).isFalse();
    assertThat(isTest("NamedTestsTest", "security_thatIsNot_there")).isFalse();
    assertThat(isTest("NoSuchTest", "security_everyTestThatIsNamed_exists")).isFalse();
  }
}
