// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.syschroot.image.ImageName;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.syslog.relay.LogSocket;
import org.syschroot.syslog.relay.RelayedImage;
import org.syschroot.syslog.relay.SyslogRelay;

/** A real rsyslogd with a socket and a file of its own. */
final class Rsyslog implements AutoCloseable {
  private static final String CONFIGURATION =
      """
      global(workDirectory="DIR" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="on")
      module(load="imuxsock" SysSock.Use="off")
      template(name="all" type="string" string="%msg%|tag=%syslogtag%|pri=%pri%|%$!%\\n")
      main_queue(queue.type="Direct")
      input(type="imuxsock" Socket="DIR/native" TRUSTED LIMIT)
      action(type="omfile" file="DIR/messages" template="all" asyncWriting="off" ioBufferSize="1"
             flushOnTXEnd="on")
      """;

  private final Path directory;
  private Process process;

  /**
   * Starts it.
   *
   * @param directory where its files are
   * @param asksWhoSent whether it adds what it knows of the sender, for which it reads several
   *     files of /proc for every message
   */
  Rsyslog(Path directory, boolean asksWhoSent) throws IOException {
    this(directory, asksWhoSent, "RateLimit.Interval=\"0\"");
  }

  /** Starts one that takes so many messages of each process in the interval. */
  static Rsyslog withRateLimit(Path directory, int messages, int seconds) throws IOException {
    return new Rsyslog(
        directory,
        true,
        "RateLimit.Interval=\"" + seconds + "\" RateLimit.Burst=\"" + messages + "\"");
  }

  private Rsyslog(Path directory, boolean asksWhoSent, String limit) throws IOException {
    this.directory = directory;
    String trusted =
        asksWhoSent ? "UsePidFromSystem=\"on\" Annotate=\"on\" ParseTrusted=\"on\"" : "";
    Files.writeString(
        directory.resolve("conf"),
        CONFIGURATION
            .replace("DIR", directory.toString())
            .replace("TRUSTED", trusted)
            .replace("LIMIT", limit));
    Files.writeString(messages(), "");
    process = start();
  }

  private Process start() throws IOException {
    Files.deleteIfExists(directory.resolve("pid"));
    return new ProcessBuilder(
            "/usr/sbin/rsyslogd",
            "-n",
            "-f",
            directory.resolve("conf").toString(),
            "-i",
            directory.resolve("pid").toString())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("out").toFile())
        .start();
  }

  /** Returns a relay to it, not started, of an image with a datagram and a stream socket. */
  SyslogRelay relayOf(String image, Path root) throws IOException {
    LogSocket stream = new LogSocket(ImagePath.of("/dev/log.stream"), LogSocket.Type.STREAM);
    return SyslogRelay.builder()
        .nativeSocket(HostPath.of(socket()))
        .image(
            new RelayedImage(
                new ImageName(image), HostPath.of(root), List.of(LogSocket.DEV_LOG, stream)))
        .build();
  }

  Path socket() {
    return directory.resolve("native");
  }

  private Path messages() {
    return directory.resolve("messages");
  }

  /** Kills it with SIGKILL, or ends it with SIGTERM, and starts it again. */
  void restart(boolean kill) throws IOException, InterruptedException {
    stop(kill);
    process = start();
  }

  private void stop(boolean kill) throws InterruptedException {
    if (kill) {
      process.destroyForcibly();
    } else {
      process.destroy();
    }
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }

  /** Returns the whole lines of its file: rsyslogd writes one in several pieces. */
  List<String> lines() throws IOException {
    String text = Files.readString(messages(), StandardCharsets.ISO_8859_1);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  /** Returns the first line of its kind as soon as there is one. */
  String awaitLine(Predicate<String> kind) throws IOException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (true) {
      List<String> lines = lines();
      for (String line : lines) {
        if (kind.test(line)) {
          return line;
        }
      }
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(
            "not among " + lines + "; " + Files.readString(directory.resolve("out")));
      }
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      stop(false);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
