// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxSocketCalls;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.syslog.relay.Daemon.Mailbox;
import org.syschroot.testing.ImageTree;

/** What may lie at {@code dev/log} before the relay comes, or while it is there. */
@SuppressWarnings("try") // a daemon need only be there
class SocketFileTest {
  @TempDir Path folder;
  private Site site;
  private final Mailbox mailbox = new Mailbox();

  @BeforeEach
  void makeSite() throws IOException {
    site = new Site(folder);
  }

  private void assertServes(SyslogRelay relay) throws Exception {
    site.await(() -> relay.counters().get(0).serving() == 1, "a socket");
    try (Sender sender = Sender.datagrams(site.devLog("a"))) {
      sender.send("<13>x: y");
      mailbox.await(1);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fifo a/dev/log             | is a FIFO, not a socket: remove it",
        "symlink a/dev/log /dev/null| is a symbolic link, not a socket: remove it",
        "symlink a/dev/log HOST     | is a symbolic link, not a socket: remove it",
        "file a/dev/log text        | is a file, not a socket: remove it",
        "dir a/dev/log              | is a directory, not a socket: remove it",
        "fifo a/dev                 | ENOTDIR",
        "file a/dev text            | ENOTDIR",
        "symlink a/dev dev          | ELOOP",
      })
  void relay_planted_isLeftAloneToldAndServedOnceItIsGone(String planted, String told)
      throws Exception {
    Path host = ImageTree.of(site.directory.resolve("host"), "file victim untouched");
    ImageTree.of(site.directory, "dir a", planted.replace("HOST", host.toString()).strip());
    Path place = site.directory.resolve(planted.split(" ")[1]);
    Object before = Files.readAttributes(place, "unix:ino,mode", LinkOption.NOFOLLOW_LINKS);
    SyslogRelay.Builder builder =
        site.relay().image(RelayedImage.of(new ImageName("a"), HostPath.of(site.root("a"))));
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(builder)) {
      site.awaitEvent(RelayEvent.Kind.NOT_SERVING);
      assertThat(site.told(RelayEvent.Kind.NOT_SERVING).get(0)).contains(told);
      assertThat(Files.readAttributes(place, "unix:ino,mode", LinkOption.NOFOLLOW_LINKS))
          .isEqualTo(before);
      Files.delete(place);
      assertServes(relay);
      assertThat(site.told(RelayEvent.Kind.NOT_SERVING)).hasSize(1);
    }
    try (var left = Files.list(host)) {
      assertThat(left).containsExactly(host.resolve("victim"));
    }
  }

  @Test
  void relay_devIsLinkToTheHost_socketStaysInTheImage() throws Exception {
    Path host = Files.createDirectories(site.directory.resolve("host/dev"));
    ImageTree.of(site.directory, "symlink a/dev " + host, "dir a" + host);
    SyslogRelay.Builder builder =
        site.relay().image(RelayedImage.of(new ImageName("a"), HostPath.of(site.root("a"))));
    try (SyslogRelay relay = site.started(builder)) {
      assertThat(relay.counters().get(0).serving()).isEqualTo(1);
      try (var entries = Files.list(host)) {
        assertThat(entries).isEmpty();
      }
      assertThat(site.directory.resolve("a" + host + "/log")).exists();
    }
  }

  @Test
  void relay_staleSocket_isReplaced() throws Exception {
    site.image("a");
    int stale = LinuxSocketCalls.running().datagramSocket();
    LinuxSocketCalls.running().bind(stale, OsString.of(site.devLog("a").toString()));
    LinuxKernel.running().close(stale);
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay("a"))) {
      assertServes(relay);
      try (var entries = Files.list(site.root("a").resolve("dev"))) {
        assertThat(entries).hasSize(1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void relay_socketOfAnotherProgram_isLeftAlone(boolean isStream) throws Exception {
    site.image("a");
    int other =
        isStream
            ? LinuxSocketCalls.running().streamSocket()
            : LinuxSocketCalls.running().datagramSocket();
    LinuxSocketCalls.running().bind(other, OsString.of(site.devLog("a").toString()));
    if (isStream) {
      LinuxSocketCalls.running().listen(other, 1);
    }
    Object before = Files.getAttribute(site.devLog("a"), "unix:ino");
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay("a"))) {
      site.awaitEvent(RelayEvent.Kind.NOT_SERVING);
      assertThat(site.told(RelayEvent.Kind.NOT_SERVING).get(0)).contains("another program listens");
      assertThat(Files.getAttribute(site.devLog("a"), "unix:ino")).isEqualTo(before);
      LinuxKernel.running().close(other);
      assertServes(relay);
    }
  }

  @Test
  void relay_nativeSocketSeenInTheImage_isNotRelayedIntoItself() throws Exception {
    site.image("a");
    SyslogRelay.Builder builder = site.relay("a").nativeSocket(HostPath.of(site.devLog("a")));
    try (Daemon daemon = Daemon.at(site.devLog("a"), mailbox);
        SyslogRelay relay = site.started(builder);
        Sender sender = Sender.datagrams(site.devLog("a"))) {
      site.awaitEvent(RelayEvent.Kind.NOT_SERVING);
      assertThat(site.told(RelayEvent.Kind.NOT_SERVING).get(0)).contains("needs no relay");
      sender.send("<13>x: once");
      mailbox.await(1);
    }
    assertThat(mailbox.count()).isEqualTo(1);
  }

  @Test
  void relay_nativeSocketIsOneOfItsOwn_messagesWait() throws Exception {
    site.image("a");
    Files.createSymbolicLink(site.nativeSocket, site.devLog("a"));
    try (SyslogRelay relay = site.started(site.relay("a"));
        Sender sender = Sender.datagrams(site.devLog("a"))) {
      sender.send("<13>x: y");
      site.await(() -> relay.counters().get(0).queued() == 1, "a message in the queue");
      assertThat(site.told(RelayEvent.Kind.AWAY).get(0)).contains("socket of the relay itself");
      Files.delete(site.nativeSocket);
      try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox)) {
        mailbox.await(1);
      }
    }
  }

  @Test
  void relay_socketReplacedByAnotherProgram_isLeftToIt() throws Exception {
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay("a"))) {
      Mailbox other = new Mailbox();
      try (Daemon intruder = Daemon.at(site.devLog("a"), other)) {
        site.awaitEvent(RelayEvent.Kind.NOT_SERVING);
        site.await(() -> relay.counters().get(0).serving() == 0, "that it has no socket");
        try (Sender sender = Sender.datagrams(site.devLog("a"))) {
          sender.send("<13>x: to the other");
          other.await(1);
        }
      }
      assertServes(relay);
    }
  }

  @Test
  void relay_longPaths_areServed() throws Exception {
    String name = "n".repeat(120);
    site.image(name);
    Path farNative = Files.createDirectories(folder.resolve("d".repeat(120))).resolve("log");
    Files.createSymbolicLink(farNative, site.nativeSocket);
    SyslogRelay.Builder builder =
        site.relay(name).nativeSocket(HostPath.of(farNative.toRealPath(LinkOption.NOFOLLOW_LINKS)));
    Path near = Files.createSymbolicLink(folder.resolve("near"), site.devLog(name));
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(builder);
        Sender sender = Sender.datagrams(near)) {
      sender.send("<13>x: y");
      mailbox.await(1);
    }
  }
}
