// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts for nodes, run by a shell as each scheduler runs them. */
class NodeScriptTest {
  @TempDir private Path directory;

  private String run(String script, String input, Map<String, String> variables, String... words)
      throws IOException, InterruptedException {
    Path file = Files.writeString(directory.resolve("script"), script);
    Path in = Files.writeString(directory.resolve("in"), input);
    ProcessBuilder builder =
        new ProcessBuilder("sh", file.toString())
            .redirectInput(in.toFile())
            .redirectErrorStream(true);
    builder.command().addAll(List.of(words));
    builder.environment().putAll(variables);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() + ": " + output;
  }

  private String check(Scheduler scheduler, String status, String input)
      throws IOException, InterruptedException {
    String script = scheduler.nodeCheck().replace("@STATUS@", status);
    return run(script, input, Map.of("HOSTNAME", "node7"));
  }

  private static final String BROKEN =
      "eval 'echo sl4 mounted /dev; echo sl4 missing /home; false'";

  @Test
  void torqueCheck_brokenImage_isALineThatBeginsWithError() throws Exception {
    assertThat(check(Torque.INSTANCE, "true", "")).isEqualTo("0: ");
    assertThat(check(Torque.INSTANCE, BROKEN, ""))
        .isEqualTo("0: ERROR syschroot: sl4 missing /home\n");
  }

  @Test
  void gridEngineCheck_eachQuestion_isAnsweredWithABlockUntilQuit() throws Exception {
    String good = "begin\nnode7:syschroot_broken:0\nend\n";
    assertThat(check(GridEngine.INSTANCE, "true", "\n\nquit\n\n")).isEqualTo("0: " + good + good);
    assertThat(check(GridEngine.INSTANCE, "false", "\nquit\n"))
        .isEqualTo("0: begin\nnode7:syschroot_broken:1\nend\n");
  }

  @Test
  void htCondorCheck_status_isAnAttribute() throws Exception {
    assertThat(check(HtCondor.INSTANCE, "true", "")).isEqualTo("0: SyschrootBroken = false\n");
    assertThat(check(HtCondor.INSTANCE, "false", "")).isEqualTo("0: SyschrootBroken = true\n");
  }

  @Test
  void htCondorWrapper_jobsImage_decidesWhoRunsTheCommand() throws Exception {
    String script =
        HtCondor.jobWrapper().replace("@LAUNCHERS@", "    sl4) exec echo launcher \"$@\" ;;");
    Path ad = directory.resolve("ad");
    Path error = directory.resolve("error");
    Map<String, String> variables =
        Map.of("_CONDOR_JOB_AD", ad.toString(), "_CONDOR_WRAPPER_ERROR_FILE", error.toString());

    Files.writeString(ad, "ClusterId = 7\nSyschrootImage = \"sl4\"\nArgs = \"a\"\n");
    assertThat(run(script, "", variables, "printf", "%s|", "a b"))
        .isEqualTo("0: launcher printf %s| a b\n");
    Files.writeString(ad, "ClusterId = 7\n");
    assertThat(run(script, "", variables, "printf", "%s|", "a b")).isEqualTo("0: a b|");
    Files.writeString(ad, "SyschrootImage = \"sl9\"\n");
    assertThat(run(script, "", variables, "printf", "%s|", "a b"))
        .isEqualTo("1: syschroot: this node has no launcher for the image sl9\n");
    assertThat(error).hasContent("syschroot: this node has no launcher for the image sl9");
  }
}
