// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** {@code run} makes the system calls that {@code explain} announces, in the same order. */
@RequiresRoot
@RequiresCommand({"debootstrap", "strace"})
class StepsIT {
  /** A line of {@code strace -f}: the thread, perhaps the end of a call, and the call's name. */
  private static final Pattern LINE = Pattern.compile("\\d+ +([a-z_0-9]+)\\(.*");

  private static TestSite site;

  @BeforeAll
  static void createSite() throws Exception {
    site = TestSite.withDeb32();
  }

  @AfterAll
  static void removeSite() throws Exception {
    site.close();
  }

  static Stream<List<String>> options() {
    return Stream.of(
        List.of(),
        List.of("--user", "nobody"),
        List.of("--no-new-privileges", "--drop-capability", "sys_admin,sys_boot"),
        List.of("--bind", "/usr:/mnt:ro", "--directory", "/mnt"),
        List.of("--user", "nobody", "--drop-capability", "all", "--no-new-privileges"));
  }

  @ParameterizedTest
  @MethodSource("options")
  void run_traced_makesTheCallsOfThePlan(List<String> options) throws Exception {
    List<String> words = new ArrayList<>(options);
    words.addAll(List.of(TestImages.DEB32, "--", "/bin/true"));
    List<String> planned = planned(words);
    assertThat(planned).contains("unshare", "chroot", "execve");
    Path trace = Files.createTempFile("syschroot-steps", ".txt");
    try {
      List<String> traced =
          new ArrayList<>(List.of("strace", "-f", "-qq", "-s", "0", "-o", trace.toString()));
      traced.addAll(site.words(words.toArray(String[]::new)));
      assertThat(Program.of(traced).run()).hasToString("status 0\nout: \nerr: ");
      List<String> made = callsOfSwitch(Files.readAllLines(trace));
      assertInOrder(made, planned);
    } finally {
      Files.delete(trace);
    }
  }

  private static List<String> planned(List<String> words) throws Exception {
    List<String> explain = site.words(words.toArray(String[]::new));
    explain.set(1, "explain");
    explain.addAll(2, List.of("--format", "json"));
    Outcome outcome = Program.of(explain).run();
    assertThat(outcome.errText()).isEmpty();
    JsonObject plan = JsonParser.parseString(outcome.outText()).getAsJsonObject();
    List<String> calls = new ArrayList<>();
    for (JsonElement step : plan.getAsJsonArray("steps")) {
      if (isCertain(step.getAsJsonObject())) {
        step.getAsJsonObject()
            .getAsJsonArray("systemCalls")
            .forEach(call -> calls.add(call.getAsString()));
      }
    }
    return calls;
  }

  /** A change of directory that only repeats a denied one is not made here. */
  private static boolean isCertain(JsonObject step) {
    JsonElement whenDenied = step.getAsJsonObject("details").get("whenDenied");
    return whenDenied == null || !whenDenied.getAsString().equals("only-if-denied-before");
  }

  /** From the one unshare to the command's execve, without what other threads of the JVM do. */
  private static List<String> callsOfSwitch(List<String> trace) {
    String thread = "";
    List<String> calls = new ArrayList<>();
    for (String line : trace) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        continue;
      }
      if (matcher.group(1).equals("unshare")) {
        thread = line.substring(0, line.indexOf(' '));
      }
      if (!thread.isEmpty() && line.startsWith(thread + " ")) {
        calls.add(matcher.group(1));
        if (matcher.group(1).equals("execve")) {
          return calls;
        }
      }
    }
    throw new AssertionError("no execve after unshare in\n" + String.join("\n", trace));
  }

  /** Asserts that the planned calls were made in this order; the JVM may make others between. */
  private static void assertInOrder(List<String> made, List<String> planned) {
    int place = 0;
    for (int i = 0; i < planned.size(); i++) {
      List<String> names = aliases(planned.get(i));
      while (place < made.size() && !names.contains(made.get(place))) {
        place++;
      }
      assertThat(place)
          .as("call %s, number %d of %s, in %s", planned.get(i), i, planned, made)
          .isLessThan(made.size());
      place++;
    }
    // None of the calls that change a process is made without being announced.
    for (String telling :
        Arrays.asList("chroot", "move_mount", "mount", "personality", "setresuid", "unshare")) {
      assertThat(made.stream().filter(telling::equals))
          .as(telling)
          .hasSize((int) planned.stream().filter(telling::equals).count());
    }
  }

  private static List<String> aliases(String call) {
    return switch (call) {
      case "prlimit" -> List.of("prlimit64");
      case "statx" -> List.of("statx", "fstat", "newfstatat");
      default -> List.of(call);
    };
  }
}
