// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/**
 * Every way into an image does the same in every situation, but for what {@link
 * ConformanceDifferences} declares; {@code docs/conformance.md} is the table.
 *
 * <p>Every run does each situation by {@code run}, its cached run, a cached start by the symbolic
 * link, and the launchers, furthermore each declared difference. Of what else takes a JVM, each
 * situation is done in one way, the next situation in the next way, and each third one by an
 * ordinary user. {@code -Pstress} does all of it.
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

  /** The same for root, or what a cached start cannot do. */
  private static final Set<String> NEVER_COMPILED_FOR_ROOT =
      Set.of(
          "directory: deleted",
          "mounts: something else on a target",
          "settings: drop-capabilities",
          "settings: a user who is not among those of the image",
          "settings: another user by the command line");

  /** The ways that take a JVM for each situation, besides that of {@code run}. */
  private static final Set<ConformanceWay> BY_A_JVM =
      EnumSet.of(
          ConformanceWay.SYMBOLIC_LINK,
          ConformanceWay.SPAWN,
          ConformanceWay.EXEC,
          ConformanceWay.SCRIPT,
          ConformanceWay.JOB);

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

  /** Returns those of an ordinary user in this run. */
  static Stream<Situation> situationsOfUsers() {
    List<Situation> all = Situations.all();
    return all.stream()
        .filter(
            one ->
                Dose.isHeavy()
                    || all.indexOf(one) % 3 == 0
                    || NEVER_COMPILED.contains(one.toString()));
  }

  /** Returns the ways of a situation that take a JVM and are done in this run. */
  private static Set<ConformanceWay> byJvm(Situation situation) {
    List<ConformanceWay> possible =
        BY_A_JVM.stream().filter(way -> ConformanceSite.canBeExpressed(situation, way)).toList();
    ConformanceWay next = possible.get(Situations.all().indexOf(situation) % possible.size());
    return possible.stream()
        .filter(
            way ->
                Dose.isHeavy()
                    || way == next
                    || ConformanceDifferences.of(situation, way).isPresent())
        .collect(Collectors.toSet());
  }

  @Test
  void dose_hasEveryWayManyTimes() {
    for (ConformanceWay way : BY_A_JVM) {
      assertThat(situations().filter(one -> byJvm(one).contains(way)))
          .as(way.title())
          .hasSizeGreaterThanOrEqualTo(10);
    }
  }

  @ParameterizedTest
  @MethodSource("situations")
  void situation_everyWay_isTheSameOrDeclared(Situation situation) throws Exception {
    Set<ConformanceWay> byJvm = byJvm(situation);
    SoftAssertions softly = new SoftAssertions();
    site.enter(situation);
    for (ConformanceWay way : ConformanceWay.values()) {
      if (way == ConformanceWay.CACHED) {
        softly
            .assertThat(site.isKept())
            .as("whether there is a program to start again")
            .isEqualTo(!NEVER_COMPILED_FOR_ROOT.contains(situation.toString()));
      }
      if (way == ConformanceWay.SYMBOLIC_LINK && byJvm.contains(way)) {
        site.forget();
      }
      if (ConformanceSite.canBeExpressed(situation, way)
          && (byJvm.contains(way)
              || !BY_A_JVM.contains(way)
              || way == ConformanceWay.SYMBOLIC_LINK)) {
        Outcome outcome = site.outcome(way);
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
  @MethodSource("situationsOfUsers")
  void situation_ordinaryUsersCachedRun_isTheSameAsTheUsersRun(Situation situation)
      throws Exception {
    site.enter(situation);
    Outcome byJvm = site.outcomeOfUser();
    assertThat(ofEveryProcess(site.outcomeOfUser())).isEqualTo(ofEveryProcess(byJvm));
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
