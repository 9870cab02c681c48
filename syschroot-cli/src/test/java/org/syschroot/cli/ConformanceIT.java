// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/**
 * Every way into an image does the same in every situation, but for what {@link
 * ConformanceDifferences} declares; {@code docs/conformance.md} is the table.
 */
@RequiresRoot
@RequiresCommand({"debootstrap", "nsenter", "unshare"})
class ConformanceIT {
  private static final Path PAGE = TestImages.checkout().resolve("docs/conformance.md");

  /** What is refused before there is a plan, so that an ordinary user's start leaves none. */
  private static final Set<String> NEVER_COMPILED =
      Set.of(
          "directory: deleted",
          "settings: a user who is not among those of the image",
          "settings: another user by the command line");

  private static ConformanceSite site;

  @BeforeAll
  static void makeSite() throws Exception {
    site = ConformanceSite.of(Situations.all(), Situations.CHANGES);
  }

  @AfterAll
  static void removeSite() throws Exception {
    if (site != null) {
      site.close();
    }
  }

  static Stream<Situation> situations() {
    return Situations.all().stream();
  }

  @ParameterizedTest
  @MethodSource("situations")
  void situation_everyWay_isTheSameOrDeclared(Situation situation) throws Exception {
    SoftAssertions softly = new SoftAssertions();
    for (ConformanceWay way : ConformanceWay.values()) {
      if (ConformanceSite.canBeExpressed(situation, way)) {
        Outcome outcome = site.outcome(situation, way);
        Optional<ConformanceDifference> difference = ConformanceDifferences.of(situation, way);
        String expected =
            difference.map(ConformanceDifference::outcome).orElse(situation.expected());
        softly
            .assertThat(outcome.toString())
            .as("%s, %s", way.title(), difference.map(ConformanceDifference::reason).orElse("same"))
            .matches(Pattern.compile(expected, Pattern.DOTALL));
      }
    }
    softly.assertAll();
  }

  /** In a user namespace much is different, but not between the two. */
  @ParameterizedTest
  @MethodSource("situations")
  void situation_ordinaryUsersCachedRun_isTheSameAsTheUsersRun(Situation situation)
      throws Exception {
    Outcome byJvm = site.outcomeOfUser(situation, false);
    assertThat(ofEveryProcess(site.outcomeOfUser(situation, true)))
        .isEqualTo(ofEveryProcess(byJvm));
    assertThat(site.isKeptForUser())
        .as("whether there was a program to start again")
        .isEqualTo(!NEVER_COMPILED.contains(situation.toString()));
  }

  /** Returns an outcome without what /proc/self/status tells of one process alone. */
  private static String ofEveryProcess(Outcome outcome) {
    return outcome
        .toString()
        .replaceAll("(?m)^(Tgid|Pid|PPid|NStgid|NSpid|Vm\\w+|Rss\\w+|\\w+_ctxt_switches):.*\n", "");
  }

  @Test
  void differences_belongToSituations() {
    assertThat(ConformanceDifferences.unused(Situations.all())).isEmpty();
  }

  @Test
  void page_isTheTable() throws Exception {
    String page = ConformancePage.of(Situations.all());
    if (Boolean.getBoolean("syschroot.tests.rewritePages")) {
      Files.writeString(PAGE, page);
    }
    assertThat(Files.readString(PAGE)).isEqualTo(page);
  }

  @Test
  void situations_areMany() {
    assertThat(Situations.all()).hasSizeGreaterThanOrEqualTo(60);
    List<String> names = Situations.all().stream().map(Situation::toString).toList();
    assertThat(names).doesNotHaveDuplicates();
  }
}
