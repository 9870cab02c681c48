// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;

/**
 * A native system with a log of its own: {@code /dev} is another one in this thread's mount
 * namespace, where a real rsyslogd listens, which writes to a file.
 */
public final class LogHost implements AutoCloseable {
  private static final Duration LONGEST = Duration.ofSeconds(30);
  private static final List<String> DEVICES = List.of("null", "zero", "full", "random", "urandom");

  final Path directory;
  final TestSite site;
  private final Path out;
  private final Path pidFile;
  private Program.@Nullable Running daemon;

  LogHost(Path folder) throws IOException, InterruptedException {
    directory = folder.toRealPath();
    out = directory.resolve("log");
    pidFile = directory.resolve("rsyslogd.pid");
    site = TestSite.empty();
    makeDev();
  }

  private void makeDev() throws IOException, InterruptedException {
    Path dev = Files.createDirectory(directory.resolve("dev"));
    MountSite.host("mount", "-t", "tmpfs", "-o", "mode=755", "none", dev.toString());
    for (String device : DEVICES) {
      Files.createFile(dev.resolve(device));
      MountSite.host("mount", "--bind", "/dev/" + device, dev.resolve(device).toString());
    }
    Files.createDirectory(dev.resolve("shm"));
    Files.createDirectory(dev.resolve("pts"));
    MountSite.host("mount", "--rbind", "/dev/pts", dev.resolve("pts").toString());
    MountSite.host("mount", "--move", dev.toString(), "/dev");
  }

  /** Configures an image. */
  void image(String name, Path root, String... settings) throws IOException {
    site.image(name, "root = \"" + root + "\"\ncwd = \"root\"\n" + String.join("\n", settings));
  }

  /**
   * Starts rsyslogd, which listens at {@code /dev/log}.
   *
   * @param inputs more of its configuration
   */
  void startDaemon(String... inputs) throws IOException, InterruptedException {
    Path config = directory.resolve("rsyslog.conf");
    Files.writeString(
        config,
        "global(workDirectory=\""
            + directory
            + "\")\nmodule(load=\"imuxsock\" SysSock.Use=\"off\")\n"
            + "input(type=\"imuxsock\" Socket=\"/dev/log\" UsePidFromSystem=\"on\" Annotate=\"on\""
            + " ParseTrusted=\"on\")\n"
            + String.join("\n", inputs)
            + "\ntemplate(name=\"t\" type=\"string\""
            + " string=\"uid=%$!uid% pid=%$!pid% tag=%syslogtag% msg=%msg%\\n\")\n"
            + "action(type=\"omfile\" file=\""
            + out
            + "\" template=\"t\")\n");
    Files.deleteIfExists(pidFile);
    daemon =
        Program.of("rsyslogd", "-n", "-f", config.toString(), "-i", pidFile.toString()).start();
    // It listens before it writes its number and logs that it has started.
    await(() -> Files.exists(Path.of("/dev/log")) && lines().stream().anyMatch(started()));
  }

  private java.util.function.Predicate<String> started() {
    String itself = "x-pid=\"" + running(daemon).pid() + "\"";
    return line -> line.contains(itself);
  }

  /** Ends rsyslogd. */
  void stopDaemon() throws IOException, InterruptedException {
    Program.Running running = running(daemon);
    running.process().destroy();
    assertThat(running.process().waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)).isTrue();
    running.close();
    daemon = null;
  }

  private static Program.Running running(Program.@Nullable Running program) {
    assertThat(program).isNotNull();
    return program;
  }

  Path out() {
    return out;
  }

  /** Returns what was logged. */
  List<String> lines() throws IOException {
    return Files.exists(out) ? Files.readAllLines(out) : List.of();
  }

  /** Returns the lines with a text. */
  List<String> lines(String text) throws IOException {
    return lines().stream().filter(line -> line.contains(text)).toList();
  }

  /** Waits until as many lines with a text were logged. */
  List<String> awaitLines(String text, int number) throws IOException, InterruptedException {
    await(() -> lines(text).size() >= number);
    return lines(text);
  }

  /** Something that becomes true. */
  public interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  public static void await(Condition condition) throws IOException, InterruptedException {
    long end = System.nanoTime() + LONGEST.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        fail("still not true after %s", LONGEST);
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** Returns the words of {@code syschroot syslog COMMAND} with this configuration. */
  List<String> words(String command, String... words) {
    List<String> all = new ArrayList<>();
    all.add(TestImages.command().toString());
    all.add("syslog");
    all.add(command);
    all.add("--config");
    all.add(site.directory().toString());
    all.addAll(List.of(words));
    return all;
  }

  /** Runs {@code syschroot syslog COMMAND}. */
  Outcome run(String command, String... words) throws IOException, InterruptedException {
    return Program.of(words(command, words)).run();
  }

  @Override
  public void close() throws IOException {
    if (daemon != null) {
      daemon.close();
    }
    site.close();
  }
}
