// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.syschroot.cli.frame.OwnProcess;
import org.syschroot.image.ImageName;

/**
 * Asks the same questions of a process on the native system and of one in an image. Both are
 * started by the same driver: a shell that first sets up what is to be preserved.
 */
final class DemoComparison {
  /** The exit status of the command in the image. */
  static final int STATUS = 42;

  /**
   * Something that can be asked of a process.
   *
   * @param name what it is called
   * @param changes whether a switch is meant to change it
   * @param question a shell command that prints it
   */
  record Fact(String name, boolean changes, String question) {}

  static final List<Fact> FACTS =
      List.of(
          new Fact("operating system", true, "grep ^ID= /etc/os-release"),
          new Fact("machine (uname -m)", true, "uname -m"),
          new Fact("SYSCHROOT_IMAGE", true, "echo ${SYSCHROOT_IMAGE-unset}"),
          new Fact("kernel", false, "uname -r"),
          new Fact("same process", false, "[ $$ = $DRIVER ] && echo yes || echo no"),
          new Fact("directory", false, "pwd"),
          new Fact("user", false, "id -un"),
          new Fact("umask", false, "umask"),
          new Fact("open files (soft)", false, "ulimit -Sn"),
          new Fact("ignored signals", false, "grep ^SigIgn /proc/self/status | tail -c 17"),
          new Fact("empty variable", false, "echo \"${EMPTY-lost}\" | grep -c ^$"),
          new Fact("file descriptor 7", false, "cat <&7"));

  // Runs as the command of "sh -c": what it sets up is inherited by what it becomes.
  private static final String DRIVER =
      "cd /tmp && umask 027 && ulimit -Sn 200 && trap '' PIPE USR2 && "
          + "DRIVER=$$ EMPTY= && export DRIVER EMPTY && exec \"$@\" 7<<END\n"
          + "inherited\nEND\n";

  private final Path config;
  private final ImageName image;

  DemoComparison(Path config, ImageName image) {
    this.config = config;
    this.image = image;
  }

  Map<String, String> outside() throws IOException {
    return ask(List.of("sh", "-c", questions()));
  }

  Map<String, String> inside() throws IOException {
    return ask(command(questions()));
  }

  int exitStatus() throws IOException {
    return finish(start(command("exit " + STATUS)));
  }

  private List<String> command(String script) {
    return List.of(
        OwnProcess.startScript(),
        "run",
        "--config",
        config.toString(),
        image.toString(),
        "--",
        "sh",
        "-c",
        script);
  }

  private static String questions() {
    StringBuilder script = new StringBuilder();
    for (Fact fact : FACTS) {
      script.append("echo '").append(fact.name()).append("='\"$(").append(fact.question());
      script.append(")\"\n");
    }
    return script.toString();
  }

  private static Map<String, String> ask(List<String> command) throws IOException {
    Process process = start(command);
    String answers = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = finish(process);
    if (status != 0) {
      throw new IOException("the command of the demonstration exited with " + status);
    }
    Map<String, String> facts = new LinkedHashMap<>();
    for (String line : answers.split("\n")) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        facts.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return facts;
  }

  private static Process start(List<String> command) throws IOException {
    List<String> driver = new ArrayList<>(List.of("sh", "-c", DRIVER, "driver"));
    driver.addAll(command);
    return new ProcessBuilder(driver).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static int finish(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the demonstration", e);
    }
  }
}
