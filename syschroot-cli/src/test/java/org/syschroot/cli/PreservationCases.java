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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/**
 * What a switch preserves. Each test brings a process into some state by {@code driver.pl}, lets it
 * become a probe directly and another one become the same probe by a way into the image, and
 * compares what the two probes say. Every way has to pass the same cases.
 *
 * <p>Every run does all cases by the first way. Where a case has several states, the other ways do
 * some of them, each another part; and signals are not ignored one by one, but in sets of which one
 * tells each signal from each other. {@code -Pstress} does each state by each way.
 */
@RequiresRoot
@RequiresCommand("debootstrap")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PreservationCases {
  private static final long RESERVED_BY_GLIBC = 1L << 31 | 1L << 32;
  private static final long NOT_TO_BE_IGNORED = 1L << 8 | 1L << 18;
  private static final String PROC = "/proc/self/";

  private Path directory;

  /** Returns the ways into the image; the first is also tried with single signals. */
  abstract Stream<WayIn> ways() throws IOException;

  Stream<Arguments> waysAndSeeds() throws IOException {
    return eachWith(List.of(1L, new Random().nextLong()), 1).stream();
  }

  /** Returns the ways, the first with all the states, others with so many, each with its own. */
  private <T> List<Arguments> eachWith(List<T> states, int number) throws IOException {
    List<Arguments> all = new ArrayList<>();
    int next = 0;
    for (WayIn way : ways().toList()) {
      int count = all.isEmpty() ? states.size() : Dose.of(number, states.size());
      for (int i = 0; i < count; i++) {
        all.add(Arguments.of(way, states.get(next++ % states.size())));
      }
    }
    return all;
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

  /** Runs a probe both ways, checks that the pid is that of the driver, and returns the facts. */
  private List<Map<String, String>> factsBothWays(Driver driver, WayIn way)
      throws IOException, InterruptedException {
    List<Map<String, String>> both = new ArrayList<>();
    List<String> probe = ProcessFacts.command();
    for (List<String> words :
        List.of(way.nativeWords(probe, directory), way.words(probe, directory))) {
      try (Program.Running running = way.starting(driver, words, directory).start()) {
        String pid = Long.toString(running.pid());
        Outcome outcome = running.await();
        assertThat(outcome.errText()).isEmpty();
        assertThat(outcome.status()).isZero();
        Map<String, String> facts = ProcessFacts.parse(latin1(outcome.out()));
        assertThat(facts.remove("Pid")).as("pid").isEqualTo(pid);
        // The two probes are two processes: a leader is compared as such.
        facts.computeIfPresent("NSpgid", (name, id) -> id.equals(pid) ? "own" : id);
        facts.computeIfPresent("NSsid", (name, id) -> id.equals(pid) ? "own" : id);
        both.add(facts);
      }
    }
    way.toInside(both.get(0));
    return both;
  }

  private static Driver driver(WayIn way) {
    Driver driver = new Driver();
    return driver
        .bytes("env", Stream.concat(way.environment().stream(), Stream.of("LC_ALL=C")).toList())
        .bytes("directory", List.of("/tmp"));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void plainState_isPreserved(WayIn way) throws Exception {
    List<Map<String, String>> both = factsBothWays(driver(way).line("signals 0 0"), way);
    assertThat(both.get(0)).containsEntry("SigIgn", "0000000000000000");
    assertThat(both.get(0)).containsEntry("SigBlk", "0000000000000000");
    assertThat(both.get(0)).containsEntry("PPid", Long.toString(ProcessHandle.current().pid()));
    assertThat(both.get(1)).isEqualTo(both.get(0));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void oddState_isPreserved(WayIn way) throws Exception {
    Driver driver =
        driver(way)
            .line("own_group")
            .line("umask 0137")
            .line("nice 5")
            .line("processor 1")
            .line("groups 4 24 1234567")
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
    if (!way.needsNoNewPrivilege()) {
      driver.line("no_new_privileges");
    }
    List<Map<String, String>> both = factsBothWays(driver, way);
    assertThat(both.get(0))
        .containsEntry("Umask", "0137")
        .containsEntry("nice", "5")
        .containsEntry("Cpus_allowed", "2")
        .containsEntry("NoNewPrivs", way.needsNoNewPrivilege() ? "0" : "1")
        .containsEntry("oom_score_adj, timerslack_ns", "321 123456")
        .containsKey("Max open files");
    assertThat(both.get(0))
        .extractingByKey("Groups")
        .isIn("4 24 1234567 ", "65534 ", "65534 65534 65534 ");
    assertThat(both.get(0).get("Max open files")).startsWith("77 ").contains(" 999 ");
    assertThat(both.get(1)).isEqualTo(both.get(0));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void ownSession_isPreserved(WayIn way) throws Exception {
    List<Map<String, String>> both =
        factsBothWays(driver(way).line("own_session").line("signals 0 0"), way);
    assertThat(both.get(0)).containsEntry("NSsid", "own").containsEntry("NSpgid", "own");
    assertThat(both.get(1)).isEqualTo(both.get(0));
  }

  Stream<Arguments> signalSets() throws IOException {
    long hupIntQuitPipeFpeUsr2Xfsz =
        1L | 1L << 1 | 1L << 2 | 1L << 12 | 1L << 7 | 1L << 11 | 1L << 24;
    long all = ~(NOT_TO_BE_IGNORED | RESERVED_BY_GLIBC);
    long usr1TermChldAndRealTime = 1L << 9 | 1L << 14 | WayIn.CHILD_SIGNAL | 1L << 34 | 1L << 63;
    List<Arguments> sets = new ArrayList<>();
    for (WayIn way : ways().toList()) {
      boolean full = sets.isEmpty() || Dose.isHeavy();
      long ignorable = all & ~way.signalsNotKept();
      sets.add(Arguments.of(way, usr1TermChldAndRealTime, hupIntQuitPipeFpeUsr2Xfsz));
      if (full) {
        sets.add(Arguments.of(way, 0, ignorable));
        sets.add(Arguments.of(way, all, 0));
      }
      sets.add(Arguments.of(way, all, ignorable));
    }
    WayIn simple = ways().findFirst().orElseThrow();
    for (long set : Dose.isHeavy() ? SignalSets.SINGLE : SignalSets.APART) {
      if ((set & all & ~simple.signalsNotKept()) != 0) {
        sets.add(Arguments.of(simple, 0, set & all & ~simple.signalsNotKept()));
      }
    }
    return sets.stream();
  }

  @ParameterizedTest
  @MethodSource("signalSets")
  void signals_arePreserved(WayIn way, long blocked, long ignored) throws Exception {
    String line = "signals " + Long.toHexString(blocked) + " " + Long.toHexString(ignored);
    List<Map<String, String>> both = factsBothWays(driver(way).line(line), way);
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
          + "  next if readlink(\"/proc/self/fd/$n\") =~ m{/script[0-9]+$};" // dash leaves it open
          + "  my @s = stat \"/proc/self/fd/$n\";"
          + "  $text .= \"$n \" . readlink(\"/proc/self/fd/$n\") . \" $pos $flags $s[0] $s[1]\\n\""
          + "} closedir $d;"
          + "open(my $o, '>>', $ARGV[0]) or die $!; print $o $text; close $o;";

  @ParameterizedTest
  @MethodSource("ways")
  void descriptors_areTheCallersAndNoOther(WayIn way) throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "0123456789");
    Path expected = directory.resolve("expected");
    Path found = directory.resolve("found");
    Files.createFile(found);
    Files.setPosixFilePermissions(found, PosixFilePermissions.fromString("rw-rw-rw-"));
    Driver driver = driver(way).line("signals 0 0");
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
    Outcome outcome = way.starting(driver, way.words(probe, directory), directory).run();
    assertThat(outcome).hasToString("status 0\nout: \nerr: ");
    assertThat(Files.readString(expected)).contains("\n20 ").contains("\n60 ");
    assertThat(Files.readString(found)).isEqualTo(Files.readString(expected));
  }

  Stream<Arguments> closedDescriptors() throws IOException {
    return eachWith(List.of(0, 1, 2, 3, 4, 5, 6, 7), 3).stream();
  }

  @ParameterizedTest
  @MethodSource("closedDescriptors")
  void closedStandardDescriptors_stayClosed(WayIn way, int closed) throws Exception {
    // A shell opens nothing of its own here, where Perl would take the place of a closed 0.
    String script =
        "for n in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && s=\"$s $n\"; done; umask 0;"
            + "echo \"$s\" > ";
    Path found = directory.resolve("found");
    Driver driver = driver(way).line("signals 0 0");
    StringBuilder expected = new StringBuilder();
    for (int descriptor = 0; descriptor < 3; descriptor++) {
      if ((closed & 1 << descriptor) != 0) {
        driver.line("close " + descriptor);
      } else {
        expected.append(' ').append(descriptor);
      }
    }
    List<String> probe = List.of("/bin/sh", "-c", script + found);
    assertThat(way.starting(driver, way.words(probe, directory), directory).run().status())
        .isZero();
    assertThat(Files.readString(found)).isEqualTo(expected + "\n");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void contentOfDescriptors_isReadOnWhereTheCallerStopped(WayIn way) throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "0123456789");
    Driver driver =
        driver(way).line("signals 0 0").line("open 7 " + Driver.hex(file.toString()) + " 0 4");
    Outcome outcome =
        way.starting(driver, way.words(List.of("/bin/sh", "-c", "cat <&7"), directory), directory)
            .run();
    assertThat(outcome).hasToString("status 0\nout: 456789\nerr: ");
  }

  private static String randomBytes(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) (1 + random.nextInt(255)));
    }
    return text.toString();
  }

  private static List<String> oddEnvironment(Random random, WayIn way) {
    List<String> entries = new ArrayList<>();
    entries.addAll(way.environment());
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
  @MethodSource("waysAndSeeds")
  void environment_arrivesByteForByte(WayIn way, long seed) throws Exception {
    List<String> entries = oddEnvironment(new Random(seed), way);
    Driver driver = driver(way).bytes("env", entries).line("signals 0 0");
    Outcome outcome = way.starting(driver, way.environmentWords(directory), directory).run();
    assertThat(outcome.errText()).as("seed %d", seed).isEmpty();
    assertThat(outcome.status()).as("seed %d", seed).isZero();
    List<String> arrived = new ArrayList<>(Arrays.asList(latin1(outcome.out()).split("\0", -1)));
    assertThat(arrived.remove(arrived.size() - 1)).isEmpty(); // every entry ends in NUL
    entries.add("SYSCHROOT_IMAGE=" + TestImages.DEB32);
    assertThat(arrived).as("seed %d", seed).containsExactlyElementsOf(entries);
  }

  @ParameterizedTest
  @MethodSource("waysAndSeeds")
  void arguments_arriveByteForByte(WayIn way, long seed) throws Exception {
    Random random = new Random(seed);
    List<String> command = new ArrayList<>(List.of("/usr/bin/perl", "-e"));
    command.add("print unpack('H*', $_), \"\\n\" for @ARGV");
    List<String> words = new ArrayList<>(List.of("--", "", "--user", "-v", "--", "@file", "$HOME"));
    for (int i = 0; i < 200; i++) {
      words.add((i % 3 == 0 ? "-" : "") + randomBytes(random, random.nextInt(60)));
    }
    words.add("");
    command.addAll(words);
    Outcome outcome =
        way.starting(driver(way).line("signals 0 0"), way.words(command, directory), directory)
            .run();
    String expected =
        words.stream().skip(1).map(word -> Driver.hex(word) + "\n").collect(Collectors.joining());
    assertThat(outcome.errText()).as("seed %d", seed).isEmpty();
    assertThat(outcome.outText()).as("seed %d", seed).isEqualTo(expected);
  }

  Stream<Arguments> directories() throws IOException {
    List<String> names =
        List.of(
            "plain",
            "sp ace",
            "Sch\u00f6n \u00ff\u0080",
            "line\nbreak\n",
            " (deleted)",
            "\u0001\u007f%s\\");
    return eachWith(names, 2).stream();
  }

  @ParameterizedTest
  @MethodSource("directories")
  void currentDirectory_isTheSame(WayIn way, String name) throws Exception {
    String path = directory + "/" + name;
    Driver driver = driver(way).bytes("directory", List.of(path)).line("signals 0 0");
    String probe = "my @s = stat '.'; print unpack('H*', readlink '/proc/self/cwd'), \" $s[1]\"";
    List<String> command = List.of("/usr/bin/perl", "-e", probe);
    Outcome native_ = way.starting(driver, way.nativeWords(command, directory), directory).run();
    Outcome switched = way.starting(driver, way.words(command, directory), directory).run();
    assertThat(native_.outText()).startsWith(Driver.hex(path) + " ");
    assertThat(switched).hasToString(native_.toString());
  }

  @ParameterizedTest
  @MethodSource("ways")
  void machineAndHostName_areThePersonalitysAndTheHosts(WayIn way) throws Exception {
    Outcome name = Program.of("uname", "-nrsv").run();
    Driver driver = driver(way).line("signals 0 0");
    assertThat(
            way.starting(driver, way.words(List.of("uname", "-nrsv"), directory), directory).run())
        .hasToString(name.toString());
    assertThat(way.starting(driver, way.words(List.of("uname", "-m"), directory), directory).run())
        .hasToString("status 0\nout: i686\n\nerr: ");
  }

  @ParameterizedTest
  @MethodSource("ways")
  void namespaces_areTheSameButForMounts(WayIn way) throws Exception {
    List<String> kinds = new ArrayList<>(List.of("cgroup", "ipc", "net", "pid", "time", "uts"));
    if (!way.hasUserNamespace()) {
      kinds.add("user");
    }
    String probe =
        kinds.stream()
            .map(kind -> "readlink /proc/$$/ns/" + kind)
            .collect(Collectors.joining("; "));
    List<String> command = List.of("/bin/sh", "-c", probe);
    Driver driver = driver(way).line("signals 0 0");
    Outcome native_ = way.starting(driver, way.nativeWords(command, directory), directory).run();
    assertThat(native_.outText().lines()).hasSize(kinds.size());
    assertThat(way.starting(driver, way.words(command, directory), directory).run())
        .hasToString(native_.toString());
  }

  @ParameterizedTest
  @MethodSource("ways")
  void alarmAndChild_stayWithTheProcess(WayIn way) throws Exception {
    String probe =
        "my $left = alarm 0; my $pid = wait; print $left > 900, ' ', $pid > 0, ' ', $? >> 8";
    Driver driver = driver(way).line("signals 0 0").line("alarm 1000").line("child");
    Outcome outcome =
        way.starting(driver, way.words(List.of("/usr/bin/perl", "-e", probe), directory), directory)
            .run();
    assertThat(outcome).hasToString("status 0\nout: 1 1 37\nerr: ");
  }
}
