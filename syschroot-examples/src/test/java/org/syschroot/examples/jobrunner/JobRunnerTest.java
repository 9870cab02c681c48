// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.examples.ExampleSite;
import org.syschroot.testing.Dose;
import org.syschroot.testing.ProcFiles;

@Timeout(3600)
final class JobRunnerTest {
  private static final int KILLS = Dose.of(6, 100);
  private static final int JOBS = Dose.of(8, 100);

  @TempDir Path directory;
  private Path root;
  private RunnerProcess runner;

  @BeforeEach
  void makeSite() throws IOException {
    ProcFiles.assumeRootAndBusybox();
    ExampleSite site = new ExampleSite(directory);
    root = site.image("small");
    Files.setPosixFilePermissions(
        root.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
    runner = new RunnerProcess(site, directory.resolve("queue"));
  }

  private static String job(String script, String... more) {
    return "image = \"small\"\ncommand = [\"/bin/sh\", \"-c\", '''"
        + script
        + "''']\n"
        + String.join("\n", more)
        + "\n";
  }

  private void runAll() throws Exception {
    assertThat(runner.start("--until-empty").waitFor()).as(runner.log()).isZero();
  }

  @Test
  void run_jobs_haveTheirResultAndOutput() throws Exception {
    runner.submit("good", job("cat /image; pwd; echo $A$HOME", "environment.A = \"b c\""));
    runner.submit("bad", job("echo oops >&2; exit 7"));
    runner.submit("user", job("id -u; id -g; id -G", "uid = 1001", "gid = 1002", "groups = [3]"));
    runner.submit("missing", "image = \"small\"\ncommand = [\"nothing-of-the-kind\"]");
    runner.submit("nowhere", "image = \"smal\"\ncommand = [\"true\"]");
    runner.submit("broken", "image = 5");
    runAll();
    assertThat(runner.output("good")).isEqualTo("small\n/\nb c\n");
    assertThat(runner.result("good")).contains("outcome = \"exited\"", "status = 0\n");
    assertThat(runner.output("bad")).isEqualTo("oops\n");
    assertThat(runner.result("bad")).contains("outcome = \"exited\"", "status = 7\n");
    assertThat(runner.output("user")).isEqualTo("1001\n1002\n1002 3\n");
    assertThat(runner.result("missing")).contains("status = 127\n");
    assertThat(runner.result("nowhere")).contains("not-started", "near: small");
    assertThat(runner.names("rejected")).containsExactly("broken.reason", "broken.toml");
    assertThat(runner.names("new")).isEmpty();
    assertThat(runner.names("running")).isEmpty();
  }

  @Test
  void run_limits_holdBeforeTheCommandBegins() throws Exception {
    String limits = "limits = {open-files = 55, cpu-seconds = 9, core-bytes = 0, file-bytes = 512}";
    runner.submit("limited", job("ulimit -n; ulimit -t; ulimit -c; ulimit -f", limits));
    runner.submit("greedy", job("while :; do :; done", "limits = {cpu-seconds = 1}"));
    runAll();
    assertThat(runner.output("limited")).isEqualTo("55\n9\n0\n1\n");
    assertThat(runner.result("greedy")).contains("status = 137\n");
  }

  @Test
  void run_jobThatTakesTooLong_isKilledWithAllItStarted() throws Exception {
    runner.submit("long", job("echo begun; sleep 8765432 | sleep 8765432", "timeout-seconds = 1"));
    runAll();
    assertThat(runner.output("long")).isEqualTo("begun\n");
    assertThat(runner.result("long")).contains("outcome = \"timed-out\"", "status = 137\n");
    assertThat(withArgument("8765432")).isEmpty();
  }

  @Test
  void run_sameNameAgain_isRejected() throws Exception {
    runner.submit("twice", job("echo first"));
    runAll();
    runner.submit("twice", job("echo second"));
    runAll();
    assertThat(runner.output("twice")).isEqualTo("first\n");
    assertThat(runner.names("rejected")).containsExactly("twice.reason", "twice.toml");
  }

  @Test
  void start_secondRunner_isRefused() throws Exception {
    Process first = runner.start();
    try {
      await(() -> Files.exists(runner.queue().resolve("rejected")));
      assertThat(runner.start("--until-empty").waitFor()).isEqualTo(1);
      assertThat(runner.log()).contains("another runner has the queue");
    } finally {
      first.destroyForcibly().waitFor();
    }
  }

  @Test
  void start_queueThatOthersMayWrite_isRefused() throws Exception {
    Files.setPosixFilePermissions(runner.queue(), PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(runner.start("--until-empty").waitFor()).isEqualTo(1);
    assertThat(runner.log()).contains("is writable by users other than root");
  }

  @ParameterizedTest
  @ValueSource(strings = {"new", "running", "done", "rejected", "running/left"})
  void start_directoryOfTheQueueThatOthersMayWrite_isRefused(String name) throws Exception {
    Path place = Files.createDirectories(runner.queue().resolve(name));
    runner.submit("job", job("echo begun"));
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(runner.start("--until-empty").waitFor()).isEqualTo(1);
    assertThat(runner.log()).contains(place + " is writable by users other than root");
    assertThat(runner.queue().resolve("new/job.toml")).exists();
  }

  @Test
  void start_directoryOfTheQueueIsALinkToSomebodyElses_isRefused() throws Exception {
    Path theirs = Files.createDirectory(directory.resolve("theirs"));
    Files.setAttribute(theirs, "unix:uid", 54321);
    Files.delete(runner.queue().resolve("new"));
    Files.createSymbolicLink(runner.queue().resolve("new"), theirs);
    assertThat(runner.start("--until-empty").waitFor()).isEqualTo(1);
    assertThat(runner.log()).contains("belongs to uid 54321");
  }

  @Test
  void run_jobFileOfSomebodyElse_isRejected() throws Exception {
    runner.submit("theirs", job("echo begun"));
    Files.setAttribute(runner.queue().resolve("new/theirs.toml"), "unix:uid", 54321);
    runAll();
    assertThat(runner.names("rejected")).containsExactly("theirs.reason", "theirs.toml");
    assertThat(runner.queue().resolve("done/theirs")).doesNotExist();
  }

  @Test
  void start_afterKillWhileJobRuns_killsWhatIsLeftAndRunsItAgain() throws Exception {
    Path first = root.resolve("tmp/first");
    runner.submit("job", job("test -e /tmp/first || { echo > /tmp/first; exec sleep 9876543; }"));
    Process killed = runner.start();
    await(() -> Files.exists(first));
    killed.destroyForcibly().waitFor();
    assertThat(withArgument("9876543")).as("lives on until there is a runner again").hasSize(1);
    runAll();
    assertThat(withArgument("9876543")).isEmpty();
    assertThat(runner.log()).contains("job: interrupted, begins again; killed the rest");
    assertThat(runner.result("job")).contains("status = 0\n");
  }

  @Test
  void start_afterTermination_leavesNothingRunningAndRunsTheJobAgain() throws Exception {
    Path first = root.resolve("tmp/first");
    runner.submit("job", job("test -e /tmp/first || { echo > /tmp/first; exec sleep 9765432; }"));
    Process terminated = runner.start();
    await(() -> Files.exists(first));
    terminated.destroy();
    terminated.waitFor();
    await(() -> withArgument("9765432").isEmpty());
    assertThat(runner.names("done")).isEmpty();
    runAll();
    assertThat(runner.result("job")).contains("status = 0\n");
  }

  /**
   * Each job notes when it begins and ends. Whenever the runner is killed, the jobs that are done
   * must be so for good; at the end all are, none was lost, and none ran beside itself.
   */
  @Test
  void start_killedAtRandomMoments_losesAndRepeatsNothing() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < JOBS; i++) {
      String script =
          "echo $$ >> /tmp/j%1$d.begun;"
              + " sleep 0.%2$d; echo >> /tmp/j%1$d.ended; echo out%1$d; exit %3$d";
      runner.submit("j" + i, job(script.formatted(i, random.nextInt(10, 40), i % 100)));
    }
    Map<String, Long> begunWhenDone = new HashMap<>();
    for (int i = 0; i < KILLS; i++) {
      Process victim = runner.start("--slots", "3");
      // The whole life of a runner, from its own start to several jobs.
      victim.waitFor(random.nextInt(1500), TimeUnit.MILLISECONDS);
      victim.destroyForcibly().waitFor();
      for (String done : runner.names("done")) {
        begunWhenDone.putIfAbsent(done, lines(done + ".begun"));
      }
    }
    runAll();
    assertThat(runner.names("done")).as("seed " + seed).hasSize(JOBS);
    assertThat(runner.names("running")).isEmpty();
    assertThat(runner.names("new")).isEmpty();
    assertThat(runner.names("rejected")).isEmpty();
    for (int i = 0; i < JOBS; i++) {
      String name = "j" + i;
      assertThat(runner.output(name)).as(name).isEqualTo("out" + i + "\n");
      assertThat(runner.result(name)).as(name).contains("status = " + i % 100 + "\n");
      assertThat(lines(name + ".ended")).as(name).isPositive();
      if (begunWhenDone.containsKey(name)) {
        assertThat(lines(name + ".begun"))
            .as(name + ", seed " + seed)
            .isEqualTo(begunWhenDone.get(name));
      }
    }
    assertThat(inImage()).as("processes in the image").isEmpty();
  }

  private long lines(String file) throws IOException {
    try (Stream<String> lines = Files.lines(root.resolve("tmp/" + file))) {
      return lines.count();
    }
  }

  private static List<String> withArgument(String word) {
    return ProcessHandle.allProcesses()
        .map(process -> commandLine(process.pid()))
        .filter(line -> line.endsWith("sleep\0" + word + "\0"))
        .toList();
  }

  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException ended) {
      return "";
    }
  }

  private List<Long> inImage() {
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(pid -> isInImage(pid))
        .toList();
  }

  private boolean isInImage(long pid) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/" + pid + "/root")).equals(root);
    } catch (IOException ended) {
      return false;
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }
}
