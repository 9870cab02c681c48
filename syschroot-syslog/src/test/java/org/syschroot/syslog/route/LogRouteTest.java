// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.FileStatus;
import org.syschroot.path.OsString;
import org.syschroot.syslog.route.SocketHolder.Role;

class LogRouteTest {
  private static final String JOURNAL = "/run/systemd/journal/dev-log";
  private static final SocketHolder RSYSLOG = holder("rsyslogd", Role.DAEMON, true);
  private static final SocketHolder JOURNALD = holder("systemd-journal", Role.DAEMON, true);
  private static final SocketHolder SYSLOG_NG = holder("syslog-ng", Role.DAEMON, true);

  private static SocketHolder holder(String program, Role role, boolean inNativeSystem) {
    return new SocketHolder(612, program, role, inNativeSystem);
  }

  private static DevLog nothing() {
    return new DevLog(Optional.empty(), new DevLog.Nothing());
  }

  private static DevLog link(String text, DevLog.Found found) {
    return new DevLog(Optional.of(OsString.of(text)), found);
  }

  private static DevLog socket(long inode, ConnectResult answer, SocketHolder holder) {
    return new DevLog(Optional.empty(), found(inode, 0666, false, answer, holder));
  }

  private static DevLog bound(long inode, ConnectResult answer, SocketHolder holder) {
    return new DevLog(Optional.empty(), found(inode, 0666, true, answer, holder));
  }

  private static DevLog.Socket found(
      long inode, int mode, boolean alone, ConnectResult answer, SocketHolder holder) {
    FileStatus file = new FileStatus(5, inode, 0140000 | mode, 0, 0, 1);
    return new DevLog.Socket(file, alone, answer, Optional.ofNullable(holder));
  }

  private static LogRoute route(DevLog inImage, DevLog onHost, boolean nativeDev) {
    return LogRoute.of(new LogView(new ImageName("sl5"), inImage, onHost, nativeDev));
  }

  private static String text(LogRoute route) {
    return route.way()
        + " "
        + route.state()
        + ": "
        + route.explanation()
        + String.join("", route.advice().stream().map(advice -> "\n- " + advice).toList());
  }

  static Stream<Arguments> views() {
    DevLog rsyslog = socket(7, ConnectResult.ACCEPTED, RSYSLOG);
    DevLog journal = link(JOURNAL, found(8, 0666, false, ConnectResult.ACCEPTED, JOURNALD));
    return Stream.of(
        arguments(
            "native /dev with rsyslog's socket",
            rsyslog,
            rsyslog,
            true,
            "native-dev works: the host's /dev is mounted in the image, with the socket of rsyslogd"
                + " (pid 612)"),
        arguments(
            "native /dev, journal's link, its directory mounted",
            journal,
            journal,
            true,
            "native-directory works: /dev/log in the image leads to the socket of the host, of"
                + " systemd-journal (pid 612)"),
        arguments(
            "native /dev, journal's link, its directory not mounted",
            link(JOURNAL, new DevLog.Nothing()),
            journal,
            true,
            "none broken: /dev/log in the image is a symbolic link to"
                + " /run/systemd/journal/dev-log, which does not exist in the image\n"
                + "- add \"/run/systemd/journal\" to the mounts of sl5, and mount them"),
        arguments(
            "native /dev without a log",
            nothing(),
            nothing(),
            true,
            "none broken: the host's /dev is mounted in the image, but has no socket \"log\": no"
                + " syslog daemon of the host listens\n"
                + "- start the syslog daemon of the host"),
        arguments(
            "own /dev without a log, rsyslog",
            nothing(),
            rsyslog,
            false,
            "none broken: the image has no /dev/log\n"
                + "- add \"standard\" to the mounts of sl5, and mount them\n"
                + "- or let the daemon listen in the image; its configuration: \"syschroot syslog"
                + " config rsyslog sl5\""
                + "\n"
                + "- or run the relay: \"syschroot syslog relay sl5\""),
        arguments(
            "own /dev without a log, syslog-ng",
            nothing(),
            socket(7, ConnectResult.ACCEPTED, SYSLOG_NG),
            false,
            "none broken: the image has no /dev/log\n"
                + "- add \"standard\" to the mounts of sl5, and mount them\n"
                + "- or let the daemon listen in the image; its configuration: \"syschroot syslog"
                + " config syslog-ng sl5\""
                + "\n"
                + "- or run the relay: \"syschroot syslog relay sl5\""),
        arguments(
            "own /dev without a log, journal",
            nothing(),
            journal,
            false,
            "none broken: the image has no /dev/log\n"
                + "- add \"standard\" and \"/run/systemd/journal\" to the mounts of sl5, and mount"
                + " them\n"
                + "- or run the relay: \"syschroot syslog relay sl5\""),
        arguments(
            "socket file mounted, live",
            bound(7, ConnectResult.ACCEPTED, RSYSLOG),
            rsyslog,
            false,
            "bound-socket fragile: the socket of the host is mounted at /dev/log: messages reach"
                + " rsyslogd (pid 612) until that is restarted and creates a new socket\n"
                + "- add \"standard\" to the mounts of sl5, and mount them\n"
                + "- or let the daemon listen in the image; its configuration: \"syschroot syslog"
                + " config rsyslog sl5\""
                + "\n"
                + "- or run the relay: \"syschroot syslog relay sl5\""),
        arguments(
            "socket file mounted, the daemon restarted since",
            bound(6, ConnectResult.REFUSED, null),
            rsyslog,
            false,
            "bound-socket broken: the socket mounted at /dev/log is stale: its daemon has ended,"
                + " or was restarted and has created a new one\n"
                + "- for now, mount it again: \"syschroot umount sl5\" and \"syschroot mount"
                + " sl5\"\n"
                + "- add \"standard\" to the mounts of sl5, and mount them\n"
                + "- or let the daemon listen in the image; its configuration: \"syschroot syslog"
                + " config rsyslog sl5\""
                + "\n"
                + "- or run the relay: \"syschroot syslog relay sl5\""),
        arguments(
            "additional socket of rsyslog",
            socket(9, ConnectResult.ACCEPTED, RSYSLOG),
            rsyslog,
            false,
            "additional-socket works: rsyslogd (pid 612) listens on a socket in the image"),
        arguments(
            "relay",
            socket(9, ConnectResult.ACCEPTED, holder("java", Role.RELAY, true)),
            rsyslog,
            false,
            "relay works: the relay (pid 612) listens in the image and forwards messages"),
        arguments(
            "a daemon of the image itself",
            socket(9, ConnectResult.ACCEPTED, holder("rsyslogd", Role.DAEMON, false)),
            rsyslog,
            false,
            "other-listener unknown: rsyslogd (pid 612) listens in the image: it has another root"
                + " directory, so its configuration decides where the messages go"),
        arguments(
            "a program that is no daemon",
            socket(9, ConnectResult.ACCEPTED, holder("socat", Role.OTHER, true)),
            rsyslog,
            false,
            "other-listener unknown: socat (pid 612) listens in the image: that program decides"
                + " where the messages go: check its configuration"),
        arguments(
            "somebody unknown, as an ordinary user",
            socket(9, ConnectResult.ACCEPTED, null),
            rsyslog,
            false,
            "other-listener unknown: a process that only root can identify listens in the image:"
                + " that program decides where the messages go: check its configuration\n"
                + "- repeat as root"),
        arguments(
            "socket left behind",
            socket(9, ConnectResult.REFUSED, null),
            rsyslog,
            false,
            "none broken: /dev/log in the image is a socket without a listener: its daemon or"
                + " relay has ended\n"
                + "- restart the daemon or relay that listened on it\n"
                + "- add \"standard\" to the mounts of sl5, and mount them\n"
                + "- or let the daemon listen in the image; its configuration: \"syschroot syslog"
                + " config rsyslog sl5\""
                + "\n"
                + "- or run the relay: \"syschroot syslog relay sl5\""),
        arguments(
            "native socket, and nobody listens there either",
            socket(7, ConnectResult.REFUSED, null),
            socket(7, ConnectResult.REFUSED, null),
            true,
            "native-dev broken: /dev/log in the image is the socket of the host, but no daemon"
                + " listens on it\n"
                + "- start the syslog daemon of the host"),
        arguments(
            "a FIFO in its place",
            link("/tmp/f", new DevLog.NoSocket("a FIFO")),
            journal,
            true,
            "none broken: /dev/log in the image is a symbolic link to /tmp/f, which is a FIFO,"
                + " not a"
                + " socket\n"
                + "- remove it, to make room for the socket\n"
                + "- add \"/run/systemd/journal\" to the mounts of sl5, and mount them"),
        arguments(
            "it cannot be looked at",
            new DevLog(Optional.empty(), new DevLog.Unseen("EACCES (Permission denied)")),
            rsyslog,
            false,
            "none unknown: /dev/log in the image cannot be read: EACCES (Permission denied)\n"
                + "- repeat as root"),
        arguments(
            "this user may not write to it",
            new DevLog(Optional.empty(), found(9, 0600, false, ConnectResult.DENIED, null)),
            rsyslog,
            false,
            "other-listener broken: /dev/log in the image is a socket that this user cannot write"
                + " to: mode 0600, owner 0\n"
                + "- configure its daemon to create it with mode 0666"),
        arguments(
            "root may write to it, others may not",
            new DevLog(Optional.empty(), found(9, 0640, false, ConnectResult.ACCEPTED, RSYSLOG)),
            rsyslog,
            false,
            "additional-socket fragile: rsyslogd (pid 612) listens on a socket in the image; some"
                + " users cannot write to it: mode 0640, owner 0\n"
                + "- configure its daemon to create it with mode 0666"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("views")
  void of_eachView_saysWhereLinesGoAndWhatToDo(
      String name, DevLog inImage, DevLog onHost, boolean nativeDev, String expected) {
    assertThat(text(route(inImage, onHost, nativeDev))).isEqualTo(expected);
  }

  @Test
  void of_hostsLinkIsRelative_directoryIsThatOfDev() {
    DevLog onHost =
        link("journal/dev-log", found(8, 0666, false, ConnectResult.ACCEPTED, JOURNALD));
    assertThat(route(nothing(), onHost, false).advice().get(0))
        .isEqualTo("add \"standard\" and \"/dev/journal\" to the mounts of sl5, and mount them");
  }

  @Test
  void of_hostsLinkLeadsUpwards_noDirectoryIsNamed() {
    DevLog onHost = link("/run/../x/log", found(8, 0666, false, ConnectResult.ACCEPTED, JOURNALD));
    assertThat(route(nothing(), onHost, false).advice())
        .containsExactly("or run the relay: \"syschroot syslog relay sl5\"");
  }
}
