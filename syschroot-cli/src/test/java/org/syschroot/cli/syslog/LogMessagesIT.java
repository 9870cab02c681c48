// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Program;
import org.syschroot.cli.Troubleshooting;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** Provokes each message of the table on log messages in {@code docs/troubleshooting.md}. */
@InOwnMountNamespace
@RequiresCommand({"rsyslogd", "busybox", "perl"})
class LogMessagesIT {
  private static final String LISTEN =
      "use Socket; socket(S, 1, 2, 0); unlink $ARGV[0];"
          + " bind(S, pack_sockaddr_un($ARGV[0])) or die $!; chmod 0666, $ARGV[0];";

  @TempDir private Path folder;
  private LogHost host;
  private Path image;
  private Path dev;

  @BeforeEach
  void makeHost() throws Exception {
    host = new LogHost(folder);
    image = BusyboxImage.tree(host.directory.resolve("image"), "busybox");
    dev = Files.createDirectories(image.resolve("dev"));
  }

  @AfterEach
  void end() throws IOException {
    host.close();
  }

  private void mounts(String mounts) throws IOException {
    host.image("x", image, "mounts = " + mounts);
  }

  private String status() throws Exception {
    return host.run("status", "-q", "x").outText();
  }

  private void mounted(String subcommand) throws Exception {
    MountSite.host(host.site.wordsOf(subcommand, "x").toArray(String[]::new));
  }

  private Map<String, String> provoked() throws Exception {
    Map<String, String> messages = new LinkedHashMap<>();
    mounts("[]");
    messages.put("broken none: the image has no /dev/log", status());
    Path log =
        Files.createSymbolicLink(dev.resolve("log"), Path.of("/run/systemd/journal/dev-log"));
    messages.put(
        "broken none: ... is a symbolic link to ..., which does not exist in the image", status());
    Files.delete(log);
    MountSite.host("mkfifo", log.toString());
    messages.put("broken none: ... is a FIFO, not a socket", status());
    Files.delete(log);
    MountSite.host("perl", "-e", LISTEN, log.toString());
    messages.put("broken none: ... is a socket without a listener", status());
    try (Program.Running listener =
        Program.of("perl", "-e", LISTEN + " $| = 1; print 'up'; sleep 60", log.toString())
            .start()) {
      LogHost.await(() -> listener.outSoFar().equals("up"));
      messages.put("unknown other-listener", status());
    }
    mounts("[\"/dev\"]");
    messages.put(
        "broken none: the host's /dev is mounted in the image, but has no socket \"log\"",
        status());
    host.startDaemon();
    MountSite.host("chmod", "600", "/dev/log");
    messages.put("fragile ...; some users cannot write to it", status());
    MountSite.host("chmod", "666", "/dev/log");
    mounts("[\"/dev/log:/dev/log:file\"]");
    mounted("mount");
    messages.put("fragile bound-socket", status());
    host.stopDaemon();
    host.startDaemon();
    messages.put("broken bound-socket: ... is stale", status());
    mounted("umount");
    return messages;
  }

  @Test
  void tableOfThePage_eachMessage_isWhatIsSaid() throws Exception {
    Map<String, String> messages = provoked();
    assertThat(Troubleshooting.table("Log messages"))
        .containsExactlyInAnyOrderElementsOf(messages.keySet());
    messages.forEach(
        (row, said) -> {
          String text = Pattern.quote(row).replace("...", "\\E.+\\Q");
          assertThat(said.replaceAll(" +", " ")).matches("(?s)x " + text + ".*");
        });
  }
}
