// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.kernel.BoundSocket;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.SocketDiagnosis;
import org.syschroot.path.OsString;

class ServiceNoticeTest {
  private static final long PID = 42;

  private final Kernel kernel = LinuxKernel.running();
  private final List<String> addresses = new ArrayList<>();

  @TempDir private Path folder;

  /** What is written to the socket lands in a file. */
  private final SocketDiagnosis sockets =
      new SocketDiagnosis() {
        @Override
        public List<BoundSocket> bound() {
          return List.of();
        }

        @Override
        public int connect(OsString address) throws KernelException {
          addresses.add(address.toString());
          if (address.toString().equals("/gone")) {
            throw new KernelException("connect", "/gone", Errno.ECONNREFUSED.number());
          }
          int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_APPEND;
          return kernel.openat(
              Kernel.AT_FDCWD, OsString.of(folder.resolve("out").toString()), flags, 0600);
        }
      };

  private ServiceNotice notice(String... environment) {
    return ServiceNotice.of(
        kernel, sockets, Stream.of(environment).map(OsString::of).toList(), PID);
  }

  @Test
  void ready_socketNamed_isOneDatagramWithOneLineOfStatus() throws IOException {
    ServiceNotice notice = notice("PATH=/bin", "NOTIFY_SOCKET=@abstract/name");
    assertThat(notice.ready("two\nlines")).isTrue();
    assertThat(notice.alive()).isTrue();
    assertThat(addresses).containsExactly("@abstract/name", "@abstract/name");
    assertThat(Files.readString(folder.resolve("out")))
        .isEqualTo("READY=1\nSTATUS=two linesWATCHDOG=1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NOTIFY_SOCKET=", "NOTIFY_SOCKET=/", "NOTIFY_SOCKET=vsock:2:1", "X=/a"})
  void stopping_noUnixSocketNamed_isNotSent(String variable) {
    assertThat(notice(variable).stopping("flushing")).isFalse();
    assertThat(addresses).isEmpty();
  }

  @Test
  void status_nobodyListens_isGivenUp() {
    assertThat(notice("NOTIFY_SOCKET=/gone").status("x")).isFalse();
    assertThat(addresses).containsExactly("/gone");
  }

  @Test
  void watchdog_ofThisProcess_isItsTime() {
    String socket = "NOTIFY_SOCKET=/run/n";
    assertThat(notice(socket, "WATCHDOG_USEC=30000000", "WATCHDOG_PID=42").watchdog())
        .contains(Duration.ofSeconds(30));
    assertThat(notice(socket, "WATCHDOG_USEC=1").watchdog()).contains(Duration.ofNanos(1000));
    assertThat(notice(socket, "WATCHDOG_USEC=30000000", "WATCHDOG_PID=43").watchdog()).isEmpty();
    assertThat(notice(socket).watchdog()).isEmpty();
    assertThat(notice("WATCHDOG_USEC=30000000").watchdog()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1", "1s", "99999999999999999999"})
  void watchdog_noTime_none(String time) {
    assertThat(notice("NOTIFY_SOCKET=/run/n", "WATCHDOG_USEC=" + time).watchdog()).isEmpty();
  }
}
