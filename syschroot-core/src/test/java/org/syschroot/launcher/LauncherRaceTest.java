// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.syschroot.kernel.Capability;
import org.syschroot.launcher.LauncherImage.Outcome;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** What a caller may try while a launcher runs, at whatever moment it happens to be. */
@RequiresRoot
@RequiresCommand({"busybox", "setpriv", "bash"})
final class LauncherRaceTest {
  private LauncherImage image;

  @BeforeEach
  void make() throws IOException {
    image = new LauncherImage();
    for (Path work : List.of(image.work(), image.inImage(image.work()))) {
      Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
  }

  @AfterEach
  void remove() throws IOException {
    image.close();
  }

  /** The directory is exchanged for links on both sides, all the time. */
  @Test
  void directory_swappedDuringTheCall_isOneOfTheImageOrNone() throws Exception {
    int calls = Dose.of(150, 10_000);
    Path sh = image.write("sh", image.plain());
    image.program("in-image", "in\n".getBytes(StandardCharsets.US_ASCII));
    String inImage = image.inImage(image.work()).toString();
    String up = "../../../../../../../../../..";
    String lines =
        ("mkdir d IN/d; ln -s " + up + " IN/l; ln -s / l; ln -s " + up + "ROOT IN/o;")
                .replace("IN", inImage)
                .replace("ROOT", image.work().toString())
            + "( until [ -e stop ]; do for w in . IN; do mv -T $w/d $w/e; mv -T $w/l $w/d;"
                .replace("IN", inImage)
            + " mv -T $w/d $w/l; mv -T $w/e $w/d; done; done ) 2>/dev/null & "
            + "for ((i = 0; i < "
            + calls
            + "; i++)); do ( until cd -P d; do :; done; exec -a sh \"$0\" -c 'pwd -P; cat /in-image' )"
            + " 2>err | tr '\\n' ' '; s=${PIPESTATUS[0]}; echo \"=$s $(grep -v 'cd: ' err)\"; done;"
            + " touch stop; wait; rm -rf d e l stop err IN/*".replace("IN", inImage);
    List<String> seen = image.user(lines, image.work(), sh).lines();
    assertThat(seen).hasSize(calls);
    String below = image.work().toString();
    String refused =
        "=125 syschroot: sl5: cannot enter "
            + below
            + "/[de](/d)? in the image: No such file or directory; .*";
    assertThat(seen)
        .allMatch(
            line ->
                line.matches("(/|" + below + "(/[de])?) in =0 (syschroot: .* stay in the image)?")
                    || line.matches(refused)
                    || line.matches(
                        "=125 syschroot: sl5: cannot enter /.* in the image: (No such file or directory; .*|Permission denied)"));
    System.out.println(
        calls
            + " calls from a directory being swapped, "
            + seen.stream().filter(line -> line.contains(" in =0 ")).count()
            + " of them executed the program");
    assertThat(seen).anyMatch(line -> line.contains(" in =0 "));
  }

  /**
   * Between open and execution, execve(2) reads mode and capabilities of the file it has opened.
   */
  @ParameterizedTest
  @EnumSource(names = {"BOOT", "BOOT_SET_USER_ID"})
  void launcher_replacedDuringTheCall_runs(LauncherForm form) throws Exception {
    int calls = Dose.of(4000, 100_000);
    Launchers launchers = form.of(image.plain()).command("/bin/exit42");
    Path launcher = image.write("l", launchers);
    AtomicBoolean ended = new AtomicBoolean();
    CompletableFuture<Integer> replaced =
        CompletableFuture.supplyAsync(
            () -> {
              int number = 0;
              while (!ended.get()) {
                number++;
                try {
                  image.write("l", launchers.openFiles(100 + number % 2));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }
              return number;
            });

    Outcome outcome;
    try {
      // Four at once, so that a call is often interrupted.
      outcome =
          image.user(
              "for k in 1 2 3 4; do for ((i = 0; i < "
                  + calls / 4
                  + "; i++)); do ( exec \"$0\" ) 2>&1; echo \"=$?\"; done & done; wait",
              Path.of("/"),
              launcher);
    } finally {
      ended.set(true);
      System.out.println(calls + " calls, " + replaced.get() + " replacements: " + form);
    }
    assertThat(replaced.get()).isGreaterThan(3);
    assertThat(outcome.lines()).hasSize(calls).containsOnly("=42");
  }

  /** While it is a launcher it shows nothing of itself; afterwards it goes on as if nothing was. */
  @Test
  void process_stoppedAnywhere_showsNothingAndGoesOn() throws Exception {
    int calls = Dose.of(200, 10_000);
    Path launcher =
        image.write(
            "l",
            image
                .plain()
                .command("/bin/exit42")
                .dropping(Set.of(Capability.SYS_MODULE, Capability.SYS_RAWIO))
                .openFiles(100));
    String lines =
        "for ((i = 0; i < "
            + calls
            + "; i++)); do \"$0\" & p=$!; for ((j = RANDOM % 400; j > 0; j--)); do :; done;"
            + " kill -STOP $p 2>/dev/null; e=$(readlink /proc/$p/exe);"
            + " [ \"$e\" = \"$0\" ] && head -c 1 /proc/$p/mem && echo read;"
            + " c=$(cat /proc/$p/comm 2>/dev/null); kill -CONT $p 2>/dev/null;"
            + " wait $p; echo \"$? $c $e\"; done 2>/dev/null";
    Outcome outcome = image.user(lines, image.work(), launcher);
    List<String> seen = outcome.lines();
    assertThat(seen).as(outcome.err()).hasSize(calls).allMatch(line -> line.startsWith("42 "));
    assertThat(seen).noneMatch(line -> line.endsWith(" " + launcher));
    System.out.println(
        calls
            + " launchers stopped, "
            + seen.stream().filter("42 l "::equals).count()
            + " of them before execve");
  }
}
