// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.syschroot.Syschroot;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.explain.TextExplanation;
import org.syschroot.kernel.Accounts;
import org.syschroot.plan.Identity;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.spawn.SwitchedProcess;

/** The ways in which a command gets to run, or to be explained, by one configuration. */
enum EmbeddingWay {
  RUN,
  EXPLAIN,
  PLAN,
  SPAWN,
  EXEC;

  /** Returns whether the command runs. */
  boolean runs() {
    return this != EXPLAIN && this != PLAN;
  }

  /** Returns whether it is a program that uses the library, and not the command. */
  boolean embeds() {
    return this != RUN && this != EXPLAIN;
  }

  /**
   * Goes this way, as a user.
   *
   * @param user the name of an account, or null for this process's own
   */
  Outcome go(Path config, @Nullable String user, String image, String... command)
      throws IOException, InterruptedException {
    if (!embeds()) {
      return command(config, user, image, command);
    }
    if (this == EXEC) {
      List<String> words = new ArrayList<>();
      words.add(ProcessHandle.current().info().command().orElseThrow());
      words.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
      words.addAll(List.of("-cp", System.getProperty("java.class.path")));
      words.addAll(List.of(Becoming.class.getName(), config.toString()));
      words.addAll(List.of(user == null ? "" : user, image));
      words.addAll(List.of(command));
      return Program.of(words).run();
    }
    try {
      Syschroot syschroot = Syschroot.load(config);
      SwitchRequest request = request(syschroot, user, image, command);
      if (this == PLAN) {
        return new Outcome(
            0, bytes(TextExplanation.of(syschroot.plan(request)).toString()), new byte[0]);
      }
      SwitchedProcess process = syschroot.start(request);
      process.getOutputStream().close();
      byte[] out = process.getInputStream().readAllBytes();
      byte[] err = process.getErrorStream().readAllBytes();
      return new Outcome(process.waitFor(), out, err);
    } catch (SwitchException e) {
      return new Outcome(e.kind().exitStatus(), new byte[0], message(e));
    } catch (IOException e) {
      return new Outcome(ExitStatus.FAILED, new byte[0], message(e));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] message(IOException failure) {
    return bytes("syschroot: " + failure.getMessage() + "\n");
  }

  private Outcome command(Path config, @Nullable String user, String image, String... command)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>();
    words.add(TestImages.command().toString());
    words.add(this == RUN ? "run" : "explain");
    words.addAll(List.of("--config", config.toString(), "--directory", "/"));
    if (user != null) {
      words.addAll(List.of("--user", user));
    }
    words.addAll(List.of(image, "--"));
    words.addAll(List.of(command));
    return Program.of(words).run();
  }

  private static SwitchRequest request(
      Syschroot syschroot, @Nullable String user, String image, String... command) {
    SwitchRequest request =
        SwitchRequest.in(syschroot.image(image)).command(command).directory("/");
    if (user == null) {
      return request;
    }
    Accounts.User account = Accounts.ofHost().user(user).orElseThrow();
    List<Integer> groups = Accounts.ofHost().groupsOf(user, account.gid());
    return request.identity(new Identity(account.uid(), account.gid(), groups));
  }

  /** A program that becomes a command. */
  static final class Becoming {
    private Becoming() {}

    /** Takes the configuration, a user or an empty string, the image and the command. */
    public static void main(String[] words) throws Exception {
      try {
        Syschroot syschroot = Syschroot.load(Path.of(words[0]));
        syschroot.exec(
            request(
                syschroot,
                words[1].isEmpty() ? null : words[1],
                words[2],
                Arrays.copyOfRange(words, 3, words.length)));
      } catch (IOException e) {
        System.err.println("syschroot: " + e.getMessage());
        System.exit(
            e instanceof SwitchException failure ? failure.kind().exitStatus() : ExitStatus.FAILED);
      }
    }
  }
}
