// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A native system to follow a page in: this machine's own files, on which everything that is
 * written goes into a layer above that vanishes. To be used in a thread with a mount namespace of
 * its own.
 */
final class ThrowawaySystem {
  private static final int SECONDS = 300;
  private static final char MARK = '\036';

  private final Path root;
  private final Path folder;

  private ThrowawaySystem(Path folder) {
    this.folder = folder;
    this.root = folder.resolve("root");
  }

  static ThrowawaySystem in(Path folder) throws IOException, InterruptedException {
    ThrowawaySystem system = new ThrowawaySystem(folder);
    Path layer = Files.createDirectory(folder.resolve("layer"));
    Files.createDirectory(system.root);
    system.host("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", layer.toString());
    Files.createDirectory(layer.resolve("upper"));
    Files.createDirectory(layer.resolve("work"));
    system.host(
        "mount",
        "-t",
        "overlay",
        "overlay",
        "-o",
        "lowerdir=/,upperdir=" + layer + "/upper,workdir=" + layer + "/work",
        system.root.toString());
    for (String directory : List.of("proc", "sys", "dev")) {
      system.host("mount", "--rbind", "/" + directory, system.root.resolve(directory).toString());
    }
    for (String directory : List.of("tmp", "run")) {
      system.host(
          "mount",
          "-t",
          "tmpfs",
          "-o",
          "mode=1777",
          "tmpfs",
          system.root.resolve(directory).toString());
    }
    // As systemd makes them.
    system.host("mount", "--make-rshared", system.root.toString());
    return system;
  }

  private void host(String... words) throws IOException, InterruptedException {
    Path output = folder.resolve("host.out");
    int status = start(List.of(words), output).waitFor();
    assertThat(status).as("%s: %s", List.of(words), Files.readString(output)).isZero();
  }

  private static Process start(List<String> words, Path output) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(words);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> !name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
    environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("HOME", "/root");
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("TERM", "dumb");
    return builder
        .directory(Path.of("/").toFile())
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }

  /** What the commands of a script did, up to the first one that failed. */
  record Outcome(int status, List<String> outputs) {}

  /** Runs commands in one shell, which ends at the first that fails. */
  Outcome run(List<String> commands) throws IOException, InterruptedException {
    StringBuilder script = new StringBuilder("set -e\n");
    for (String command : commands) {
      script.append("printf '\\036'\n").append(command);
    }
    Files.writeString(root.resolve("tmp/page"), script);
    Path output = folder.resolve("page.out");
    Process shell = start(List.of("chroot", root.toString(), "bash", "/tmp/page"), output);
    if (!shell.waitFor(SECONDS, TimeUnit.SECONDS)) {
      shell.descendants().forEach(ProcessHandle::destroyForcibly);
      shell.destroyForcibly();
      throw new AssertionError(
          "the commands take more than " + SECONDS + " s: " + Files.readString(output));
    }
    String all = Files.readString(output, StandardCharsets.UTF_8);
    List<String> outputs = new ArrayList<>(List.of(all.split(String.valueOf(MARK), -1)));
    outputs.remove(0);
    return new Outcome(shell.exitValue(), outputs);
  }
}
