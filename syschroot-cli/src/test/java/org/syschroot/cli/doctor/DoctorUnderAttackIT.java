// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.syschroot.cli.doctor.DoctorSite.native_;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.cli.Outcome;
import org.syschroot.testing.Dose;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * The command {@code doctor}, with the heap that it always has, on images whose files are made to
 * stop it: it ends, says what it left out, and what is wrong with another image is found. What
 * Nagios is told of it each run looks at once, the heavy dose for each of them.
 */
@InOwnMountNamespace
@RequiresCommand("perl")
class DoctorUnderAttackIT {
  private static final String ALSO_FOR_NAGIOS = "privileged files";
  private static final String UNFINISHED = "hostile: warning image-partly-looked-at: ";

  private DoctorSite doctor;
  private Path hostile;

  @BeforeEach
  void makeSite() throws Exception {
    doctor = new DoctorSite();
    hostile = tree("hostile");
    Path open = tree("other").resolve("open");
    native_("mkdir", "-m", "777", open.toString());
  }

  @AfterEach
  void removeSite() throws Exception {
    doctor.close();
  }

  private Path tree(String name) throws Exception {
    Path root = DoctorSite.FOLDER.resolve(name);
    native_("mkdir", "-p", root + "/etc/ld.so.conf.d", root + "/var/tmp", root + "/bin");
    native_("chmod", "1777", root + "/var/tmp");
    doctor.settings(name, root, "mounts = []");
    return root;
  }

  private void perl(String program) throws Exception {
    native_("perl", "-e", "chdir '" + hostile + "' or die; " + program);
  }

  private Outcome diagnosis() throws Exception {
    Outcome outcome = doctor.run("doctor", "--time-limit", "40");
    assertThat(outcome.errText()).isEmpty();
    assertThat(outcome.outText()).contains("other: warning directory-open-to-all");
    assertThat(outcome.status()).isEqualTo(1); // neither has a shell
    return outcome;
  }

  @Test
  void doctor_directoriesBeneathALongPath_areAllSeen() throws Exception {
    int many = Dose.of(3_000, 70_000);
    perl(
        "chdir 'var/tmp'; for (1..15) { my $n = \"\\e\" x 250; mkdir $n; chdir $n }"
            + " mkdir \"e$_\" for 1.."
            + many
            + "; mkdir 'open'; chmod 0777, 'open'");
    assertThat(diagnosis().outText())
        .contains("hostile, other: warning directory-open-to-all")
        .doesNotContain(UNFINISHED);
  }

  static List<Arguments> attacks() {
    return List.of(
        Arguments.of(
            "many names",
            "mkdir 'usr'; mkdir 'usr/lib'; for (1.."
                + Dose.of(100_001, 900_000)
                + ") { open my $f, '>', \"usr/lib/lib$_.so\" }"),
        Arguments.of("depth", "chdir 'var/tmp'; for (1..3000) { mkdir 'd'; chdir 'd' }"),
        Arguments.of(
            "accounts", "open my $f, '>', 'etc/passwd'; print $f \"a:x:1:1::/:\\n\" x 1e6"),
        Arguments.of("blank lines", "open my $f, '>', 'etc/hosts'; print $f \"\\n\" x 9e6"),
        Arguments.of(
            "sparse file",
            "open my $p, '>', 'etc/passwd'; open my $f, '>', 'etc/group'; truncate $f, 1 << 42"),
        Arguments.of(
            "includes",
            "for (1..400) { open my $f, '>', \"etc/ld.so.conf.d/$_\";"
                + " print $f \"include /etc/ld.so.conf.d/*\\n\" x 1000 }"
                + " symlink 'ld.so.conf.d/1', 'etc/ld.so.conf'"),
        Arguments.of(
            "privileged files",
            "for (1.."
                + Dose.of(2_100, 200_000)
                + ") { my $n = \"var/tmp/$_\"; open my $f, '>', $n; chmod 04755, $n }"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("attacks")
  void doctor_imageThatIsTooMuch_isSaidAndHidesNoOther(String what, String program)
      throws Exception {
    perl(program);
    assertThat(diagnosis().outText()).contains(UNFINISHED).doesNotContain("check-incomplete");
    if (!Dose.isHeavy() && !what.equals(ALSO_FOR_NAGIOS)) {
      return;
    }
    Outcome nagios = doctor.run("doctor", "--nagios");
    assertThat(nagios.status()).isEqualTo(2);
    assertThat(nagios.outText()).startsWith("SYSCHROOT CRITICAL: ");
  }

  @Test
  void doctor_treeThatChangesAllTheTime_ends() throws Exception {
    Process changing =
        new ProcessBuilder(
                "perl",
                "-e",
                "chdir '"
                    + hostile.resolve("var/tmp")
                    + "' or die; for (my $i = 0; ; $i = ($i + 1) % 50000) { mkdir \"d$i\";"
                    + " rename \"d$i\", \"d$i/../e$i\"; symlink '/', \"d$i\"; unlink \"d$i\";"
                    + " open my $f, '>>', '../../etc/hosts'; print $f \"1 h$i\\n\"; rmdir \"e$i\"}")
            .start();
    try {
      Outcome outcome = doctor.run("doctor", "--time-limit", "3");
      assertThat(outcome.errText()).isEmpty();
      assertThat(outcome.outText())
          .contains("other: warning directory-open-to-all")
          .doesNotContain("check-incomplete");
      assertThat(changing.isAlive()).isTrue();
    } finally {
      changing.destroyForcibly().waitFor();
    }
  }

  /** A FUSE file system whose daemon never answers, not even the first question. */
  @Test
  void doctor_fileSystemThatDoesNotAnswer_isLeftBehind() throws Exception {
    Path etc = hostile.resolve("etc");
    Process daemon =
        new ProcessBuilder(
                "perl",
                "-e",
                "open my $f, '+<', '/dev/fuse' or die; my $mount = `uname -m` =~ /^x86/ ? 165 : 40;"
                    + " my ($source, $target, $type) = ('none', '"
                    + etc
                    + "', 'fuse'); my $options = 'fd=' . fileno($f)"
                    + " . ',rootmode=40000,user_id=0,group_id=0';"
                    + " syscall($mount, $source, $target, $type, 0, $options) == 0 or die; <STDIN>")
            .start();
    try {
      awaitMount(etc);
      Instant start = Instant.now();
      Outcome outcome = doctor.run("doctor", "--time-limit", "4");
      assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(60));
      assertThat(outcome.errText()).isEmpty();
      assertThat(outcome.outText())
          .contains(UNFINISHED, "other: warning directory-open-to-all")
          .doesNotContain("account-missing", "hostile: warning hosts-differ");
      assertThat(outcome.status()).isEqualTo(1);
    } finally {
      daemon.destroyForcibly().waitFor();
      native_("umount", etc.toString());
    }
  }

  private static void awaitMount(Path target) throws IOException {
    Instant end = Instant.now().plusSeconds(30);
    while (!Files.readString(Path.of("/proc/thread-self/mountinfo")).contains(" " + target + " ")) {
      if (Instant.now().isAfter(end)) {
        fail("nothing was mounted on " + target);
      }
      Thread.onSpinWait();
    }
  }

  @Test
  void doctor_timeLimitThatIsNone_isRefused() throws Exception {
    for (String limit : List.of("0", "-1", "x", "86401", "99999999999")) {
      Outcome outcome = doctor.run("doctor", "--time-limit=" + limit);
      assertThat(outcome.status()).isEqualTo(2);
      assertThat(outcome.errText()).contains("is not a number from 1 to 86400");
    }
  }
}
