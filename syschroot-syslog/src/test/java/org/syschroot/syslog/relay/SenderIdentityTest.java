// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessTable;
import org.syschroot.kernel.LinuxSocketCalls;
import org.syschroot.kernel.ProcessTable;
import org.syschroot.kernel.SocketCalls;
import org.syschroot.syslog.relay.Daemon.Mailbox;
import org.syschroot.syslog.relay.Daemon.Message;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Messages that wait while their sender ends and, on a real kernel, another gets its number. */
@SuppressWarnings("try") // a daemon need only be there
@RequiresRoot
@RequiresCommand("perl")
class SenderIdentityTest {
  private static final Kernel KERNEL = LinuxKernel.running();
  private static final SocketCalls SOCKETS = LinuxSocketCalls.running();
  private static final int OWN_PID = (int) ProcessHandle.current().pid();

  /** Sends a line, then obeys: "exec" becomes another program, the end of input ends it. */
  private static final String SENDER =
      "use Socket; $| = 1; socket(S,PF_UNIX,SOCK_DGRAM,0); connect(S,pack_sockaddr_un(shift))||die;"
          + "send(S,'<13>x: waits',0)||die $!; print qq(sent\\n);"
          + "exec('cat') if (<STDIN> // '') eq qq(exec\\n)";

  /** A child of a chosen number by clone3(2), which ends with the input; tells when it is there. */
  private static final String NAMESAKE =
      "$| = 1; my $tid = pack('l', shift);"
          + "my $a = pack('Q4 Q Q3 P Q', 0, 0, 0, 0, 17, 0, 0, 0, $tid, 1);"
          + "my $p = syscall(435, $a, length $a); die $! if $p < 0;"
          + "if ($p == 0) { print qq($$\\n); <STDIN>; exit } waitpid($p, 0)";

  @TempDir Path folder;
  private final Mailbox mailbox = new Mailbox();
  private Site site;

  @BeforeEach
  void makeSite() throws IOException {
    site = new Site(folder);
  }

  private static Process perl(String program, Object argument) throws IOException {
    return new ProcessBuilder("perl", "-e", program, argument.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private Process sender() throws IOException {
    Process sender = perl(SENDER, site.devLog("a"));
    assertThat(line(sender)).isEqualTo("sent");
    return sender;
  }

  private static String line(Process process) throws IOException {
    BufferedReader reader = process.inputReader();
    return reader.readLine();
  }

  private static void end(Process process) throws Exception {
    process.getOutputStream().close();
    assertThat(process.waitFor()).isZero();
  }

  /** Ends a sender and gives its number to another process, some ticks later. */
  private Process replace(Process sender) throws Exception {
    int pid = (int) sender.pid();
    try (ProcessTable table = LinuxProcessTable.open()) {
      long start = table.startOf(pid);
      end(sender);
      site.await(() -> table.sinceBoot() > start + 10 * ProcessTable.TICK, "some ticks");
      Process namesake = perl(NAMESAKE, pid);
      assertThat(line(namesake)).isEqualTo(String.valueOf(pid));
      assertThat(table.startOf(pid)).isGreaterThan(start);
      return namesake;
    }
  }

  private RelayCounters counters(SyslogRelay relay) {
    return relay.counters().get(0);
  }

  private void assertNotNamed(SyslogRelay relay, Message message) {
    assertThat(message.text()).isEqualTo("<13>x: waits");
    assertThat(message.pid()).isEqualTo(OWN_PID);
    assertThat(message.uid()).isZero();
    site.await(() -> counters(relay).withoutSender() == 1, "one without sender");
    assertThat(site.told(RelayEvent.Kind.SENDER_GONE)).hasSize(1);
  }

  @Test
  void relay_numberGivenToAnotherWhileTheMessageIsQueued_isNotPassedOn() throws Exception {
    try (SyslogRelay relay = site.started(site.relay("a"))) {
      Process sender = sender();
      site.await(() -> counters(relay).queued() == 1, "the message in the queue");
      Process namesake = replace(sender);
      try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox)) {
        assertNotNamed(relay, mailbox.await(1).get(0));
      }
      end(namesake);
    }
  }

  @Test
  void relay_numberGivenToAnotherWhileTheMessageIsInTheSocket_isNotPassedOn() throws Exception {
    SyslogRelay.Builder builder = site.relay("a").queueMessages(1);
    try (SyslogRelay relay = site.started(builder);
        Sender first = Sender.datagrams(site.devLog("a"))) {
      first.send("<13>x: fills the queue");
      site.await(() -> counters(relay).queued() == 1, "a full queue");
      Process namesake = replace(sender());
      assertThat(counters(relay).received()).isEqualTo(1);
      try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox)) {
        assertNotNamed(relay, mailbox.await(2).get(1));
      }
      end(namesake);
    }
  }

  @Test
  void relay_senderLives_isNamedHoweverLongTheMessageWaits() throws Exception {
    try (SyslogRelay relay = site.started(site.relay("a").queueMessages(1))) {
      Process queued = sender();
      site.await(() -> counters(relay).queued() == 1, "a full queue");
      Process inSocket = sender();
      Process becomesAnotherProgram = sender();
      becomesAnotherProgram.getOutputStream().write("exec\n".getBytes(US_ASCII));
      becomesAnotherProgram.getOutputStream().flush();
      site.await(
          () -> becomesAnotherProgram.info().command().filter(c -> c.endsWith("cat")).isPresent(),
          "cat");
      try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox)) {
        assertThat(mailbox.await(3))
            .extracting(Message::pid)
            .containsExactly(
                (int) queued.pid(), (int) inSocket.pid(), (int) becomesAnotherProgram.pid());
      }
      assertThat(counters(relay).withoutSender()).isZero();
      end(queued);
      end(inSocket);
      end(becomesAnotherProgram);
    }
  }

  @Test
  void relay_streamSenderReplacedWhileQueued_isNotPassedOn() throws Exception {
    // The kernel tells no time of sending there, only the start of the process is compared.
    FakeProcesses processes = new FakeProcesses();
    processes.start(1);
    RelaySettings settings =
        site.relay()
            .image(
                new RelayedImage(
                    site.image("a").name(),
                    site.image("a").root(),
                    List.of(LogSocket.DEV_LOG_STREAM)))
            .checkInterval(Duration.ofMillis(20))
            .settings();
    RelayLoop loop = RelayAssembly.assemble(settings, KERNEL, SOCKETS, processes);
    loop.begin();
    Thread thread = new Thread(loop);
    thread.start();
    try (Sender sender = Sender.stream(site.devLog("a"))) {
      assertThat(sender.forge("<13>x: waits\0".getBytes(US_ASCII), 1, 0, 0)).isZero();
      site.await(() -> loop.counters().get(0).queued() == 1, "the message in the queue");
      processes.pass(ProcessTable.TICK);
      processes.start(1);
      long changed = System.nanoTime();
      site.await(() -> System.nanoTime() - changed > 2 * ProcessTable.TICK, "some ticks");
      try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox)) {
        assertThat(mailbox.await(1).get(0).pid()).isEqualTo(OWN_PID);
        // The next one is of the process that has the number now.
        assertThat(sender.forge("<13>x: next\0".getBytes(US_ASCII), 1, 0, 0)).isZero();
        assertThat(mailbox.await(2).get(1).pid()).isEqualTo(1);
      }
    } finally {
      loop.stop();
      thread.join(30_000);
    }
    assertThat(loop.counters().get(0).withoutSender()).isEqualTo(1);
  }
}
