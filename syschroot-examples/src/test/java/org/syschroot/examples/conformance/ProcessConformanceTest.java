// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.JvmState;
import org.syschroot.testing.ProcFiles;

/**
 * A switched process does what one of {@link ProcessBuilder} does, but for what {@link
 * ConformanceDifference} declares; {@code docs/embedding-conformance.md} is the table.
 */
@Timeout(60)
final class ProcessConformanceTest {
  private static final Path PAGE =
      Path.of(System.getProperty("syschroot.tests.checkout"), "docs/embedding-conformance.md");

  @TempDir static Path directory;
  private static Path root;
  private static int number;

  static List<ConformanceCase> cases() {
    return Stream.of(
            ArgumentCases.all(),
            EnvironmentCases.all(),
            DirectoryCases.all(),
            ExitCases.all(),
            StreamCases.all(),
            InputCases.all(),
            RedirectCases.all(),
            PipelineCases.all(),
            ReaderCases.all(),
            WaitCases.all(),
            DestroyCases.all(),
            HandleCases.all(),
            InheritanceCases.all(),
            ManyCases.all(),
            JvmCases.all())
        .flatMap(List::stream)
        .toList();
  }

  @BeforeAll
  static void makeTree() throws Exception {
    ProcFiles.assumeRootAndBusybox();
    JvmState.warmUp();
    root = BusyboxImage.tree(directory.resolve("images"), "small");
    Files.createDirectory(root.resolve("sys"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void outcome_ofASwitchedProcess_isThatOfProcessBuilder(ConformanceCase one) throws Exception {
    Path own = directory.resolve(String.valueOf(++number));
    Way jdk = Way.jdk(Files.createDirectories(own.resolve("jdk")), root);
    assertThat(one.outcome(jdk)).as("ProcessBuilder").matches(pattern(one.expected()));
    Way image = Way.image(Files.createDirectories(own.resolve("image")), root);
    check(one, image, ConformanceDifference.of(one));
    Way rootless = Way.rootless(Files.createDirectories(own.resolve("rootless")), root);
    check(one, rootless, ConformanceDifference.withoutPrivilege(one));
  }

  private static void check(
      ConformanceCase one, Way way, Optional<ConformanceDifference> difference) {
    assertThat(one.outcome(way))
        .as(way + ": " + difference.map(ConformanceDifference::reason).orElse("the same"))
        .matches(pattern(difference.map(ConformanceDifference::outcome).orElse(one.expected())));
  }

  private static Pattern pattern(String text) {
    return Pattern.compile(text, Pattern.DOTALL);
  }

  @Test
  void cases_areManyAndDifferent() {
    assertThat(cases()).hasSizeGreaterThanOrEqualTo(200);
    assertThat(cases()).extracting(ConformanceCase::toString).doesNotHaveDuplicates();
  }

  @Test
  void differences_belongToCases() {
    assertThat(cases())
        .extracting(ConformanceCase::toString)
        .containsAll(
            Stream.of(ConformanceDifference.ALL, ConformanceDifference.WITHOUT_PRIVILEGE)
                .flatMap(List::stream)
                .flatMap(one -> one.cases().stream())
                .toList());
  }

  @Test
  void page_isTheTable() throws Exception {
    String page = ConformancePage.of(cases());
    if (Boolean.getBoolean("syschroot.tests.rewritePages")) {
      Files.writeString(PAGE, page);
    }
    assertThat(Files.readString(PAGE)).isEqualTo(page);
  }
}
