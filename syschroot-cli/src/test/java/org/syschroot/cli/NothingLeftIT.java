// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** After a run, however it ended, the native system is as it was before. */
@RequiresRoot
@RequiresCommand("debootstrap")
class NothingLeftIT {
  private static final int KILLS = Dose.of(40, 200);
  private static final int LATEST_KILL_MILLIS = 600;

  private static TestSite site;

  @BeforeAll
  static void createSite() throws Exception {
    site = TestSite.withDeb32();
  }

  @AfterAll
  static void removeSite() throws Exception {
    site.close();
  }

  /** What a run could leave behind: mounts, files in /tmp, processes. */
  private record Traces(String mounts, Set<String> files, List<String> processes) {
    static Traces now() throws IOException {
      return new Traces(
          Files.readString(Path.of("/proc/self/mountinfo")), ofTmp(), processesInImage());
    }

    private static Set<String> ofTmp() throws IOException {
      try (Stream<Path> files = Files.list(Path.of("/tmp"))) {
        return files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.matches("(hsperfdata|jffi|\\.java_pid|\\.attach_pid).*"))
            .collect(Collectors.toCollection(TreeSet::new));
      }
    }

    private static List<String> processesInImage() throws IOException {
      try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
        return all.filter(process -> mentionsSite(process.pid()))
            .map(process -> process.pid() + " " + process.info().command().orElse("?"))
            .toList();
      }
    }

    private static boolean mentionsSite(long pid) {
      try {
        String environ =
            new String(
                Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline")),
                StandardCharsets.ISO_8859_1);
        return environ.contains(site.directory().toString()) || environ.contains("sleep\0" + 98765);
      } catch (IOException gone) {
        return false;
      }
    }
  }

  private static Traces before() throws IOException {
    Traces before = Traces.now();
    assertThat(before.processes()).isEmpty();
    return before;
  }

  static Stream<JavaRuntime> runtimes() throws IOException {
    return JavaRuntime.matrix();
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void run_success_leavesNothing(JavaRuntime java) throws Exception {
    Traces before = before();
    Outcome outcome =
        site.with(java)
            .run(TestImages.DEB32, "--", "grep", "-c", " /proc ", "/proc/self/mountinfo");
    assertThat(outcome).hasToString("status 0\nout: 1\n\nerr: ");
    assertThat(Traces.now()).isEqualTo(before);
  }

  @Test
  void run_commandMountsSomething_staysInItsNamespace() throws Exception {
    Traces before = before();
    Outcome outcome =
        site.run(
            TestImages.DEB32, "--", "sh", "-c", "mount -t tmpfs none /tmp && touch /tmp/jffi1");
    assertThat(outcome).hasToString("status 0\nout: \nerr: ");
    assertThat(Traces.now()).isEqualTo(before);
  }

  @Test
  void run_requiredSourceIsMissing_failsAndLeavesNothing() throws Exception {
    Traces before = before();
    Outcome outcome = site.run("--bind", "/no/such:/mnt", TestImages.DEB32, "--", "true");
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText())
        .startsWith("syschroot: deb32: cannot mount /no/such: not found on the host: ENOENT");
    assertThat(Traces.now()).isEqualTo(before);
  }

  @Test
  void run_killedAtAnyMoment_leavesNothing() throws Exception {
    Traces before = before();
    long seed = Long.getLong("syschroot.tests.seed", new Random().nextLong());
    Random random = new Random(seed);
    for (int i = 0; i < KILLS; i++) {
      try (Program.Running running =
          site.program(TestImages.DEB32, "--", "sleep", "98765").start()) {
        int millis = random.nextInt(LATEST_KILL_MILLIS);
        running.process().waitFor(millis, TimeUnit.MILLISECONDS);
        running.process().destroyForcibly();
        assertThat(running.await().status()).as("seed %d", seed).isEqualTo(128 + 9);
      }
    }
    // A helper of the start script notices the end of its parent by itself, at once.
    for (int i = 0; i < 50 && !Traces.now().processes().isEmpty(); i++) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    assertThat(Traces.now()).as("seed %d", seed).isEqualTo(before);
  }
}
