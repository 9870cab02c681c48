// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.launcher.LauncherImage.Outcome;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;
import org.syschroot.testing.Seeds;

/** What an ordinary user may try with launchers that make their mounts themselves. */
@RequiresRoot
@RequiresCommand({"busybox", "setpriv", "bash", "strace", "prlimit", "perl"})
final class LauncherFormAttackTest {
  private static final String MOUNTING = "(ENTRY|ROOTLESS).*";
  private static final String NO_PRIVILEGE =
      "syschroot: sl5: cannot enter: Operation not permitted; do not copy or trace a launcher, or"
          + " keep it on a nosuid mount; see: syschroot launcher show FILE\n";
  private static final String SHOW = "cat /proc/self/status; id -u";
  private static final int ROOT = 77;
  private static final int NOT_ROOT = 78;
  private static final int SIGKILL = 128 + 9;
  private static final int SIGSEGV = 128 + 11;

  private LauncherImage image;

  @BeforeEach
  void make() throws IOException {
    image = new LauncherImage();
    Files.createDirectory(image.root().resolve("proc"));
    Files.setPosixFilePermissions(image.work(), PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  @AfterEach
  void remove() throws IOException {
    assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
        .doesNotContain(image.folder().toString());
    image.close();
  }

  private Launchers plan(LauncherForm form) throws IOException {
    return plan(form, image.plain());
  }

  private Launchers plan(LauncherForm form, Launchers plain) {
    return form.of(plain, Launchers.bind("/proc"), Launchers.bind(image.work().toString()));
  }

  /** Without a privilege it does what it did; and whoever has none does not get one. */
  private void entersOnlyWithoutPrivilege(LauncherForm form, Outcome outcome) {
    if (form == LauncherForm.ROOTLESS) {
      assertThat(outcome.isOk().out()).contains("CapEff:\t0000000000000000").endsWith("\n65534\n");
    } else {
      assertThat(outcome.err()).isEqualTo(NO_PRIVILEGE);
      assertThat(outcome.status()).isEqualTo(125);
      assertThat(outcome.out()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = MOUNTING)
  void copyTracerOrNoNewPrivileges_ofAnOrdinaryUser_takeThePrivilege(LauncherForm form)
      throws Exception {
    Path sh = image.write("sh", plan(form));
    for (String how :
        List.of(
            "cp \"$0\" sh; exec ./sh",
            "exec strace -o /dev/null \"$0\"",
            "exec setpriv --no-new-privs \"$0\"")) {
      String lines = how + " -c '" + SHOW + "'";
      entersOnlyWithoutPrivilege(form, image.user(lines, image.work(), sh));
    }
  }

  /** Where the settings say so, the same launcher goes on as one without privilege. */
  @ParameterizedTest
  @EnumSource(names = "ROOTLESS", mode = EnumSource.Mode.EXCLUDE)
  void noNewPrivileges_whereTheSettingsAllowIt_enterWithoutPrivilege(LauncherForm form)
      throws Exception {
    Launchers plan = plan(form);
    Path sh = image.write("sh", new Launchers(plan.plan().withUserIfUnprivileged()));
    assertThat(LauncherFile.parse(Files.readAllBytes(sh)).intact()).isTrue();
    String told =
        "syschroot: sl5: entering without privilege: set-user-ID programs have no effect, and files"
            + " of other users belong to nobody\n";
    for (String how :
        List.of("exec setpriv --no-new-privs \"$0\"", "exec strace -o /dev/null \"$0\"")) {
      Outcome outcome =
          image.user(how + " -c 'cat <&3; id -u; pwd' 3</proc/self/status", image.work(), sh);
      assertThat(outcome.err()).startsWith(told);
      assertThat(outcome.out())
          .contains("CapEff:\t0000000000000000")
          .endsWith("\n65534\n" + image.work() + "\n");
    }
    Outcome with = image.user("exec -a sh \"$0\" -c 'id -u'", image.work(), sh);
    assertThat(with.err()).doesNotContain("privilege");
    assertThat(with.out()).isEqualTo("65534\n");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "ENTRY.*")
  void hardLink_isRevokedWithTheLauncher(LauncherForm form) throws Exception {
    Path sh = image.write("sh", plan(form));
    Path link = image.work().resolve("link");
    Files.createLink(link, sh);
    String lines = "exec -a sh \"$0\" -c '" + SHOW + "'";
    assertThat(image.user(lines, image.work(), link).isOk().out())
        .contains("CapPrm:\t0000000000000000", "Uid:\t65534\t65534\t65534\t65534");
    image.write("sh", plan(form), LauncherAccess.forGroup(54321));
    assertThat(image.user(lines, image.work(), link).err()).contains("Permission denied");
    assertThat(image.user(lines, image.work(), sh).err()).contains("Permission denied");
  }

  /** The image's programs with a privilege are as on the host, but in a user namespace not. */
  @ParameterizedTest
  @EnumSource
  void setUserIdProgram_ofTheImage_worksUnlessInAUserNamespace(LauncherForm form) throws Exception {
    Path program = image.program("bin/su", SmallProgram.tellWhetherRoot(ROOT, NOT_ROOT));
    Files.setAttribute(program, "unix:mode", 0104755);
    Path su = image.write("su", plan(form, image.plain().command("/bin/su")));
    int expected = form == LauncherForm.ROOTLESS ? NOT_ROOT : ROOT;
    assertThat(image.user(su).status()).isEqualTo(expected);
    Path off = image.write("off", plan(form, image.plain().command("/bin/su").noNewPrivileges()));
    assertThat(image.user(off).status()).isEqualTo(NOT_ROOT);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = MOUNTING)
  void preload_librariesOfTheCaller_areNotLooked(LauncherForm form) throws Exception {
    Path env = image.write("env", plan(form, image.plain().command("/bin/env")));
    // Reading one of them would block for ever: nobody writes.
    String lines =
        "mkfifo lib; export LD_PRELOAD=$PWD/lib LD_AUDIT=$PWD/lib GCONV_PATH=$PWD/lib"
            + " LD_LIBRARY_PATH=$PWD; exec \"$0\"";
    assertThat(image.user(lines, image.work(), env).isOk().lines())
        .contains("LD_PRELOAD=" + image.work() + "/lib", "LD_LIBRARY_PATH=" + image.work());
  }

  /** A full pipe for its remark keeps a launcher in the middle of its table. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "ENTRY.*")
  void memory_ofAStoppedLauncher_isClosedToItsUser(LauncherForm form) throws Exception {
    Path outside = Files.createDirectory(image.folder().resolve("outside"));
    Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rwxrwxrwx"));
    String lines =
        "mkfifo p; exec 5<>p; head -c 65536 /dev/zero >&5; \"$0\" <<<pwd 2>&5 & pid=$!;"
            + " until grep -qx sh /proc/$pid/comm && grep -q '^State:.S' /proc/$pid/status;"
            + " do :; done; kill -STOP $pid;"
            + " for f in mem maps environ fd/0 ns/mnt; do head -c 1 /proc/$pid/$f 2>&1 >/dev/null |"
            + " grep -o 'Permission denied'; done; ls /proc/$pid/root/ 2>&1 | grep -o 'Permission"
            + " denied'; strace -o /dev/null -p $pid 2>&1 | grep -o 'Operation not permitted';"
            + " kill -CONT $pid; head -c 65536 <&5 >/dev/null; wait $pid; echo $?; rm p";
    Path sh = image.write("sh", plan(form, image.plain().policy(DirectoryPolicy.ROOT)));
    Outcome outcome = image.user(lines, outside, sh);
    List<String> seen = outcome.lines();
    assertThat(seen).as(outcome.err()).endsWith("/", "0").contains("Operation not permitted");
    assertThat(seen.stream().filter("Permission denied"::equals).count()).isEqualTo(6);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = MOUNTING)
  void descriptors_closed_stayClosedAndNoneIsAdded(LauncherForm form) throws Exception {
    Path sh = image.write("sh", plan(form));
    Outcome outcome = image.user("exec \"$0\" -c 'exit 3' <&- >&- 2>&-", image.work(), sh);
    assertThat(outcome.status()).isEqualTo(3);
    String probe =
        "for n in 0 1 2 3 4 5 6 7 8; do (: 9<&$n) 2>&- && s=\"$s $n\"; done; echo \"$s\"";
    Outcome kept =
        image.user("exec \"$0\" -c '" + probe + "' 7<\"$PWD\" <&- 2>&-", image.work(), sh);
    assertThat(kept.isOk().out()).isEqualTo(" 1 7\n");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = MOUNTING)
  void limits_allZero_areSurvivedOrRefused(LauncherForm form) throws Exception {
    Path launcher = image.write("l", plan(form, image.plain().command("/bin/exit42")));
    for (String limit : Launchers.LIMITS) {
      String call = "exec prlimit --" + limit + "=0:0 \"$0\"";
      Outcome mine = image.user(call, image.work(), launcher);
      assertThat(mine.status()).as(limit + mine.err()).isIn(42, 125, SIGKILL, SIGSEGV);
      if (mine.status() == 125) {
        // Descriptors are needed for a moment.
        assertThat(mine.err()).startsWith("syschroot: sl5: cannot ").endsWith("\n");
        assertThat(limit).isEqualTo("nofile");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = MOUNTING)
  void calls_random_execOrExitCleanly(LauncherForm form) throws Exception {
    int calls = Dose.of(100, 100_000);
    long seed = Long.getLong(Seeds.PROPERTY, 20261128);
    System.out.println("calls of " + form + " from seed " + seed);
    Launchers exit42 = image.plain().command("/bin/exit42");
    Path command = image.write("l", plan(form, exit42));
    Path atRoot = image.write("r", plan(form, exit42.policy(DirectoryPolicy.ROOT).openFiles(9)));
    Path sl5 = image.write("sl5", plan(form, image.plain().image().policy(DirectoryPolicy.HOME)));
    RandomCalls batch = RandomCalls.of(new SplittableRandom(seed), command, atRoot, sl5);
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
    assertThat(executed).isGreaterThan(calls / 20);
  }
}
