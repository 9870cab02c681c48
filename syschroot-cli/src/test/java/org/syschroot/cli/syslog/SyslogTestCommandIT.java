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
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** The diagnosis, the test and the configuration, with a real rsyslogd and the i386 image. */
@InOwnMountNamespace
@RequiresCommand("rsyslogd")
class SyslogTestCommandIT {
  @TempDir private Path folder;
  private LogHost host;
  private Path image;

  @BeforeEach
  void makeHost() throws Exception {
    host = new LogHost(folder);
    Files.setPosixFilePermissions(host.directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    image = Files.createDirectory(host.directory.resolve("image"));
    // What is written to the image is written elsewhere.
    ImageTree.of(host.directory, "dir upper", "dir work");
    String layers = "upperdir=" + host.directory + "/upper,workdir=" + host.directory + "/work";
    String lower = ",lowerdir=" + TestImages.deb32();
    MountSite.host("mount", "-t", "overlay", "-o", layers + lower, "none", image.toString());
  }

  @AfterEach
  void end() throws IOException {
    host.close();
  }

  private void deb32(String mounts, String... settings) throws IOException {
    List<String> all = new ArrayList<>(List.of("personality = \"linux32\"", "mounts = " + mounts));
    all.addAll(List.of(settings));
    host.image("deb32", image, all.toArray(String[]::new));
  }

  private Outcome test(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("-q", "--expect", host.out().toString()));
    all.addAll(List.of(words));
    return host.run("test", all.toArray(String[]::new));
  }

  private String daemon() throws IOException {
    return "rsyslogd (pid "
        + Files.readString(host.directory.resolve("rsyslogd.pid")).strip()
        + ")";
  }

  private static void assertArrived(Outcome outcome, String route, String sender) {
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(outcome.outText())
        .startsWith("deb32        " + route)
        .containsPattern(
            "\ndeb32        arrived: sent by "
                + sender
                + ", found in .*: uid=.* msg= syschroot test");
  }

  @Test
  void test_nativeDevInTheImage_arrives() throws Exception {
    host.startDaemon();
    deb32("[\"/dev\"]");
    assertArrived(
        test("deb32"),
        "works    native-dev: the host's /dev is mounted in the image, with the socket of "
            + daemon(),
        "the image's /usr/bin/logger");
    Outcome nobody = test("--user", "nobody", "--json", "deb32");
    JsonObject json = JsonParser.parseString(nobody.outText()).getAsJsonObject();
    assertThat(json.get("arrived").getAsBoolean()).isTrue();
    assertThat(json.get("line").getAsString()).startsWith("uid=65534 ");
    assertThat(json.getAsJsonObject("route").get("way").getAsString()).isEqualTo("native-dev");
    assertThat(json.getAsJsonObject("route-without-mounts").get("state").getAsString())
        .isEqualTo("broken");
  }

  @Test
  void test_noLogInTheImage_sendsNothingAndSaysWhatToDo() throws Exception {
    host.startDaemon();
    deb32("[]");
    assertThat(host.run("test", "deb32"))
        .hasToString(
            "status 1\nout: deb32        broken   none: the image has no /dev/log\n"
                + "deb32        not arrived: nothing was sent, because it would be lost\n\n"
                + "err: syschroot: deb32: add \"standard\" to the mounts of deb32, and mount them\n"
                + "syschroot: deb32: or let the daemon listen in the image; its configuration:"
                + " \"syschroot syslog config"
                + " rsyslog deb32\"\n"
                + "syschroot: deb32: or run the relay: \"syschroot syslog relay deb32\"\n");
  }

  @Test
  void test_arrivesElsewhere_saysWhoHasTakenIt() throws Exception {
    host.startDaemon();
    deb32("[\"/dev\"]");
    Path other = host.directory.resolve("other");
    Outcome outcome =
        host.run("test", "-q", "--expect", other.toString(), "--timeout", "1", "deb32");
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.outText())
        .endsWith(
            "deb32        not arrived: sent by the image's /usr/bin/logger, and "
                + daemon()
                + " has received it, but after 1 s it is not in "
                + other
                + ": check where the daemon writes messages of facility user, then use --expect"
                + " FILE\n");
    assertThat(host.awaitLines("syschroot test", 1)).hasSize(1);
  }

  @Test
  void test_listenerThatDoesNotRead_saysThatLoggerWaits() throws Exception {
    deb32("[\"/dev\"]");
    // It fills its queue by itself, from as many sockets as that takes.
    String deaf =
        "socket(S, 1, 2, 0); bind(S, pack('Sa*', 1, \"/dev/log\\0\")) or die \"$!\";"
            + " chmod 0666, '/dev/log'; $sent = 1;"
            + " while ($sent) { $sent = 0; socket(my $t, 1, 2, 0); push @all, $t;"
            + " connect($t, pack('Sa*', 1, \"/dev/log\\0\")) or die \"$!\";"
            + " $sent++ while defined send($t, 'x', 0x40) }"
            + " $| = 1; print 'full'; sleep 60";
    try (Program.Running listener = Program.of("perl", "-e", deaf).start()) {
      LogHost.await(() -> listener.outSoFar().equals("full"));
      Outcome outcome = test("--timeout", "1", "deb32");
      assertThat(outcome.status()).as("%s", outcome).isEqualTo(1);
      assertThat(outcome.outText())
          .contains(
              "native-dev: the host's /dev is mounted in the image, with the socket of perl (")
          .endsWith(
              "deb32        not arrived: logger waits: the listener does not read from the"
                  + " socket\n");
    }
  }

  @Test
  void config_ofRsyslog_isTakenByRsyslogAndWorks() throws Exception {
    deb32("[]");
    Outcome config = host.run("config", "rsyslog", "deb32");
    assertThat(config.status()).as("%s", config).isZero();
    assertThat(config.outText())
        .contains(
            "input(type=\"imuxsock\" Socket=\""
                + image
                + "/dev/log\" CreatePath=\"on\" UsePidFromSystem=\"on\")\n");
    host.startDaemon(config.outText());
    MountSite.host("rsyslogd", "-N1", "-f", host.directory.resolve("rsyslog.conf").toString());
    Outcome outcome = test("deb32");
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(outcome.outText())
        .startsWith(
            "deb32        works    additional-socket: "
                + daemon()
                + " listens on a socket in the image\n");
  }

  @Test
  @RequiresCommand("syslog-ng")
  void config_ofSyslogNg_isTakenBySyslogNg() throws Exception {
    deb32("[]");
    Path file = host.directory.resolve("syslog-ng.conf");
    String text = host.run("config", "syslog-ng", "deb32").outText();
    String before = "@version: 3.38\ndestination d_syslog { file(\"" + host.out() + "\"); };\n";
    Files.writeString(file, before + text);
    MountSite.host("syslog-ng", "--syntax-only", "-f", file.toString());
    Files.writeString(file, before + text.replace("perm(", "prm("));
    assertThat(Program.of("syslog-ng", "--syntax-only", "-f", file.toString()).run().status())
        .isNotZero();
  }

  @Test
  void config_badInput_isRefused() throws Exception {
    deb32("[]");
    assertThat(host.run("config", "deb32").status()).isEqualTo(2);
    assertThat(host.run("config", "rsyslog").errText()).contains("name one or more images");
    assertThat(host.run("config", "rsyslog", "nosuch").errText()).contains("no such image");
    Outcome outcome = host.run("config", "journald", "--all");
    assertThat(outcome.outText()).contains("mounts = [..., \"/run/systemd/journal\"]");
  }

  @Test
  void status_journalsLink_isBrokenUntilItsDirectoryIsMounted() throws Exception {
    Path journal = Files.createDirectory(host.directory.resolve("journal"));
    Path socket = journal.resolve("dev-log");
    host.startDaemon("input(type=\"imuxsock\" Socket=\"" + socket + "\" UsePidFromSystem=\"on\")");
    Files.delete(Path.of("/dev/log"));
    Files.createSymbolicLink(Path.of("/dev/log"), socket);
    deb32("[\"/dev\"]");
    Outcome broken = host.run("status", "deb32");
    assertThat(broken.status()).isEqualTo(1);
    assertThat(broken.outText())
        .isEqualTo(
            "deb32        broken   none: /dev/log in the image is a symbolic link to "
                + socket
                + ", which does not exist in the image\n");
    assertThat(broken.errText())
        .startsWith(
            "syschroot: deb32: add \"" + journal + "\" to the mounts of deb32, and mount them\n");
    deb32("[\"/dev\", \"" + journal + "\"]");
    Outcome works = host.run("status", "-q", "deb32");
    assertThat(works)
        .hasToString(
            MountSite.success(
                "deb32        works    native-directory: /dev/log in the image leads to the"
                    + " socket of the host, of "
                    + daemon()
                    + "\n"));
    assertThat(host.site.run("deb32", "--", "logger", "by the journal's way").status()).isZero();
    assertThat(host.awaitLines("by the journal's way", 1)).hasSize(1);
  }

  @Test
  void status_socketMounted_isStaleAfterARestartAndGoodAfterMountingAnew() throws Exception {
    host.startDaemon();
    deb32("[\"/dev/log:/dev/log:file\"]");
    MountSite.host(command("mount", "deb32"));
    Outcome fragile = host.run("status", "-q", "deb32");
    assertThat(fragile.status()).isZero();
    assertThat(fragile.outText()).startsWith("deb32        fragile  bound-socket: ");
    host.stopDaemon();
    host.startDaemon();
    Outcome stale = host.run("status", "-q", "deb32");
    assertThat(stale.status()).isEqualTo(1);
    assertThat(stale.outText())
        .startsWith("deb32        broken   bound-socket: the socket mounted at /dev/log is stale");
    MountSite.host(command("umount", "deb32"));
    MountSite.host(command("mount", "deb32"));
    assertThat(test("deb32").status()).isZero();
  }

  private String[] command(String name, String... words) {
    List<String> all =
        new ArrayList<>(
            List.of(
                TestImages.command().toString(),
                name,
                "--config",
                host.site.directory().toString()));
    all.addAll(List.of(words));
    return all.toArray(String[]::new);
  }

  private Outcome asNobody(String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--clear-groups"));
    all.addAll(
        host.words(words[0], List.of(words).subList(1, words.length).toArray(String[]::new)));
    return Program.of(all).run();
  }

  @Test
  void test_ordinaryUser_sendsThroughTheLauncher() throws Exception {
    host.startDaemon();
    Path launchers = Files.createDirectory(host.directory.resolve("bin4"));
    Files.setPosixFilePermissions(launchers, PosixFilePermissions.fromString("rwxr-xr-x"));
    // No launcher is made for an image below /tmp.
    MountSite.host("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/mnt");
    Path root = Files.createDirectory(Path.of("/mnt/deb32"));
    MountSite.host("mount", "--bind", image.toString(), root.toString());
    image = root;
    for (String names : List.of("", "names = [\"sh\"]")) {
      deb32("[\"/dev\"]", "[launchers]", "directory = \"" + launchers + "\"", names);
      MountSite.host(command("mount", "deb32"));
      MountSite.host(command("link", "deb32"));
      Outcome outcome = asNobody("test", "-q", "--expect", host.out().toString(), "deb32");
      assertThat(outcome.status()).as("%s", outcome).isZero();
      assertThat(outcome.outText())
          .containsPattern(
              "arrived: sent by the image's logger, through the launcher "
                  + launchers
                  + "/(deb32|sh), found in .*: uid=65534 pid=");
      Files.deleteIfExists(Path.of(image + launchers.toString() + "/sh"));
    }
  }

  @Test
  void test_ordinaryUserWithoutLauncher_isToldWhatIsMissing() throws Exception {
    host.startDaemon();
    deb32("[\"/dev\"]");
    MountSite.host(command("mount", "deb32"));
    Outcome without = asNobody("test", "-q", "deb32");
    assertThat(without.status()).isEqualTo(125);
    assertThat(without.errText())
        .isEqualTo(
            "syschroot: deb32: only root can test this image, because it has no [launchers]: run"
                + " the test as root, or add launchers: \"syschroot link\"\n");
    assertThat(asNobody("test", "--user", "root", "deb32").errText())
        .contains("--user is only for root");
    Path missing = host.directory.resolve("bin5");
    deb32("[\"/dev\"]", "[launchers]", "directory = \"" + missing + "\"");
    assertThat(asNobody("test", "-q", "deb32").errText())
        .contains("it has no launcher for a shell that this user can execute");
  }

  @Test
  void status_ordinaryUser_isToldWhatOnlyRootCanSay() throws Exception {
    host.startDaemon();
    deb32("[\"/dev\"]");
    MountSite.host(command("mount", "deb32"));
    Outcome outcome = asNobody("status", "deb32");
    assertThat(outcome)
        .hasToString(
            MountSite.success(
                "deb32        works    native-dev: the host's /dev is mounted in the image, with"
                    + " the socket of a process that only root can identify\n"));
  }

  @Test
  void test_imageWithoutLogger_syschrootSendsItself() throws Exception {
    host.startDaemon();
    Path small = BusyboxImage.tree(host.directory.resolve("small"), "busybox");
    host.image("deb32", small, "mounts = [\"/dev\"]");
    assertArrived(
        test("deb32"),
        "works    native-dev: ",
        "syschroot itself on the image's /dev/log, because the image has no program \"logger\"");
    assertThat(test("--user", "nobody", "deb32").errText())
        .contains("deb32 has no program \"logger\", which --user needs: install it in the image");
  }

  @Test
  void test_loggerByAMount_isTheImagesOwn() throws Exception {
    host.startDaemon();
    Path small = BusyboxImage.tree(host.directory.resolve("small"), "busybox");
    String mounts = "mounts = [\"/dev\", \"/usr\", \"/usr/lib:/lib\", \"/usr/lib64:/lib64\"]";
    host.image("deb32", small, mounts);
    assertArrived(test("deb32"), "works    native-dev: ", "the image's /usr/bin/logger");
    assertArrived(
        test("--user", "nobody", "deb32"), "works    native-dev: ", "the image's /usr/bin/logger");
    MountSite.host(command("mount", "deb32"));
    assertArrived(test("deb32"), "works    native-dev: ", "the image's /usr/bin/logger");
  }

  @Test
  void test_journalsLink_arrivesWithAndWithoutLogger() throws Exception {
    Path journal = Files.createDirectory(host.directory.resolve("journal"));
    Path socket = journal.resolve("dev-log");
    host.startDaemon("input(type=\"imuxsock\" Socket=\"" + socket + "\" UsePidFromSystem=\"on\")");
    Files.delete(Path.of("/dev/log"));
    Files.createSymbolicLink(Path.of("/dev/log"), socket);
    deb32("[\"/dev\", \"" + journal + "\"]");
    assertArrived(test("deb32"), "works    native-directory: ", "the image's /usr/bin/logger");
    Path small = BusyboxImage.tree(host.directory.resolve("small"), "busybox");
    host.image("deb32", small, "mounts = [\"/dev\", \"" + journal + "\"]");
    assertArrived(
        test("deb32"),
        "works    native-directory: ",
        "syschroot itself on the image's /dev/log, because the image has no program \"logger\"");
  }

  @Test
  void status_launchersThatMount_areNotToldToLackMounts() throws Exception {
    host.startDaemon();
    String launchers = "[launchers]\ndirectory = \"/bin4\"";
    deb32("[\"/dev\"]", launchers);
    assertThat(host.run("status", "--json", "deb32").outText())
        .contains("\"route-without-mounts\": {");
    deb32("[\"/dev\"]", launchers, "mounts = \"entry\"");
    Outcome entry = host.run("status", "--json", "deb32");
    assertThat(entry.status()).as("%s", entry).isZero();
    assertThat(entry.outText()).contains("\"route-without-mounts\": null");
  }

  @Test
  void test_badInput_isRefused() throws Exception {
    deb32("[]");
    assertThat(host.run("test").status()).isEqualTo(2);
    assertThat(host.run("test", "--timeout", "soon", "deb32").errText())
        .startsWith("syschroot: --timeout must be a number of seconds from 0 to 3600\nhint: ");
    assertThat(host.run("test", "nosuch").errText()).contains("no such image: nosuch");
    assertThat(Program.of(TestImages.command().toString(), "syslog").run().status()).isEqualTo(2);
  }
}
