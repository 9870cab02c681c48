// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/**
 * What a switch preserves. Each test brings a process into some state by {@code driver.pl}, lets it
 * become a probe directly and another one become the same probe by way of {@code syschroot run},
 * and compares what the two probes say.
 */
@RequiresRoot
@RequiresCommand("debootstrap")
class PreservationIT {
  private static final long RESERVED_BY_GLIBC = 1L << 31 | 1L << 32;
  private static final long NOT_TO_BE_IGNORED = 1L << 8 | 1L << 18;

  /**
   * Perl gives SIGCHLD its default back before it runs anything, so the start script cannot know.
   */
  private static final long NOT_SEEN_BY_PERL = 1L << 16;

  /** What /proc/self/status says of a process that a switch must not touch. */
  private static final List<String> KEPT =
      List.of(
          "Umask",
          "PPid",
          "NSpgid",
          "NSsid",
          "Uid",
          "Gid",
          "Groups",
          "SigPnd",
          "ShdPnd",
          "SigBlk",
          "SigIgn",
          "SigCgt",
          "CapInh",
          "CapPrm",
          "CapEff",
          "CapBnd",
          "CapAmb",
          "NoNewPrivs",
          "Seccomp",
          "Cpus_allowed",
          "Mems_allowed",
          "Threads");

  private static final List<String> CAPABILITIES_OF_PROCESS = List.of("CapPrm", "CapEff");

  // The fields of /proc/PID/stat from the third on, as in proc_pid_stat(5).
  private static final Map<String, Integer> STAT_FIELDS =
      Map.of(
          "tty_nr",
          7,
          "tpgid",
          8,
          "priority",
          18,
          "nice",
          19,
          "exit_signal",
          38,
          "rt_priority",
          40,
          "policy",
          41);

  private static final String PROC = "/proc/self/";

  private static TestSite site;
  private Path directory;

  /** Who runs the command and by which Java. */
  private record Switch(JavaRuntime java, boolean asNobody) {
    List<String> words(List<String> command) throws IOException, InterruptedException {
      List<String> words = new ArrayList<>();
      if (asNobody) {
        words.addAll(List.of("--user", "nobody"));
      }
      words.addAll(List.of(TestImages.DEB32, "--"));
      words.addAll(command);
      return site.with(java).words(words.toArray(String[]::new));
    }

    @Override
    public String toString() {
      return java + (asNobody ? ", nobody" : ", root");
    }
  }

  static Stream<Switch> switches() throws IOException {
    return JavaRuntime.matrix()
        .flatMap(java -> Stream.of(new Switch(java, false), new Switch(java, true)));
  }

  static Stream<Arguments> switchesAndSeeds() throws IOException {
    return switches()
        .flatMap(
            how -> LongStream.of(1, new Random().nextLong()).mapToObj(s -> Arguments.of(how, s)));
  }

  @BeforeAll
  static void createSite() throws Exception {
    site = TestSite.withDeb32();
  }

  @AfterAll
  static void removeSite() throws Exception {
    site.close();
  }

  @BeforeEach
  void createDirectory() throws IOException {
    directory = Files.createTempDirectory(Path.of("/tmp"), "syschroot-preservation");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  @AfterEach
  void removeDirectory() throws Exception {
    Program.of("rm", "-rf", "--one-file-system", directory.toString()).run();
  }

  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** The facts that {@code cat} of files in /proc/self brings to light, by name. */
  private static Map<String, String> facts(String text) {
    Map<String, String> facts = new TreeMap<>();
    for (String line : text.split("\n", -1)) {
      String[] pair = line.split(":\\s*", 2);
      if (pair.length == 2 && KEPT.contains(pair[0])) {
        facts.put(pair[0], pair[1]);
      } else if (line.startsWith("Max ")) {
        facts.put(line.substring(0, 25).strip(), line.substring(26).strip());
      } else if (line.matches("\\d+ \\(.*")) {
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
        STAT_FIELDS.forEach((name, number) -> facts.put(name, fields[number - 3]));
      } else if (line.matches("-?\\d+")) {
        facts.merge("oom_score_adj, timerslack_ns", line, (a, b) -> a + " " + b);
      } else if (line.matches("\\d+:.*:/.*")) {
        facts.merge("cgroup", line, (a, b) -> a + "\n" + b);
      } else if (line.startsWith("Pid:")) {
        facts.put("Pid", pair[1]);
      }
    }
    return facts;
  }

  private static List<String> catOfProc() {
    return Stream.concat(
            Stream.of("/bin/cat"),
            Stream.of("status", "stat", "limits", "oom_score_adj", "timerslack_ns", "cgroup")
                .map(PROC::concat))
        .toList();
  }

  /** Runs a probe both ways, checks that the pid is that of the driver, and returns the facts. */
  private List<Map<String, String>> factsBothWays(Driver driver, Switch how)
      throws IOException, InterruptedException {
    List<Map<String, String>> both = new ArrayList<>();
    for (List<String> command : List.of(catOfProc(), how.words(catOfProc()))) {
      try (Program.Running running = driver.starting(command, directory).start()) {
        String pid = Long.toString(running.pid());
        Outcome outcome = running.await();
        assertThat(outcome.errText()).isEmpty();
        assertThat(outcome.status()).isZero();
        Map<String, String> facts = facts(latin1(outcome.out()));
        assertThat(facts.remove("Pid")).as("pid").isEqualTo(pid);
        // The two probes are two processes: a leader is compared as such.
        facts.computeIfPresent("NSpgid", (name, id) -> id.equals(pid) ? "own" : id);
        facts.computeIfPresent("NSsid", (name, id) -> id.equals(pid) ? "own" : id);
        both.add(facts);
      }
    }
    if (how.asNobody()) {
      both.get(0).put("Uid", "65534\t65534\t65534\t65534");
      both.get(0).put("Gid", "65534\t65534\t65534\t65534");
      both.get(0).put("Groups", "65534 ");
      CAPABILITIES_OF_PROCESS.forEach(set -> both.get(0).put(set, "0000000000000000"));
    }
    return both;
  }

  private static Driver driver(Switch how) {
    Driver driver = new Driver();
    return driver
        .bytes("env", List.of("PATH=/usr/bin:/bin", "LC_ALL=C", "JAVA_HOME=" + how.java().home()))
        .bytes("directory", List.of("/tmp"));
  }

  @ParameterizedTest
  @MethodSource("switches")
  void run_plainState_isPreserved(Switch how) throws Exception {
    List<Map<String, String>> both = factsBothWays(driver(how).line("signals 0 0"), how);
    assertThat(both.get(0)).containsEntry("SigIgn", "0000000000000000");
    assertThat(both.get(0)).containsEntry("SigBlk", "0000000000000000");
    assertThat(both.get(0)).containsEntry("PPid", Long.toString(ProcessHandle.current().pid()));
    assertThat(both.get(1)).isEqualTo(both.get(0));
  }

  @ParameterizedTest
  @MethodSource("switches")
  void run_oddState_isPreserved(Switch how) throws Exception {
    Driver driver =
        driver(how)
            .line("own_group")
            .line("umask 0137")
            .line("nice 5")
            .line("processor 1")
            .line("groups 4 24 1234567")
            .line("no_new_privileges")
            .line("timer_slack 123456")
            .line("oom 321")
            .line("signals 0 0");
    long[][] limits = {
      {0, 1000, 2000}, // CPU, seconds
      {1, 1L << 30, 1L << 31}, // FSIZE
      {2, 1L << 33, 1L << 34}, // DATA
      {3, 3 << 20, 1L << 30}, // STACK
      {4, 0, 12345}, // CORE
      {5, 1L << 32, 1L << 33}, // RSS
      {6, 1234, 2345}, // NPROC
      {7, 77, 999}, // NOFILE
      {8, 12345, 23456}, // MEMLOCK
      {9, 1L << 33, 1L << 34}, // AS
      {10, 11, 12}, // LOCKS
      {11, 1000, 1001}, // SIGPENDING
      {12, 4096, 8192}, // MSGQUEUE
      {13, 3, 7}, // NICE
      {14, 2, 9}, // RTPRIO
      {15, 1000000, 2000000} // RTTIME, microseconds
    };
    for (long[] limit : limits) {
      driver.line("limit " + limit[0] + " " + limit[1] + " " + limit[2]);
    }
    List<Map<String, String>> both = factsBothWays(driver, how);
    assertThat(both.get(0))
        .containsEntry("Umask", "0137")
        .containsEntry("nice", "5")
        .containsEntry("Cpus_allowed", "2")
        .containsEntry("NoNewPrivs", "1")
        .containsEntry("oom_score_adj, timerslack_ns", "321 123456")
        .containsKey("Max open files");
    if (!how.asNobody()) {
      assertThat(both.get(0)).containsEntry("Groups", "4 24 1234567 ");
    }
    assertThat(both.get(0).get("Max open files")).startsWith("77 ").contains(" 999 ");
    assertThat(both.get(1)).isEqualTo(both.get(0));
  }

  @ParameterizedTest
  @MethodSource("switches")
  void run_ownSession_isPreserved(Switch how) throws Exception {
    List<Map<String, String>> both =
        factsBothWays(driver(how).line("own_session").line("signals 0 0"), how);
    assertThat(both.get(0)).containsEntry("NSsid", "own").containsEntry("NSpgid", "own");
    assertThat(both.get(1)).isEqualTo(both.get(0));
  }

  static Stream<Arguments> signalSets() throws IOException {
    long hupIntQuitPipeFpeUsr2Xfsz =
        1L | 1L << 1 | 1L << 2 | 1L << 12 | 1L << 7 | 1L << 11 | 1L << 24;
    long chld = 1L << 16;
    long all = ~(NOT_TO_BE_IGNORED | RESERVED_BY_GLIBC);
    long ignorable = all & ~NOT_SEEN_BY_PERL;
    long usr1TermChldAndRealTime = 1L << 9 | 1L << 14 | chld | 1L << 34 | 1L << 63;
    List<Arguments> sets = new ArrayList<>();
    for (Switch how : switches().toList()) {
      sets.add(Arguments.of(how, usr1TermChldAndRealTime, hupIntQuitPipeFpeUsr2Xfsz));
      sets.add(Arguments.of(how, 0, ignorable));
      sets.add(Arguments.of(how, all, 0));
      sets.add(Arguments.of(how, all, ignorable));
    }
    Switch simple = new Switch(JavaRuntime.matrix().findFirst().orElseThrow(), false);
    for (int signal = 1; signal <= 64; signal++) {
      long bit = 1L << (signal - 1);
      if ((bit & ignorable) != 0) {
        sets.add(Arguments.of(simple, 0, bit));
      }
    }
    return sets.stream();
  }

  @ParameterizedTest
  @MethodSource("signalSets")
  void run_signals_arePreserved(Switch how, long blocked, long ignored) throws Exception {
    String line = "signals " + Long.toHexString(blocked) + " " + Long.toHexString(ignored);
    List<Map<String, String>> both = factsBothWays(driver(how).line(line), how);
    assertThat(both.get(0))
        .containsEntry("SigBlk", String.format("%016x", blocked))
        .containsEntry("SigIgn", String.format("%016x", ignored));
    assertThat(both.get(1)).isEqualTo(both.get(0));
  }

  /** Prints what is open, except this listing itself: target, position, flags and file. */
  private static final String DESCRIPTOR_PROBE =
      "my $text = ''; opendir(my $d, '/proc/self/fd'); my $own = fileno $d;"
          + "for my $n (sort { $a <=> $b } grep { /^[0-9]/ && $_ != $own } readdir $d) {"
          + "  open(my $i, '<', \"/proc/self/fdinfo/$n\") or next;"
          + "  my $info = join('', <$i>); close $i;"
          + "  my ($pos, $flags) = $info =~ /^pos:\\s*(\\d+)\\nflags:\\s*(\\d+)/;"
          + "  next if oct($flags) & 02000000;" // O_CLOEXEC: not for the command
          + "  my @s = stat \"/proc/self/fd/$n\";"
          + "  $text .= \"$n \" . readlink(\"/proc/self/fd/$n\") . \" $pos $flags $s[0] $s[1]\\n\""
          + "} closedir $d;"
          + "open(my $o, '>>', $ARGV[0]) or die $!; print $o $text; close $o;";

  @ParameterizedTest
  @MethodSource("switches")
  void run_descriptors_areTheCallersAndNoOther(Switch how) throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "0123456789");
    Path expected = directory.resolve("expected");
    Path found = directory.resolve("found");
    Files.createFile(found);
    Files.setPosixFilePermissions(found, PosixFilePermissions.fromString("rw-rw-rw-"));
    Driver driver = driver(how).line("signals 0 0");
    String path = " " + Driver.hex(file.toString()) + " ";
    for (int descriptor = 3; descriptor <= 20; descriptor++) {
      int readWriteAppendNonblock =
          new int[] {0, 1, 2, 1 | 02000, 04000, 2 | 02000 | 04000}[descriptor % 6];
      driver.line("open " + descriptor + path + readWriteAppendNonblock + " " + descriptor % 10);
    }
    driver.line("open 60" + path + "0 4");
    driver.line("close 11");
    driver.bytes("facts", List.of(DESCRIPTOR_PROBE, expected.toString()));
    List<String> probe = List.of("/usr/bin/perl", "-e", DESCRIPTOR_PROBE, found.toString());
    Outcome outcome = driver.starting(how.words(probe), directory).run();
    assertThat(outcome).hasToString("status 0\nout: \nerr: ");
    assertThat(Files.readString(expected)).contains("\n20 ").contains("\n60 ");
    assertThat(Files.readString(found)).isEqualTo(Files.readString(expected));
  }

  @ParameterizedTest
  @MethodSource("switches")
  void run_closedStandardDescriptors_stayClosed(Switch how) throws Exception {
    // A shell opens nothing of its own here, where Perl would take the place of a closed 0.
    String script =
        "for n in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && s=\"$s $n\"; done; umask 0;"
            + "echo \"$s\" > ";
    for (int closed = 0; closed < 8; closed++) {
      Path found = directory.resolve("found" + closed);
      Driver driver = driver(how).line("signals 0 0");
      StringBuilder expected = new StringBuilder();
      for (int descriptor = 0; descriptor < 3; descriptor++) {
        if ((closed & 1 << descriptor) != 0) {
          driver.line("close " + descriptor);
        } else {
          expected.append(' ').append(descriptor);
        }
      }
      List<String> probe = List.of("/bin/sh", "-c", script + found);
      assertThat(driver.starting(how.words(probe), directory).run().status()).isZero();
      assertThat(Files.readString(found)).isEqualTo(expected + "\n");
    }
  }

  @ParameterizedTest
  @MethodSource("switches")
  void run_contentOfDescriptors_isReadOnWhereTheCallerStopped(Switch how) throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "0123456789");
    Driver driver =
        driver(how).line("signals 0 0").line("open 7 " + Driver.hex(file.toString()) + " 0 4");
    Outcome outcome =
        driver.starting(how.words(List.of("/bin/sh", "-c", "cat <&7")), directory).run();
    assertThat(outcome).hasToString("status 0\nout: 456789\nerr: ");
  }

  private static String randomBytes(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) (1 + random.nextInt(255)));
    }
    return text.toString();
  }

  private static List<String> oddEnvironment(Random random, Switch how) {
    List<String> entries = new ArrayList<>();
    entries.add("PATH=/usr/bin:/bin");
    entries.add("JAVA_HOME=" + how.java().home());
    for (int i = 0; i < 300; i++) {
      entries.add(
          randomBytes(random, 1 + random.nextInt(12))
              + "="
              + randomBytes(random, random.nextInt(80)));
    }
    entries.add("EMPTY=");
    entries.add("TWICE=1");
    entries.add("TWICE=2");
    entries.add("no equals sign");
    entries.add("=nameless");
    entries.add("");
    entries.add("BASH_FUNC_module%%=() {  eval `/usr/bin/modulecmd bash $*`\n}");
    entries.add("JAVA_TOOL_OPTIONS=-XshowSettings:all -Xmx2m");
    entries.add("_JAVA_OPTIONS=-Xmx1m");
    entries.add("JDK_JAVA_OPTIONS=--no-such-option");
    entries.add("CLASSPATH=/nowhere");
    entries.add("LD_LIBRARY_PATH=/nowhere");
    entries.add("LD_PRELOAD=libm.so.6"); // both systems have it
    entries.add("PERL5OPT=-MNo::Such::Module");
    entries.add("PERL5LIB=/nowhere");
    entries.add("PERL_UNICODE=SAD");
    entries.add("MALLOC_ARENA_MAX=7");
    entries.add("PWD=/not/where/we/are");
    return entries;
  }

  @ParameterizedTest
  @MethodSource("switchesAndSeeds")
  void run_environment_arrivesByteForByte(Switch how, long seed) throws Exception {
    List<String> entries = oddEnvironment(new Random(seed), how);
    Driver driver = driver(how).bytes("env", entries).line("signals 0 0");
    Outcome outcome =
        driver.starting(how.words(List.of("/bin/cat", PROC + "environ")), directory).run();
    assertThat(outcome.errText()).as("seed %d", seed).isEmpty();
    assertThat(outcome.status()).as("seed %d", seed).isZero();
    List<String> arrived = new ArrayList<>(Arrays.asList(latin1(outcome.out()).split("\0", -1)));
    assertThat(arrived.remove(arrived.size() - 1)).isEmpty(); // every entry ends in NUL
    entries.add("SYSCHROOT_IMAGE=" + TestImages.DEB32);
    assertThat(arrived).as("seed %d", seed).containsExactlyElementsOf(entries);
  }

  @ParameterizedTest
  @MethodSource("switchesAndSeeds")
  void run_arguments_arriveByteForByte(Switch how, long seed) throws Exception {
    Random random = new Random(seed);
    List<String> command = new ArrayList<>(List.of("/usr/bin/perl", "-e"));
    command.add("print unpack('H*', $_), \"\\n\" for @ARGV");
    List<String> words = new ArrayList<>(List.of("--", "", "--user", "-v", "--", "@file", "$HOME"));
    for (int i = 0; i < 200; i++) {
      words.add((i % 3 == 0 ? "-" : "") + randomBytes(random, random.nextInt(60)));
    }
    words.add("");
    command.addAll(words);
    Outcome outcome = driver(how).line("signals 0 0").starting(how.words(command), directory).run();
    String expected =
        words.stream().skip(1).map(word -> Driver.hex(word) + "\n").collect(Collectors.joining());
    assertThat(outcome.errText()).as("seed %d", seed).isEmpty();
    assertThat(outcome.outText()).as("seed %d", seed).isEqualTo(expected);
  }

  static Stream<Arguments> directories() throws IOException {
    return switches()
        .flatMap(
            how ->
                Stream.of(
                        "plain",
                        "sp ace",
                        "Sch\u00f6n \u00ff\u0080",
                        "line\nbreak\n",
                        " (deleted)",
                        "\u0001\u007f%s\\")
                    .map(name -> Arguments.of(how, name)));
  }

  @ParameterizedTest
  @MethodSource("directories")
  void run_currentDirectory_isTheSame(Switch how, String name) throws Exception {
    String path = directory + "/" + name;
    Driver driver = driver(how).bytes("directory", List.of(path)).line("signals 0 0");
    String probe = "my @s = stat '.'; print unpack('H*', readlink '/proc/self/cwd'), \" $s[1]\"";
    List<String> command = List.of("/usr/bin/perl", "-e", probe);
    Outcome native_ = driver.starting(command, directory).run();
    Outcome switched = driver.starting(how.words(command), directory).run();
    assertThat(native_.outText()).startsWith(Driver.hex(path) + " ");
    assertThat(switched).hasToString(native_.toString());
  }

  @ParameterizedTest
  @MethodSource("switches")
  void run_machineAndHostName_areThePersonalitysAndTheHosts(Switch how) throws Exception {
    Outcome name = Program.of("uname", "-nrsv").run();
    Driver driver = driver(how).line("signals 0 0");
    assertThat(driver.starting(how.words(List.of("uname", "-nrsv")), directory).run())
        .hasToString(name.toString());
    assertThat(driver.starting(how.words(List.of("uname", "-m")), directory).run())
        .hasToString("status 0\nout: i686\n\nerr: ");
  }

  @ParameterizedTest
  @MethodSource("switches")
  void run_namespaces_areTheSameButForMounts(Switch how) throws Exception {
    List<String> kinds = List.of("cgroup", "ipc", "net", "pid", "time", "user", "uts");
    String probe =
        kinds.stream()
            .map(kind -> "readlink /proc/$$/ns/" + kind)
            .collect(Collectors.joining("; "));
    List<String> command = List.of("/bin/sh", "-c", probe);
    Driver driver = driver(how).line("signals 0 0");
    Outcome native_ = driver.starting(command, directory).run();
    assertThat(native_.outText().lines()).hasSize(kinds.size());
    assertThat(driver.starting(how.words(command), directory).run())
        .hasToString(native_.toString());
  }

  @ParameterizedTest
  @MethodSource("switches")
  void run_alarmAndChild_stayWithTheProcess(Switch how) throws Exception {
    String probe =
        "my $left = alarm 0; my $pid = wait; print $left > 900, ' ', $pid > 0, ' ', $? >> 8";
    Driver driver = driver(how).line("signals 0 0").line("alarm 1000").line("child");
    Outcome outcome =
        driver.starting(how.words(List.of("/usr/bin/perl", "-e", probe)), directory).run();
    assertThat(outcome).hasToString("status 0\nout: 1 1 37\nerr: ");
  }
}
