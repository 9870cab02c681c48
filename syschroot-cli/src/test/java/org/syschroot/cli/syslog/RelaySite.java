// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;

/**
 * A {@link LogHost} with the image {@code deb32}, whose {@code /dev} is its own, and the relays
 * that serve it. For tests in a mount namespace of their own.
 */
final class RelaySite implements AutoCloseable {
  final LogHost host;
  private final List<Program.Running> started = new ArrayList<>();

  RelaySite(Path folder) throws IOException, InterruptedException {
    host = new LogHost(folder);
    // Its own /dev, in a file system of its own, which nothing else sees.
    Path image = Files.createDirectory(host.directory.resolve("image"));
    MountSite.host("mount", "--bind", TestImages.deb32().toString(), image.toString());
    MountSite.host("mount", "-t", "tmpfs", "-o", "mode=755", "none", image + "/dev");
    Files.createFile(image.resolve("dev/null"));
    MountSite.host("mount", "--bind", "/dev/null", image + "/dev/null");
    host.image("deb32", image, "personality = \"linux32\"", "mounts = []");
  }

  /** Returns where the relay listens in the image. */
  Path socket() {
    return host.directory.resolve("image/dev/log");
  }

  /** Starts a program that ends with this site at the latest. */
  Program.Running start(Program program) throws IOException {
    Program.Running running = program.start();
    started.add(running);
    return running;
  }

  /** Starts a relay and waits until it listens or has ended. */
  Program.Running relay(Map<String, String> variables, String... words)
      throws IOException, InterruptedException {
    Files.deleteIfExists(socket());
    Program.Running relay = start(Program.of(host.words("relay", words)).with(variables));
    LogHost.await(() -> Files.exists(socket()) || !relay.process().isAlive());
    return relay;
  }

  /** Starts a relay and waits until it listens or has ended. */
  Program.Running relay(String... words) throws IOException, InterruptedException {
    return relay(Map.of(), words);
  }

  /** Ends a relay by SIGTERM. */
  static Outcome end(Program.Running relay) throws IOException, InterruptedException {
    relay.process().destroy();
    return relay.await();
  }

  /** Logs a text in the image, as root. */
  void logger(String text) throws IOException, InterruptedException {
    Outcome outcome = host.site.run("deb32", "--", "logger", "-t", "it", text);
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }

  /** Asks a relay by SIGUSR1 for one of its counters. */
  static long counter(Program.Running relay, String name) throws IOException {
    int before = relay.outSoFar().length();
    try {
      MountSite.host("kill", "-USR1", Long.toString(relay.pid()));
      LogHost.await(() -> relay.outSoFar().indexOf('\n', before) > 0);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    Matcher number = Pattern.compile(" " + name + "=([0-9]+)").matcher(relay.outSoFar());
    assertThat(number.find(before)).as(relay.outSoFar()).isTrue();
    return Long.parseLong(number.group(1));
  }

  @Override
  public void close() throws IOException {
    for (Program.Running program : started) {
      program.close();
    }
    host.close();
  }
}
