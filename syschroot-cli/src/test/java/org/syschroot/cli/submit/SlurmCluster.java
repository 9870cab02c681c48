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
 * A Slurm cluster of one or two nodes in namespaces of its own, made by {@code slurm-cluster.sh}.
 * Processes, mounts, ports and files go with it.
 */
final class SlurmCluster {
  /** With the cluster everything ends that hangs on it. */
  private static final String LONGEST_SECONDS = "300";

  private static final List<String> FILES = List.of("slurm-cluster.sh", "pmix-client.c");
  private static final String USER_PATH = "PATH=/mnt/tools/bin:/usr/bin:/bin";

  private final Process process;
  private final Path files;
  private final String first;

  private SlurmCluster(Process process, Path files, String first) {
    this.process = process;
    this.files = files;
    this.first = first;
  }

  /**
   * Starts a cluster.
   *
   * @param features what it has more than one node, as {@code slurm-cluster.sh} says
   */
  static SlurmCluster start(String... features) throws IOException, InterruptedException {
    Path files = Files.createTempDirectory("syschroot-slurm");
    for (String name : FILES) {
      try (InputStream resource = SlurmCluster.class.getResourceAsStream(name)) {
        Files.write(files.resolve(name), resource.readAllBytes());
      }
    }
    List<String> words =
        new ArrayList<>(
            List.of(
                "timeout",
                "--signal=KILL",
                LONGEST_SECONDS,
                // Since Linux 6.18 a mount namespace can get a lower number than one made before it
                // on another CPU, and the kernel refuses its bind then, which Slurm needs.
                "taskset",
                "--cpu-list",
                "0",
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
                files.resolve(FILES.get(0)).toString(),
                TestImages.checkout().toString(),
                TestImages.deb32().toString()));
    words.addAll(List.of(features));
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
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
    return new SlurmCluster(process, files, first);
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

  /** Runs a shell script of alice in her directory, which must succeed, and returns its output. */
  String alice(String text) throws IOException, InterruptedException {
    Outcome outcome = user("alice", "sh", "-c", text).run();
    assertThat(outcome.status()).as("%s: %s: %s", text, outcome, logs()).isZero();
    return outcome.outText();
  }

  /**
   * Runs a shell script of alice that submits a job with {@code --parsable}, and returns the states
   * in which the job and its parts have ended. An sbatch with {@code --wait} looks two seconds
   * later for the first time, and then ten.
   */
  String stateAtEnd(String text) throws IOException, InterruptedException {
    String job = alice(text).strip().replaceAll(";.*", "");
    assertThat(job).matches("[0-9]+");
    String wait =
        """
        for i in $(seq 1200); do
          states=$(squeue -h -t all -j %s -o %%T | sort -u | xargs)
          case $states in
            ''|*PENDING*|*CONFIGURING*|*RUNNING*|*COMPLETING*) sleep 0.05;;
            *) echo "$states"; exit;;
          esac
        done
        exit 1
        """;
    return sh(String.format(wait, job)).strip();
  }

  /** Returns the last lines of all daemons. */
  String logs() throws IOException, InterruptedException {
    return sh("squeue; sinfo -R; tail -n 20 /mnt/state/*.log");
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
    for (String name : FILES) {
      Files.delete(files.resolve(name));
    }
    Files.delete(files);
  }
}
