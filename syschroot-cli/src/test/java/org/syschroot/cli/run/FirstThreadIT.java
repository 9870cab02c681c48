// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.cli.Driver;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * What the kernel keeps for a thread and not for a process, and what a JVM changes of the process
 * at its start: the command has it as its caller had.
 */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "perl"})
class FirstThreadIT {
  /** Prints the state; the numbers of calls are those of this perl, of 32 bits or 64. */
  private static final String PROBE =
      "use Config; use POSIX (); my $wide = $Config{ptrsize} == 8; my $arm = (POSIX::uname())[4] =~ /^(aarch|arm)/;"
          + "my ($prctl, $getattr) = !$wide ? (172, 352) : $arm ? (167, 275) : (157, 315);"
          + "open(my $f, '<', '/proc/self/coredump_filter'); print 'filter ', <$f>;"
          + "open(my $s, '<', '/proc/self/status'); print grep { /^Sig(Blk|Pnd)|^ShdPnd/ } <$s>;"
          + "my $a = \"\\0\" x 48; syscall($getattr, 0, $a, 48, 0) == 0 or die \"getattr $!\";"
          + "my @a = unpack('LLQlLQQQ', $a); pop @a while @a > 5 && $a[1] != 6; print \"@a\\n\";"
          + "my $d = pack('L', 0); syscall($prctl, 2, $d, 0, 0, 0); print 'death ', unpack('L', $d),"
          + " \"\\n\";";

  static List<Arguments> states() {
    return List.of(
        Arguments.of("filter 00000033", List.of("coredump 0x33")),
        Arguments.of("filter 0000007f", List.of("coredump 0x7f")),
        Arguments.of("48 0 1 5 0", List.of("scheduling 0 1 5 0 0 0 0")),
        Arguments.of("48 1 1 0 3", List.of("scheduling 1 1 0 3 0 0 0")),
        Arguments.of(
            "48 6 0 0 0 10000000 100000000 100000000",
            List.of("scheduling 6 0 0 0 10000000 100000000 100000000")),
        Arguments.of("SigBlk:\t0000000180000000", List.of("signals 180000000 0")),
        Arguments.of(
            "SigPnd:\t0000000400000a01",
            List.of("signals 400000a01 0", "pending 1", "pending 10", "pending 12", "pending 35")),
        Arguments.of("death 15", List.of("death_signal 15")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("states")
  void state_isPreserved(String expected, List<String> lines, @TempDir Path folder)
      throws Exception {
    List<String> probe = List.of("/usr/bin/perl", "-e", PROBE);
    try (TestSite site = TestSite.empty()) {
      site.image("deb", "root = \"" + TestImages.deb32() + "\"\nmounts = [\"standard\"]\n");
      Outcome natively = driver(lines).starting(probe, folder).run();
      List<String> run =
          new java.util.ArrayList<>(
              List.of(
                  TestImages.command().toString(),
                  "run",
                  "--config",
                  site.directory().toString(),
                  "deb",
                  "--"));
      run.addAll(probe);
      Outcome inside = driver(lines).starting(run, folder).run();
      assertThat(natively.errText()).isEmpty();
      assertThat(natively.outText().lines()).contains(expected);
      assertThat(inside).hasToString(natively.toString());
    }
  }

  private static Driver driver(List<String> lines) {
    Driver driver = new Driver().bytes("env", List.of("LC_ALL=C", "PATH=/usr/bin:/bin"));
    driver.bytes("directory", List.of("/tmp")).line("signals 0 0");
    lines.forEach(driver::line);
    return driver;
  }
}
