// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One run of a tool that makes something, such as debootstrap, from its start to the end of all its
 * processes. For one thread.
 */
final class ToolRun {
  private static final Path LOG = Path.of("debootstrap/debootstrap.log");

  /**
   * Makes a process that ends with ours, in a process group of its own, in which no signal is
   * blocked; and becomes the command. What it asks of the kernel by number it can without modules,
   * which not every Perl has.
   */
  private static final String PRELUDE =
      "my ($prctl, $rt_sigprocmask, $parent) = splice @ARGV, 0, 3;"
          + " my ($pdeathsig, $kill, $set_mask, $none) = (1, 9, 2, pack(\"Q\", 0));"
          + " syscall($prctl + 0, $pdeathsig, $kill, 0, 0, 0);"
          + " exit 1 if getppid() != $parent;"
          + " setpgrp(0, 0);"
          + " syscall($rt_sigprocmask + 0, $set_mask, $none, 0, 8);"
          + " exec { $ARGV[0] } @ARGV; exit 127;";

  private final List<String> command;
  private final String shown;
  private final Map<String, String> environment;
  private final Consumer<String> progress;
  private final OutputTail tail = new OutputTail();

  ToolRun(List<String> command, Map<String, String> environment, Consumer<String> progress) {
    this(command, String.join(" ", command), environment, progress);
  }

  /**
   * Creates a run whose messages show less than all of the command.
   *
   * @param shown what messages call it
   */
  ToolRun(
      List<String> command,
      String shown,
      Map<String, String> environment,
      Consumer<String> progress) {
    this.command = List.copyOf(command);
    this.shown = shown;
    this.environment = Map.copyOf(environment);
    this.progress = progress;
  }

  /**
   * Runs it to its end.
   *
   * @param root the directory that it fills, where debootstrap leaves its log
   * @throws IOException if it cannot be started or fails, with the last lines of its output and log
   * @throws InterruptedIOException if the thread is interrupted, which kills it
   */
  void in(Path root) throws IOException {
    Process process = start();
    try {
      ProcessLines lines = new ProcessLines(process);
      for (String line = lines.next(); line != null; line = lines.next()) {
        tail.add(line);
        progress.accept(line);
      }
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException(shown + " ended with status " + status + tail + logTail(root));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted" + tail).initCause(e);
    } finally {
      end(process);
    }
  }

  private Process start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(withPrelude())
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  private List<String> withPrelude() {
    boolean is64BitArm = System.getProperty("os.arch").equals("aarch64");
    List<String> words = new ArrayList<>(List.of("/usr/bin/perl", "-C0", "-e", PRELUDE));
    words.addAll(is64BitArm ? List.of("167", "135") : List.of("157", "14"));
    words.add(Long.toString(ProcessHandle.current().pid()));
    words.addAll(command);
    return words;
  }

  /** Debootstrap only names this file, which goes with the rest of what it made. */
  private static String logTail(Path root) {
    Path log = root.resolve(LOG);
    try (InputStream in = Files.newInputStream(log, LinkOption.NOFOLLOW_LINKS)) {
      OutputTail tail = new OutputTail();
      new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(tail::add);
      return "\n  the last lines of " + log + ":" + tail;
    } catch (IOException e) {
      return "";
    }
  }

  private static void end(Process process) {
    if (!process.isAlive()) {
      return;
    }
    // The children first: once their parent is gone, they cannot be told from other processes.
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    process.onExit().join();
    children.forEach(child -> child.onExit().join());
  }
}
