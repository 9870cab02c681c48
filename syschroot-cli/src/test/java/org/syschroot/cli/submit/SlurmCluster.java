// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;

/**
 * A Slurm cluster of one node in namespaces of its own, made by {@code slurm-cluster.sh}.
 * Processes, mounts, ports and files go with it.
 */
final class SlurmCluster {
  /** With the cluster everything ends that hangs on it. */
  private static final String LONGEST_SECONDS = "300";

  private static final String USER_PATH = "PATH=/mnt/tools/bin:/usr/bin:/bin";

  private final Process process;
  private final Path script;
  private final String first;

  private SlurmCluster(Process process, Path script, String first) {
    this.process = process;
    this.script = script;
    this.first = first;
  }

  static SlurmCluster start() throws IOException, InterruptedException {
    Path script = Files.createTempFile("syschroot-slurm", ".sh");
    try (InputStream resource = SlurmCluster.class.getResourceAsStream("slurm-cluster.sh")) {
      Files.write(script, resource.readAllBytes());
    }
    ProcessBuilder builder =
        new ProcessBuilder(
                "timeout",
                "--signal=KILL",
                LONGEST_SECONDS,
                "unshare",
                "--mount",
                "--pid",
                "--net",
                "--uts",
                "--fork",
                "--kill-child",
                "--mount-proc",
                "--propagation",
                "private",
                "bash",
                script.toString(),
                TestImages.checkout().toString(),
                TestImages.deb32().toString())
            .redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    Process process = builder.start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    List<String> said = new ArrayList<>();
    String line = output.readLine();
    while (line != null && !line.equals("ready")) {
      said.add(line);
      line = output.readLine();
    }
    assertThat(line).as("the cluster says: %s", said).isEqualTo("ready");
    ProcessHandle unshare = process.children().findFirst().orElseThrow(AssertionError::new);
    String first =
        String.valueOf(unshare.children().findFirst().orElseThrow(AssertionError::new).pid());
    return new SlurmCluster(process, script, first);
  }

  /** Returns a program of root in the cluster. */
  Program root(String... words) {
    return Program.of(inside(List.of(words)));
  }

  /** Returns a program of an ordinary user, in the user's directory. */
  Program user(String name, String... words) {
    int uid = name.equals("alice") ? 2001 : 2002;
    List<String> all =
        new ArrayList<>(
            List.of(
                "sh",
                "-c",
                "cd /tmp/" + name + " && exec \"$@\"",
                "sh",
                "setpriv",
                "--reuid",
                String.valueOf(uid),
                "--regid",
                String.valueOf(uid),
                "--init-groups",
                "env",
                USER_PATH,
                "HOME=/tmp/" + name,
                "SHELL=/bin/bash"));
    all.addAll(List.of(words));
    return Program.of(inside(all));
  }

  private List<String> inside(List<String> words) {
    List<String> all =
        new ArrayList<>(
            List.of("nsenter", "--target", first, "--mount", "--pid", "--net", "--uts", "--"));
    all.addAll(words);
    return all;
  }

  /** Runs a shell script of root there, which must succeed, and returns what it prints. */
  String sh(String text) throws IOException, InterruptedException {
    Outcome outcome = root("bash", "-c", text).run();
    assertThat(outcome.status()).as("%s: %s", text, outcome).isZero();
    return outcome.outText();
  }

  /** Writes a script of alice. */
  String script(String name, String text) throws IOException, InterruptedException {
    Path input = Files.writeString(Files.createTempFile("syschroot-slurm", ".in"), text);
    try {
      String path = "/tmp/alice/" + name;
      String command = "cat > " + path + " && chown alice: " + path + " && chmod 755 " + path;
      Outcome outcome = root("sh", "-c", command).input(input).run();
      assertThat(outcome.status()).as("%s", outcome).isZero();
      return path;
    } finally {
      Files.delete(input);
    }
  }

  /** Ends all that was started there. */
  void stop() throws IOException, InterruptedException {
    process.getOutputStream().close();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    Files.delete(script);
  }
}
