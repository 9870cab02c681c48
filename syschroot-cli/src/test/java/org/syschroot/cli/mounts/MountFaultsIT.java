// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.mounts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.testing.Dose;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * Failures of system calls, and sudden ends, of real commands on a real image: afterwards the mount
 * table is as before, or {@code umount} makes it so, and the next {@code mount} works.
 *
 * <p>A sample is done each time: a failure of the first call of each name, four others, and six
 * kills of each command; {@code status} is asked once, and then the mount table is compared with
 * what it was. {@code -Pstress} does all, and asks each time.
 */
@InOwnMountNamespace
@RequiresCommand({"strace", "debootstrap"})
class MountFaultsIT {
  private static final boolean ALL = Dose.isHeavy();
  private static final int SAMPLE = 4;
  private static final int KILLS = Dose.of(6, 200);
  private static final int LATEST_KILL_MILLIS = 250;
  private static final long SEED = Long.getLong("syschroot.tests.seed", System.currentTimeMillis());

  /** Calls that a command makes when it mounts, and how they can fail. */
  private static final Map<String, List<String>> ERRNOS =
      Map.ofEntries(
          Map.entry("openat2", List.of("EACCES", "ENOSYS", "EAGAIN", "EMFILE", "ESTALE")),
          Map.entry("open_tree", List.of("EPERM", "ENOSYS", "ENOMEM", "ENOENT")),
          Map.entry("mount_setattr", List.of("EINVAL", "ENOSYS", "EPERM")),
          Map.entry("move_mount", List.of("EINVAL", "ENOSPC", "EBUSY")),
          Map.entry("mount", List.of("EPERM", "ENOSPC", "EBUSY")),
          Map.entry("umount2", List.of("EBUSY", "EINVAL", "EPERM")),
          Map.entry("unshare", List.of("EPERM", "ENOSPC", "ENOMEM")),
          Map.entry("chroot", List.of("EPERM", "EACCES")),
          Map.entry("mkdirat", List.of("EROFS", "ENOSPC")),
          Map.entry("getdents64", List.of("EIO", "ENOMEM")),
          Map.entry("unlinkat", List.of("EIO", "EROFS")),
          Map.entry("renameat2", List.of("ENOSPC", "EIO")),
          Map.entry("flock", List.of("ENOLCK", "EINTR")),
          Map.entry("openat", List.of("EMFILE", "EACCES")),
          Map.entry("statx", List.of("EIO", "ESTALE")),
          Map.entry("readlinkat", List.of("ENOMEM")),
          Map.entry("read", List.of("EIO")),
          Map.entry("close", List.of("EIO")));

  /**
   * Calls by which {@code umount} looks at all processes, of which there are more or fewer the next
   * time: from there on their numbers mean nothing.
   */
  private static final Set<String> IN_ALL_PROCESSES =
      Set.of("openat", "close", "statx", "readlinkat", "read", "getdents64");

  private static final Pattern JVM_DID_NOT_LOAD =
      Pattern.compile("java: error while loading shared libraries: |Error: dl failure ");
  private static final Pattern CALL = Pattern.compile("(\\d+) +([a-z_0-9]+)\\((.*)");

  @TempDir Path folder;
  private MountSite at;
  private String before;
  private List<String> up = List.of(); // what is mounted when status says that all is
  private int injected;
  private int early;

  @BeforeEach
  void makeSite() throws Exception {
    at = new MountSite(folder);
    at.image("deb", TestImages.deb32(), "standard", "HOST/data:/mnt");
    MountSite.host("mount", "--make-rshared", "/");
    before = MountSite.table();
  }

  @AfterEach
  void removeSite() throws Exception {
    at.close();
  }

  /** The n-th call of that name of the thread that makes it. */
  private record Fault(String call, int number, String errno) {
    String injection() {
      return "inject=" + call + ":error=" + errno + ":when=" + number;
    }
  }

  private List<String> traced(List<String> command, Path log, String calls, String injection) {
    List<String> words =
        // Stops at these calls only, of the JVM's tens of thousands.
        new ArrayList<>(List.of("strace", "-f", "--seccomp-bpf", "-qq", "-o", log.toString()));
    words.addAll(List.of("-e", "trace=" + calls));
    if (!injection.isEmpty()) {
      words.addAll(List.of("-e", injection));
    }
    words.addAll(command);
    return words;
  }

  /**
   * Returns the faults for a command: for each call of the thread that mounts, since the first one
   * that the JVM does not make, all errnos; in a sample, one for the first call of each name and
   * some others.
   */
  private List<Fault> faults(List<String> command) throws Exception {
    Path log = at.directory.resolve("trace");
    Outcome outcome = Program.of(traced(command, log, String.join(",", ERRNOS.keySet()), "")).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    List<Fault> first = new ArrayList<>();
    List<Fault> others = new ArrayList<>();
    Map<String, Integer> counts = new HashMap<>();
    Map<String, Integer> seen = new HashMap<>();
    Random random = new Random(SEED);
    String thread = "";
    boolean looked = false;
    for (String line : Files.readAllLines(log, StandardCharsets.ISO_8859_1)) {
      Matcher call = CALL.matcher(line);
      if (!call.matches()) {
        continue;
      }
      String name = call.group(2);
      int number = counts.merge(call.group(1) + name, 1, Integer::sum);
      if (thread.isEmpty() && List.of("openat2", "unshare", "mkdirat").contains(name)) {
        thread = call.group(1);
      }
      looked |= name.equals("openat") && call.group(3).contains("\"/proc/\"");
      boolean varies = looked && IN_ALL_PROCESSES.contains(name);
      if (call.group(1).equals(thread) && !varies && !isOfTheJvm(name, call.group(3))) {
        boolean isFirst = seen.merge(name, 1, Integer::sum) == 1;
        List<String> errnos = new ArrayList<>(ERRNOS.get(name));
        Collections.shuffle(errnos, random);
        if (isFirst) {
          first.add(new Fault(name, number, errnos.remove(0)));
        }
        errnos.forEach(errno -> others.add(new Fault(name, number, errno)));
      }
    }
    assertThat(first).isNotEmpty();
    Collections.shuffle(others, random);
    first.addAll(ALL || others.size() < SAMPLE ? others : others.subList(0, SAMPLE));
    return first;
  }

  /** The JVM reads its classes meanwhile; of what is read, only the mount table is meant. */
  private static boolean isOfTheJvm(String name, String arguments) {
    return name.equals("read")
        ? !arguments.matches("\\d+, \"\\d+ \\d+ \\d+:.*")
        : arguments.contains("/target/command/");
  }

  /** Runs a command with a fault; its output must explain what failed if it says so. */
  private Optional<Outcome> run(List<String> command, Fault fault) throws Exception {
    Path log = at.directory.resolve("injected");
    Outcome outcome = Program.of(traced(command, log, fault.call(), fault.injection())).run();
    if (JVM_DID_NOT_LOAD.matcher(outcome.errText()).lookingAt()) {
      // strace counts the calls of each thread: the dynamic linker has met it before code of ours.
      early++;
      return Optional.empty();
    }
    if (Files.readString(log, StandardCharsets.ISO_8859_1).contains("(INJECTED)")) {
      injected++;
    }
    assertThat(outcome.status()).as("%s: %s", fault, outcome).isIn(0, 125, 126, 127);
    if (outcome.status() != 0) {
      assertThat(outcome.errText()).as("%s", fault).startsWith("syschroot: ");
      assertThat(outcome.errText()).as("%s", fault).doesNotContain("\tat ");
    }
    return Optional.of(outcome);
  }

  /** The JVM does not close and open as often each time, so that a late call may not come. */
  private void assertInjected(List<Fault> faults) {
    assertThat(early).as("faults that came too early").isLessThan(faults.size() / 3);
    assertThat(injected).as("faults that came").isGreaterThan((faults.size() - early) * 9 / 10);
  }

  private void succeed(String command, Object why) throws Exception {
    Outcome outcome = at.run(command, "deb");
    assertThat(outcome.status()).as("%s after %s: %s", command, why, outcome).isZero();
  }

  /** Leaves nothing mounted; the next mount makes what the first one made. */
  private void assertRecovers(Object why) throws Exception {
    assertCanBeMounted(why);
    succeed("umount", why);
    assertThat(MountSite.table()).as("after %s, seed %d", why, SEED).isEqualTo(before);
  }

  /** Leaves it mounted. */
  private void assertCanBeMounted(Object why) throws Exception {
    if (!MountSite.table().equals(before)) {
      succeed("umount", why);
    }
    assertThat(MountSite.table()).as("after %s, seed %d", why, SEED).isEqualTo(before);
    succeed("mount", why);
    if (ALL || up.isEmpty()) {
      succeed("status", why);
    }
    up = up.isEmpty() ? targets() : up;
    assertThat(targets())
        .as("after %s, seed %d", why, SEED)
        .containsExactlyInAnyOrderElementsOf(up);
  }

  @Test
  void mount_anyCallFails_isUndoneOrCanBe() throws Exception {
    List<Fault> faults = faults(at.words("mount", "deb"));
    succeed("umount", "trace");
    for (Fault fault : faults) {
      run(at.words("mount", "deb"), fault);
      assertRecovers(fault);
    }
    assertInjected(faults);
  }

  @Test
  void umount_anyCallFails_allOrNothingAndCanBeRepeated() throws Exception {
    succeed("mount", "start");
    List<Fault> faults = faults(at.words("umount", "deb"));
    assertCanBeMounted("trace");
    for (Fault fault : faults) {
      Optional<Outcome> outcome = run(at.words("umount", "deb"), fault);
      boolean done = outcome.filter(ended -> ended.status() == 0).isPresent();
      if (done) {
        assertThat(MountSite.table()).as("after %s, seed %d", fault, SEED).isEqualTo(before);
      } else {
        assertThat(targets())
            .as("after %s, seed %d: %s", fault, SEED, outcome)
            .containsExactlyInAnyOrderElementsOf(up);
      }
      assertCanBeMounted(fault);
    }
    assertRecovers("faults of umount");
    assertInjected(faults);
  }

  private static List<String> targets() throws IOException {
    return MountTable.read().entries().stream()
        .map(entry -> entry.target() + " " + entry.device() + " " + entry.root())
        .toList();
  }

  @Test
  void run_anyCallFails_leavesNothing() throws Exception {
    List<String> command = at.words("run", "--private", "--directory", "/", "deb", "--", "true");
    List<Fault> faults = faults(command);
    for (Fault fault : faults) {
      run(command, fault);
      assertThat(MountSite.table()).as("after %s, seed %d", fault, SEED).isEqualTo(before);
    }
    assertInjected(faults);
    Outcome outcome = Program.of(command).run();
    assertThat(outcome).hasToString(MountSite.success(""));
    assertRecovers("faults of run");
  }

  private void killAtRandom(String command, Random random)
      throws IOException, InterruptedException {
    try (Program.Running running = Program.of(at.words(command, "deb")).start()) {
      running.process().waitFor(random.nextInt(LATEST_KILL_MILLIS), TimeUnit.MILLISECONDS);
      running.process().destroyForcibly();
      running.await();
    }
  }

  @Test
  void mount_killedAtAnyMoment_canBeTakenDownAndMountedAgain() throws Exception {
    Random random = new Random(SEED);
    for (int i = 0; i < KILLS; i++) {
      killAtRandom("mount", random);
      assertRecovers("kill of mount");
    }
  }

  @Test
  void umount_killedAtAnyMoment_canBeRepeated() throws Exception {
    Random random = new Random(SEED);
    assertCanBeMounted("start");
    for (int i = 0; i < KILLS; i++) {
      killAtRandom("umount", random);
      assertCanBeMounted("kill of umount");
    }
    assertRecovers("kills of umount");
  }
}
