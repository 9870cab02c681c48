// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** The relay as a command, between programs in the i386 image and a real rsyslogd. */
@InOwnMountNamespace
@RequiresCommand("rsyslogd")
class SyslogRelayCommandIT {
  /** Logs a line, says its own number, and stays until its input ends. */
  private static final String SENDER =
      "socket(S, 1, 2, 0); connect(S, pack('Sa*', 1, \"/dev/log\\0\")) or die \"$!\";"
          + " send(S, '<13>' . shift, 0) or die \"$!\"; $| = 1; print $$; sleep 60";

  @TempDir private Path folder;
  private RelaySite at;
  private LogHost host;

  @BeforeEach
  void makeHost() throws Exception {
    at = new RelaySite(folder);
    host = at.host;
  }

  @AfterEach
  void end() throws IOException {
    at.close();
  }

  @Test
  void relay_loggerOfRootAndAnOrdinaryUser_arrivesWithTheUser() throws Exception {
    host.startDaemon();
    Program.Running relay = at.relay("deb32");
    at.logger("from root");
    Outcome outcome =
        host.site.run("--user", "65534", "deb32", "--", "logger", "-t", "it", "from nobody");
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(host.awaitLines("from root", 1)).singleElement().asString().startsWith("uid=0 ");
    assertThat(host.awaitLines("from nobody", 1))
        .singleElement()
        .asString()
        .startsWith("uid=65534 ");
    assertThat(RelaySite.end(relay).status()).isZero();
    assertThat(at.socket()).doesNotExist();
  }

  @Test
  void relay_senderThatLives_arrivesWithItsNumber() throws Exception {
    host.startDaemon();
    at.relay("deb32");
    Program.Running sender =
        at.start(
            host.site.program("--user", "65534", "deb32", "--", "perl", "-e", SENDER, "it: alive"));
    String line = host.awaitLines("alive", 1).get(0);
    assertThat(line).startsWith("uid=65534 pid=" + sender.pid() + " ");
    assertThat(sender.outSoFar()).isEqualTo(Long.toString(sender.pid()));
  }

  @Test
  void relay_tagAndStreamSocket_areAsAskedFor() throws Exception {
    host.startDaemon();
    at.relay("--tag", "--stream-socket", "/dev/log-stream", "--all");
    at.logger("tagged");
    assertThat(host.awaitLines("tagged", 1)).singleElement().asString().contains("tag=it/deb32");
    Outcome outcome =
        host.site.run("deb32", "--", "logger", "-t", "it", "-u", "/dev/log-stream", "by stream");
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(host.awaitLines("by stream", 1)).hasSize(1);
  }

  @Test
  void relay_withoutThePrivilegeToNameSenders_saysSoOnceAndGoesOn() throws Exception {
    host.startDaemon();
    List<String> words =
        new ArrayList<>(
            List.of(
                "setpriv", "--bounding-set", "-sys_admin,-setuid,-setgid", "--inh-caps", "-all"));
    words.addAll(host.words("relay", "deb32"));
    Program.Running relay = at.start(Program.of(words));
    LogHost.await(() -> Files.exists(at.socket()) || !relay.process().isAlive());
    for (int i = 0; i < 3; i++) {
      Outcome sent =
          host.site.run("--user", "65534", "deb32", "--", "logger", "-t", "it", "unnamed " + i);
      assertThat(sent.status()).as("%s", sent).isZero();
    }
    assertThat(host.awaitLines("msg= unnamed", 3))
        .allMatch(line -> line.startsWith("uid=0 pid=" + relay.pid() + " "));
    Outcome outcome = RelaySite.end(relay);
    assertThat(outcome.status()).isZero();
    assertThat(outcome.errText())
        .containsOnlyOnce("cannot forward user and process ID of the sender");
  }

  @Test
  void relay_statsFile_isWholeJsonAtEveryMoment() throws Exception {
    host.startDaemon();
    Path stats = host.directory.resolve("stats.json");
    Program.Running relay = at.relay("--stats", stats.toString(), "deb32");
    at.logger("counted");
    host.awaitLines("counted", 1);
    // A signal has the file written too.
    LogHost.await(() -> RelaySite.counter(relay, "forwarded") == 1);
    LogHost.await(() -> image(stats).get("forwarded").getAsLong() == 1);
    assertThat(image(stats).get("image").getAsString()).isEqualTo("deb32");
    assertThat(image(stats).get("serving").getAsLong()).isEqualTo(1);
    assertThat(RelaySite.end(relay).status()).isZero();
    assertThat(image(stats).get("serving").getAsLong()).isZero();
    assertThat(host.directory.resolve("stats.json.new")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"000", "077"})
  void relay_statsFileAndSocket_haveTheirModesWhateverTheUmask(String umask) throws Exception {
    host.startDaemon();
    Path stats = host.directory.resolve("stats.json");
    List<String> words =
        new ArrayList<>(List.of("sh", "-c", "umask " + umask + "; exec \"$@\"", "sh"));
    words.addAll(host.words("relay", "--stats", stats.toString(), "deb32"));
    Program.Running relay = at.start(Program.of(words));
    LogHost.await(() -> Files.exists(at.socket()) && Files.exists(stats));
    assertThat(Files.getPosixFilePermissions(stats))
        .isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(Files.getPosixFilePermissions(at.socket()))
        .isEqualTo(PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThat(RelaySite.end(relay).status()).isZero();
  }

  private static JsonObject image(Path stats) throws IOException {
    return JsonParser.parseString(Files.readString(stats))
        .getAsJsonObject()
        .getAsJsonArray("images")
        .get(0)
        .getAsJsonObject();
  }

  @Test
  void relay_ofRoot_keepsFewPrivilegesAndLittleMemory() throws Exception {
    Program.Running relay = at.relay("deb32");
    List<String> status = Files.readAllLines(Path.of("/proc/" + relay.pid() + "/status"));
    // CAP_DAC_OVERRIDE, CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN.
    assertThat(status).contains("CapEff:\t00000000002000c2", "CapBnd:\t00000000002000c2");
    String resident = status.stream().filter(l -> l.startsWith("VmRSS")).findFirst().orElseThrow();
    assertThat(Integer.parseInt(resident.replaceAll("[^0-9]", ""))).isLessThan(100 * 1024);
  }

  @Test
  void relay_socketTaken_saysSoAndLeavesIt() throws Exception {
    host.startDaemon(
        "input(type=\"imuxsock\" Socket=\"" + at.socket() + "\" UsePidFromSystem=\"on\")");
    Program.Running relay = at.start(Program.of(host.words("relay", "deb32")));
    LogHost.await(() -> !relay.errSoFar().isEmpty() && relay.errSoFar().contains("listens"));
    assertThat(RelaySite.end(relay).status()).isZero();
    at.logger("to the daemon itself");
    assertThat(host.awaitLines("to the daemon itself", 1)).hasSize(1);
  }

  @Test
  void relay_badInput_isRefused() throws Exception {
    assertThat(host.run("relay"))
        .hasToString(refused("relay", "name one or more images, or use --all"));
    assertThat(host.run("relay", "--queue-messages", "0", "deb32"))
        .hasToString(
            refused("relay", "--queue-messages 0: must be an integer from 1 to 2147483647"));
    assertThat(host.run("relay", "--when-full", "drop", "deb32"))
        .hasToString(refused("relay", "--when-full drop: must be block or drop-oldest"));
    assertThat(host.run("relay", "--to", "log", "deb32").status()).isEqualTo(2);
    assertThat(host.run("relay", "--stats", "/nowhere/stats", "deb32"))
        .hasToString(
            "status 125\nout: \nerr: syschroot: --stats /nowhere/stats: cannot write the file:"
                + " use a file in an existing directory\n");
    assertThat(host.run("relay", "nosuch").errText()).contains("no such image: nosuch");
    assertThat(at.socket()).doesNotExist();
  }

  private static String refused(String command, String reason) {
    return "status 2\nout: \nerr: syschroot: "
        + reason
        + "\nhint: syschroot syslog "
        + command
        + " --help\n";
  }

  @Test
  void relay_ordinaryUser_isToldThatItIsForRoot() throws Exception {
    List<String> words = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--clear-groups"));
    words.addAll(host.words("relay", "deb32"));
    assertThat(Program.of(words).run())
        .hasToString(
            "status 125\nout: \nerr: syschroot: only root can run \"syslog relay\": it creates"
                + " sockets in images and forwards the sender of each message\n");
  }
}
