// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.examples.ExampleSite;
import org.syschroot.testing.ProcFiles;

final class RunMakeTest {
  private static final Path CHECKOUT = Path.of(System.getProperty("syschroot.tests.checkout"));
  private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @TempDir Path directory;

  @Test
  void run_make_runsAsThePageSays() throws Exception {
    ProcFiles.assumeRootAndBusybox();
    ExampleSite site = new ExampleSite(directory);
    Path root = site.image("sl5");
    Files.createDirectories(root.resolve("home/alice/src"));
    Path make = root.resolve("bin/make");
    Files.writeString(make, "#!/bin/sh\necho $* V=$V; pwd; id -u; id -G; ulimit -t; exit 3\n");
    assertThat(make.toFile().setExecutable(true, false)).isTrue();
    Path log = directory.resolve("log");
    assertThat(RunMake.run(site.config(), log.toFile())).isEqualTo(3);
    assertThat(Files.readAllLines(log))
        .containsExactly("-j4 V=1", "/home/alice/src", "1000", "1000 27", "3600");
  }

  @Test
  void page_examples_areTheCodeThatIsCompiled() throws IOException {
    Matcher page = EXAMPLE.matcher(Files.readString(CHECKOUT.resolve("docs/embedding.md")));
    List<String> sources = List.of(source("RunMake"), source("ImageTools"));
    int examples = 0;
    while (page.find()) {
      if (page.group(1).contains("org.example.runner")) {
        continue; // OutsideProjectTest builds these
      }
      List<String> example = stripped(page.group(1));
      assertThat(sources)
          .as("an example that no test compiles: " + page.group(1))
          .anySatisfy(source -> assertThat(stripped(source)).containsSequence(example));
      examples++;
    }
    assertThat(examples).isGreaterThan(5);
  }

  private static String source(String name) throws IOException {
    return Files.readString(
        CHECKOUT.resolve(
            "syschroot-examples/src/main/java/org/syschroot/examples/embedding/" + name + ".java"));
  }

  private static List<String> stripped(String code) {
    return code.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }
}
