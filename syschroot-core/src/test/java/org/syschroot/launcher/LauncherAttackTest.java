// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.Machine;
import org.syschroot.launcher.LauncherImage.Outcome;
import org.syschroot.path.HostPath;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;
import org.syschroot.testing.Seeds;

/** What a caller may try: the outcome is an exec or a clean exit status. */
@RequiresRoot
@RequiresCommand({"busybox", "setpriv", "bash", "prlimit", "strace", "perl"})
final class LauncherAttackTest {
  private static final String NO_PRIVILEGE =
      "cannot enter: Operation not permitted; do not copy or trace a launcher, or keep it on a"
          + " nosuid mount; see: syschroot launcher show FILE";
  private static final String TO_DO = "; add it to mounts of the image, or use another directory";
  private static final int SIGKILL = 128 + 9;
  private static final int SIGSEGV = 128 + 11;

  private LauncherImage image;

  @BeforeEach
  void make() throws IOException {
    image = new LauncherImage();
  }

  @AfterEach
  void remove() throws IOException {
    image.close();
  }

  private Path launcher(DirectoryPolicy policy) throws IOException {
    return image.write("sh", image.plain().policy(policy));
  }

  private void failsWith(Outcome outcome, String message) {
    assertThat(outcome.err()).isEqualTo("syschroot: sl5: " + message + "\n");
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.out()).isEmpty();
  }

  private static String missing(Object directory) {
    return "cannot enter " + directory + " in the image: No such file or directory";
  }

  /** Another directory is for a shell without a command: it would delete other files than meant. */
  @Test
  void directory_missingInImage_followsThePolicyForShellsOnly() throws Exception {
    Path outside = Files.createDirectory(image.folder().resolve("outside"));
    String shell = "exec \"$0\" <<<pwd";
    String command = "exec \"$0\" -c pwd";
    Path strict = launcher(DirectoryPolicy.SAME_OR_FAIL);
    failsWith(image.user(shell, outside, strict), missing(outside) + TO_DO);
    failsWith(image.user(command, outside, strict), missing(outside) + TO_DO);

    Path root = launcher(DirectoryPolicy.ROOT);
    failsWith(image.user(command, outside, root), missing(outside) + TO_DO);
    Outcome atRoot = image.user(shell, outside, root);
    assertThat(atRoot.out()).isEqualTo("/\n");
    assertThat(atRoot.err())
        .isEqualTo("syschroot: sl5: " + missing(outside) + ": using / instead\n");

    Path home = launcher(DirectoryPolicy.HOME);
    failsAfterRemark(image.user(shell, outside, home), "HOME is not set");
    failsWith(image.set("HOME", "/bin").user(command, outside, home), missing(outside) + TO_DO);
    Outcome atHome = image.user(shell, outside, home);
    assertThat(atHome.out()).isEqualTo("/bin\n");
    assertThat(atHome.err()).contains(": using $HOME instead\n");
    failsAfterRemark(
        image.set("HOME", "/none").user(shell, outside, home),
        "cannot enter $HOME in the image: No such file or directory");
    failsAfterRemark(image.set("HOME", "bin").user(shell, outside, home), "HOME is not set");
  }

  /** What the shells of an image launcher get, and what is no shell at all. */
  @Test
  void directory_missingInImage_isRefusedToCommandsAndScripts() throws Exception {
    Path outside = Files.createDirectory(image.folder().resolve("outside"));
    image.set("HOME", "/bin");
    Path sl5 = image.write("sl5", image.plain().image().policy(DirectoryPolicy.HOME));
    for (String arguments : List.of("rm data", "-c 'rm data'", "-l", "''")) {
      failsWith(image.user("exec \"$0\" " + arguments, outside, sl5), missing(outside) + TO_DO);
    }
    assertThat(image.user("exec -a -sl5 \"$0\" <<<pwd", outside, sl5).out()).isEqualTo("/bin\n");
    Path pwd = image.write("pwd", image.plain().command("/bin/pwd").policy(DirectoryPolicy.HOME));
    failsWith(image.user("exec \"$0\"", outside, pwd), missing(outside) + TO_DO);
    Path sh = launcher(DirectoryPolicy.HOME);
    Path script =
        image.executable(
            outside.resolve("job.sh"), ("#!" + sh + "\npwd\n").getBytes(StandardCharsets.US_ASCII));
    failsWith(image.user("exec ./job.sh", outside, script), missing(outside) + TO_DO);
  }

  /** A link of the host to the home directory, whose name is the mount point in the image. */
  @Test
  void directory_missingButNotTheShellsNameOfIt_isThatOne() throws Exception {
    Path real = Files.createDirectories(image.folder().resolve("domus/alice"));
    Path link = Files.createSymbolicLink(image.folder().resolve("hl"), real.getParent());
    Files.createDirectories(image.inImage(link).resolve("alice"));
    Path strict = launcher(DirectoryPolicy.SAME_OR_FAIL);
    String logical = link.resolve("alice").toString();
    Outcome outcome = image.user("cd " + logical + "; exec \"$0\" -c pwd", image.work(), strict);
    assertThat(outcome.isOk().out()).isEqualTo(logical + "\n");
    // Any text may be in the variable: it counts only as another name of the same directory.
    for (String forged : List.of("/bin", "/none", "/", "domus/alice", "")) {
      failsWith(
          image.user(
              "cd " + real + "; export PWD=" + forged + "; exec \"$0\" -c pwd",
              image.work(),
              strict),
          missing(real) + TO_DO);
    }
  }

  @Test
  void directory_otherOneOfTheSameName_isTold() throws Exception {
    String told =
        "syschroot: sl5: DIR in the image is not DIR of the host: files you write here stay"
            + " in the image\n";
    told = told.replace("DIR", image.work().toString());
    Path sh = launcher(DirectoryPolicy.SAME_OR_FAIL);
    Path same = image.write("same", image.plain().policy(DirectoryPolicy.SAME));
    assertThat(image.user("exec \"$0\" -c pwd", image.work(), sh).isOk().lines()).hasSize(1);
    for (Path writable : List.of(image.work(), image.inImage(image.work()))) {
      Files.setPosixFilePermissions(writable, PosixFilePermissions.fromString("rwxrwxrwx"));
      Outcome outcome = image.user("exec \"$0\" -c pwd", image.work(), sh);
      assertThat(outcome.err()).isEqualTo(told);
      assertThat(outcome.status()).isZero();
      Files.setPosixFilePermissions(writable, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    failsWith(
        image.user("exec -a sh \"$0\" -c pwd", image.work(), same),
        image.work() + " in the image is another directory than on the host: change the directory");
  }

  /** Services and cron(8) start in it, and nobody takes one root directory for the other. */
  @ParameterizedTest
  @EnumSource
  void directory_root_isEnteredSilently(DirectoryPolicy policy) throws Exception {
    Path root = Path.of("/");
    Path sh = launcher(policy);
    assertThat(image.user("exec -a sh \"$0\" -c pwd", root, sh).isOk().out()).isEqualTo("/\n");
    List<String> asRoot = List.of(sh.toString(), "-c", "pwd");
    assertThat(image.run(asRoot, root).isOk().out()).isEqualTo("/\n");
  }

  /**
   * Another process could change the directory between the checks and the change of root. Where
   * there is no privilege nothing is to be had by it.
   */
  @ParameterizedTest
  @EnumSource(names = "ROOTLESS", mode = EnumSource.Mode.EXCLUDE)
  void directory_sharedWithAnotherProcess_givesNoPrivilege(LauncherForm form) throws Exception {
    Path tree = Files.createDirectories(image.folder().resolve("tree/bin")).getParent();
    image.executable(tree.resolve("bin/sh"), Files.readAllBytes(Path.of("/bin/busybox")));
    Path sh = image.write("sh", form.of(image.plain()));
    String clone = Machine.current() == Machine.X86_64 ? "56" : "220";
    String perl =
        "perl -e '$| = 1; ($sh, $tree, $here, $clone) = map { /^[0-9]+$/ ? 0 + $_ : $_ } @ARGV;"
            + " for (1 .. 50) { $pid = syscall($clone, 0x200 | 17, 0, 0, 0, 0);"
            + " if (!$pid) { exec $sh, \"-c\", \"echo in\"; exit 1 }"
            + " while (waitpid($pid, 1) == 0) { chdir $tree }"
            + " print $? >> 8, \"\\n\"; chdir $here }' \"$0\" \"$@\" 2>&1";
    Outcome outcome =
        image.user(perl, image.work(), sh, tree.toString(), image.work().toString(), clone);
    assertThat(outcome.lines()).doesNotContain("in").filteredOn("125"::equals).hasSize(50);
  }

  private void failsAfterRemark(Outcome outcome, String message) {
    assertThat(outcome.err()).endsWith(" instead\nsyschroot: sl5: " + message + "\n");
    assertThat(outcome.status()).isEqualTo(125);
  }

  @Test
  void directory_deletedUnreadableOrTooLong_followsThePolicy() throws Exception {
    Files.setPosixFilePermissions(image.work(), PosixFilePermissions.fromString("rwxrwxrwx"));
    Path closed = Files.createDirectory(image.inImage(image.work()).resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    String deleted = "mkdir d; cd d; rmdir ../d; exec \"$0\" -c pwd";
    String unreadable = "mkdir closed; cd closed; exec \"$0\" -c pwd";
    String tooLong =
        "n=$(printf '%*s' 250 '' | tr ' ' x); for i in {1..20}; do mkdir $n; cd -P $n 2>/dev/null"
            + " || cd ./$n; done; \"$0\" -c pwd; s=$?; cd "
            + image.work()
            + "; rm -rf $n; exit $s";
    Path strict = launcher(DirectoryPolicy.SAME_OR_FAIL);
    failsWith(
        image.user(deleted, image.work(), strict),
        "cannot find out the working directory: No such file or directory");
    failsWith(
        image.user(unreadable, image.work(), strict),
        "cannot enter " + image.work() + "/closed in the image: Permission denied");
    Outcome longOne = image.user(tooLong, image.work(), strict);
    assertThat(longOne.status()).as(longOne.err()).isEqualTo(125);
    assertThat(longOne.err()).contains("sl5: cannot find out the working directory: ");

    Path root = launcher(DirectoryPolicy.ROOT);
    for (String command : List.of(deleted, tooLong)) {
      assertThat(image.user(command, image.work(), root).status()).isEqualTo(125);
      String line = command.replace("\"$0\" -c pwd", "\"$0\" <<<pwd");
      Outcome outcome = image.user(line, image.work(), root);
      assertThat(outcome.out()).as(outcome.err()).isEqualTo("/\n");
      assertThat(outcome.err()).contains("the working directory", ": using / instead\n");
    }
  }

  @Test
  void directory_outsideTheRoot_followsThePolicy() throws Exception {
    Path start =
        image.executable(
            image.folder().resolve("start"),
            SmallProgram.executeInRoot(image.root().toString(), "/sh"));
    DirectoryIdentity tree = image.plain().plan().proof().tree();
    LaunchProof inTheImage = new LaunchProof(tree, tree, List.of());
    for (DirectoryPolicy policy : List.of(DirectoryPolicy.SAME_OR_FAIL, DirectoryPolicy.ROOT)) {
      Launchers inside = Launchers.plain("/").proof(inTheImage).policy(policy);
      image.program("sh", LaunchCompiler.compile(inside.plan(), Machine.current()));
      Outcome outcome =
          image.run(List.of("bash", "-c", "exec -a sh " + start + " <<<pwd"), image.work());
      if (policy == DirectoryPolicy.ROOT) {
        assertThat(outcome.out()).as(outcome.err()).isEqualTo("/\n");
        assertThat(outcome.err())
            .contains(
                "enter the working directory in the image: No such file", "using / instead\n");
      } else {
        failsWith(outcome, "the working directory is outside the root directory");
      }
    }
  }

  @Test
  void copy_asUser_saysThatItHasNoPrivilege() throws Exception {
    Path sh = launcher(DirectoryPolicy.SAME_OR_FAIL);
    Files.setPosixFilePermissions(image.work(), PosixFilePermissions.fromString("rwxrwxrwx"));
    Outcome copied = image.user("cp \"$0\" copy; exec ./copy -c id", image.work(), sh);
    failsWith(copied, NO_PRIVILEGE);
  }

  /** A hard link is the same file: it enters the same image, until the launcher is replaced. */
  @Test
  void hardLink_doesNoMoreThanTheLauncher_andIsRevokedWithIt() throws Exception {
    Path sh = launcher(DirectoryPolicy.SAME_OR_FAIL);
    Files.setPosixFilePermissions(image.work(), PosixFilePermissions.fromString("rwxrwxrwx"));
    Path link = image.work().resolve("link");
    Outcome made = image.user("ln \"$0\" link", image.work(), sh);
    if (made.status() != 0) { // as protected_hardlinks in proc_sys_fs(5) has it
      assertThat(made.err()).contains("Operation not permitted");
      Files.createLink(link, sh);
    }
    String lines = "exec -a sh \"$0\" -c 'cat /in-image; pwd; cat <&3' 3</proc/self/status";
    image.program("in-image", "in\n".getBytes(StandardCharsets.US_ASCII));
    Outcome throughLink = image.user(lines, image.work(), link).isOkInOtherDirectory();
    assertThat(throughLink.lines())
        .startsWith("in", image.work().toString())
        .contains("CapPrm:\t0000000000000000", "CapEff:\t0000000000000000");
    image.write("sh", image.plain(), LauncherAccess.forGroup(54321));
    assertThat(image.user(lines, image.work(), link).err()).contains("Permission denied");
    assertThat(image.user(lines, image.work(), sh).err()).contains("Permission denied");

    Files.delete(link);
    image.write("sh", image.plain());
    Files.createLink(link, sh);
    new LauncherWriter(LinuxKernel.running()).unlink(HostPath.of(sh.toString()));
    assertThat(image.user(lines, image.work(), link).err()).contains("Permission denied");
  }

  @Test
  void tracer_ofAnOrdinaryUser_takesThePrivilege() throws Exception {
    Path sh = launcher(DirectoryPolicy.SAME_OR_FAIL);
    Outcome traced = image.user("exec strace -o /dev/null \"$0\" -c id", image.work(), sh);
    failsWith(traced, NO_PRIVILEGE);
  }

  @Test
  void preload_librariesOfTheCaller_areNotLooked() throws Exception {
    Files.setPosixFilePermissions(image.work(), PosixFilePermissions.fromString("rwxrwxrwx"));
    Path env = image.write("env", image.plain().command("/bin/env"));
    // Reading one of them would block for ever: nobody writes.
    String lines =
        "mkfifo lib; export LD_PRELOAD=$PWD/lib LD_AUDIT=$PWD/lib GCONV_PATH=$PWD/lib"
            + " LD_LIBRARY_PATH=$PWD; exec \"$0\"";
    assertThat(image.user(lines, image.work(), env).isOkInOtherDirectory().lines())
        .contains(
            "LD_PRELOAD=" + image.work() + "/lib",
            "LD_AUDIT=" + image.work() + "/lib",
            "GCONV_PATH=" + image.work() + "/lib",
            "LD_LIBRARY_PATH=" + image.work());
  }

  /** A full pipe for its remark keeps a launcher in the middle of its table. */
  @Test
  void memory_ofAStoppedLauncher_isClosedToItsUser() throws Exception {
    Path outside = Files.createDirectory(image.folder().resolve("outside"));
    Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rwxrwxrwx"));
    String lines =
        "mkfifo p; exec 5<>p; head -c 65536 /dev/zero >&5; \"$0\" <<<pwd 2>&5 & pid=$!;"
            + " until grep -qx sh /proc/$pid/comm && grep -q '^State:.S' /proc/$pid/status;"
            + " do :; done;"
            + " cat /proc/$pid/comm; kill -STOP $pid;"
            + " for f in mem maps environ fd/0; do head -c 1 /proc/$pid/$f 2>&1 >/dev/null |"
            + " grep -o 'Permission denied'; done; ls /proc/$pid/root/ 2>&1 | grep -o 'Permission"
            + " denied'; strace -o /dev/null -p $pid 2>&1 | grep -o 'Operation not permitted';"
            + " perl -e 'open(my $m, \"+<\", \"/proc/$ARGV[0]/mem\") or print \"$!\\n\"' $pid;"
            + " kill -CONT $pid; head -c 65536 <&5 >/dev/null; wait $pid; echo $?;"
            + " rm p";
    Outcome outcome = image.user(lines, outside, launcher(DirectoryPolicy.ROOT));
    List<String> seen = outcome.lines();
    assertThat(seen).as(outcome.err()).startsWith("sh").endsWith("/", "0");
    assertThat(seen.stream().filter("Permission denied"::equals).count()).isEqualTo(6);
    assertThat(seen).contains("Operation not permitted");
  }

  @Test
  void noNewPrivileges_ofTheCaller_isSurvived() throws Exception {
    Path sh = launcher(DirectoryPolicy.SAME_OR_FAIL);
    Outcome outcome = image.user("exec setpriv --no-new-privs \"$0\" -c id", image.work(), sh);
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.err()).contains(NO_PRIVILEGE);
  }

  @Test
  void descriptors_closed_stayClosed() throws Exception {
    Path sh = launcher(DirectoryPolicy.SAME_OR_FAIL);
    Outcome outcome = image.user("exec \"$0\" -c 'exit 3' <&- >&- 2>&-", image.work(), sh);
    assertThat(outcome.status()).isEqualTo(3);
    Path missing = image.write("m", image.plain().command("/bin/none"));
    Outcome failing = image.user("exec \"$0\" <&- >&- 2>&-", image.work(), missing);
    assertThat(failing.status()).isEqualTo(127);
    // All descriptors of the caller, a directory outside included, and no other.
    String probe =
        "for n in 0 1 2 3 4 5 6 7 8; do (: 9<&$n) 2>&- && s=\"$s $n\"; done; echo \"$s\"";
    Outcome kept =
        image.user("exec \"$0\" -c '" + probe + "' 7<\"$PWD\" <&- 2>&-", image.work(), sh);
    assertThat(kept.isOk().out()).isEqualTo(" 1 7\n");
  }

  @Test
  void limits_allZero_areSurvivedUnlessTheKernelKills() throws Exception {
    Path launcher = image.write("l", image.plain().command("/bin/exit42"));
    for (String limit : Launchers.LIMITS) {
      String call = "exec prlimit --" + limit + "=0:0 \"$0\"";
      Outcome mine = image.user(call, image.work(), launcher);
      // Without any CPU time the kernel kills whatever runs when its clock ticks.
      for (int i = 0; i < 50 && limit.equals("cpu") && mine.status() == SIGKILL; i++) {
        mine = image.user(call, image.work(), launcher);
      }
      Outcome direct = image.user(call, image.work(), image.root().resolve("bin/exit42"));
      assertThat(mine.status()).as(limit + mine.err()).isIn(42, direct.status());
      assertThat(mine.status()).as(limit).isIn(42, SIGKILL, SIGSEGV);
      System.out.println("limit " + limit + "=0: " + mine.status() + ", alone " + direct.status());
    }
  }

  @Test
  void limits_allZeroAtOnce_areSurvived() throws Exception {
    Path launcher = image.write("l", image.plain().command("/bin/exit42").openFiles(9));
    String lines =
        "exec prlimit --core=0:0 --cpu=0:0 --data=0:0 --fsize=0:0 --locks=0:0 --memlock=0:0"
            + " --msgqueue=0:0 --nice=0:0 --nofile=0:0 --nproc=0:0 --rss=0:0 --rtprio=0:0"
            + " --rttime=0:0 --sigpending=0:0 \"$0\"";
    Outcome outcome = image.user(lines, image.work(), launcher);
    // Without any CPU time the kernel kills whatever runs when its clock ticks.
    for (int i = 0; i < 50 && outcome.status() == SIGKILL; i++) {
      outcome = image.user(lines, image.work(), launcher);
    }
    assertThat(outcome.status()).isEqualTo(42);
  }

  @Test
  void calls_random_execOrExitCleanly() throws Exception {
    int calls = Dose.of(500, 100_000);
    long seed = Long.getLong(Seeds.PROPERTY, 20261124);
    System.out.println("launcher calls from seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    Path command = image.write("l", image.plain().command("/bin/exit42"));
    Path atRoot =
        image.write(
            "r", image.plain().command("/bin/exit42").policy(DirectoryPolicy.ROOT).openFiles(9));
    Path sl5 = image.write("sl5", image.plain().image().policy(DirectoryPolicy.HOME));
    RandomCalls batch = RandomCalls.of(random, command, atRoot, sl5);
    int executed = 0;
    for (int done = 0; done < calls; ) {
      int size = Math.min(RandomCalls.BATCH, calls - done);
      List<String> run = new ArrayList<>(RandomCalls.AS_USER);
      run.add(batch.script(size));
      Outcome outcome = image.run(run, image.work());
      List<String> statuses = outcome.lines().stream().filter(l -> l.startsWith("=")).toList();
      assertThat(statuses).as(outcome.err()).hasSize(size);
      assertThat(statuses).isSubsetOf("=42", "=125", "=126", "=127", "=0", "=1", "=2");
      executed += (int) statuses.stream().filter("=42"::equals).count();
      done += size;
    }
    System.out.println(calls + " launcher calls, " + executed + " of them executed the program");
    assertThat(executed).isGreaterThan(calls / 10);
  }
}
