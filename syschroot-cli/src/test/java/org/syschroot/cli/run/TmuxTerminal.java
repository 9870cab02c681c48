// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;

/** A real terminal with a bash of the host that has read no start files. */
final class TmuxTerminal implements AutoCloseable {
  private static final int SECONDS = 30;

  private final String socket;

  /** Starts it, with variables beside those of this process. */
  TmuxTerminal(Path directory, String... variables) throws IOException, InterruptedException {
    socket = directory + "/socket";
    List<String> words =
        new ArrayList<>(
            List.of("-f", "/dev/null", "new-session", "-d", "-x", "160", "-y", "50", "-c", "/tmp"));
    words.add("env");
    words.addAll(List.of(variables));
    words.addAll(List.of("bash", "--norc", "--noprofile", "-i"));
    tmux(words.toArray(String[]::new));
  }

  private String tmux(String... words) throws IOException, InterruptedException {
    List<String> all = Stream.concat(Stream.of("tmux", "-S", socket), Stream.of(words)).toList();
    Outcome outcome = Program.of(all).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    return outcome.outText();
  }

  void type(String line) throws IOException, InterruptedException {
    tmux("send-keys", "-l", line);
    tmux("send-keys", "Enter");
  }

  void press(String key) throws IOException, InterruptedException {
    tmux("send-keys", key);
  }

  /** Waits until a program has given it the title. */
  void awaitTitle(String title) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    String found = "";
    while (!found.equals(title)) {
      assertThat(System.nanoTime()).as("title %s", found).isLessThan(end);
      found = tmux("display-message", "-p", "#{pane_title}").strip();
      TimeUnit.MILLISECONDS.sleep(30);
    }
  }

  String await(String what, Predicate<String> condition) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (true) {
      String screen = tmux("capture-pane", "-p", "-J", "-S", "-200");
      if (condition.test(screen)) {
        return screen;
      }
      assertThat(System.nanoTime()).as("no %s on\n%s", what, screen).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(30);
    }
  }

  /** Types a line whose output, on a line of its own, is to be {@code answer}. */
  void ask(String line, String answer) throws IOException, InterruptedException {
    type(line);
    await(answer, screen -> screen.lines().anyMatch(answer::equals));
  }

  @Override
  public void close() throws IOException {
    try {
      Program.of("tmux", "-S", socket, "kill-server").run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
