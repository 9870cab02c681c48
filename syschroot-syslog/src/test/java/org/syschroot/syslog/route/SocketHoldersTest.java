// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.kernel.BoundSocket;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.SocketDiagnosis;
import org.syschroot.path.OsString;
import org.syschroot.syslog.route.SocketHolder.Role;
import org.syschroot.testing.ImageTree;

class SocketHoldersTest {
  /** The file 8:1 of inode 4294967303, of which the kernel tells the lower half. */
  private static final FileStatus FILE =
      new FileStatus((8L << 32) | 1, (1L << 32) + 7, 0140666, 0, 0, 1);

  private static final BoundSocket ITS_SOCKET = new BoundSocket(4711, (8 << 20) | 1, 7);
  private static final String MAIN = "java\0-cp\0syschroot.jar\0org.syschroot.cli.Main\0";

  @TempDir private Path folder;

  private Optional<SocketHolder> holder(List<BoundSocket> bound) {
    return new SocketHolders(new Listing(bound), folder.resolve("proc"), folder.resolve("native"))
        .of(FILE);
  }

  private void process(int pid, String name, String words, String root, String... descriptors) {
    String process = "proc/" + pid + "/";
    ImageTree.of(
        folder,
        "dir native",
        "dir image",
        "file " + process + "comm " + name + "\n",
        "file " + process + "cmdline " + words,
        "symlink " + process + "root " + folder.resolve(root),
        "dir " + process + "fd");
    for (int fd = 0; fd < descriptors.length; fd++) {
      ImageTree.of(folder, "symlink " + process + "fd/" + fd + " " + descriptors[fd]);
    }
  }

  @Test
  void of_severalHaveItOpen_daemonRatherThanInit() {
    process(1, "systemd", "/sbin/init\0", "native", "pipe:[5]", "socket:[4711]");
    process(300, "systemd-journal", "journald\0", "native", "socket:[4711]");
    process(400, "bash", "bash\0", "native", "socket:[4712]", "anon_inode:[eventfd]");
    assertThat(holder(List.of(ITS_SOCKET)))
        .contains(new SocketHolder(300, "systemd-journal", Role.DAEMON, true));
  }

  @Test
  void of_onlyInitHasItOpen_init() {
    process(1, "systemd", "/sbin/init\0", "native", "socket:[4711]");
    assertThat(holder(List.of(ITS_SOCKET)))
        .contains(new SocketHolder(1, "systemd", Role.INIT, true));
  }

  @Test
  void of_relayByItsCommandLine_relay() {
    process(50, "java", MAIN + "syslog\0relay\0--all\0", "native", "socket:[4711]");
    assertThat(holder(List.of(ITS_SOCKET)))
        .contains(new SocketHolder(50, "java", Role.RELAY, true));
  }

  @Test
  void of_otherJava_isNoRelay() {
    process(50, "java", "java\0syslog\0relay\0", "native", "socket:[4711]");
    assertThat(holder(List.of(ITS_SOCKET)))
        .contains(new SocketHolder(50, "java", Role.OTHER, true));
  }

  @Test
  void of_daemonWithOtherRoot_isNotOfTheNativeSystem() {
    process(60, "rsyslogd", "rsyslogd\0", "image", "socket:[4711]");
    assertThat(holder(List.of(ITS_SOCKET)))
        .contains(new SocketHolder(60, "rsyslogd", Role.DAEMON, false));
  }

  @Test
  void of_processThatEnds_isPassedOver() {
    ImageTree.of(folder, "symlink proc/60/fd/3 socket:[4711]", "dir proc/61", "file proc/uptime");
    assertThat(holder(List.of(ITS_SOCKET))).isEmpty();
  }

  @Test
  void of_socketsOfOtherFiles_nobody() {
    process(60, "rsyslogd", "rsyslogd\0", "native", "socket:[4711]");
    assertThat(holder(List.of(new BoundSocket(4711, (8 << 20) | 1, 8)))).isEmpty();
    assertThat(holder(List.of(new BoundSocket(4711, (8 << 20) | 2, 7)))).isEmpty();
  }

  @Test
  void of_fileSystemWithDevicesOfItsOwn_theOneOfItsMountCounts() {
    process(60, "rsyslogd", "rsyslogd\0", "native", "socket:[4711]");
    ImageTree.of(
        folder,
        "file proc/thread-self/mountinfo 10 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
            + "1 10 0:99 / /image rw - overlay none rw\n");
    assertThat(holder(List.of(new BoundSocket(4711, 99, 7)))).isPresent();
    assertThat(holder(List.of(new BoundSocket(4711, 98, 7)))).isEmpty();
  }

  @Test
  void of_kernelThatCannotTell_nobody() {
    SocketDiagnosis without =
        new Listing(List.of()) {
          @Override
          public List<BoundSocket> bound() throws KernelException {
            throw new KernelException("sock_diag", "AF_UNIX", Errno.ENOENT.number());
          }
        };
    assertThat(new SocketHolders(without).of(FILE)).isEmpty();
  }

  private static class Listing implements SocketDiagnosis {
    private final List<BoundSocket> bound;

    Listing(List<BoundSocket> bound) {
      this.bound = bound;
    }

    @Override
    public List<BoundSocket> bound() throws KernelException {
      return bound;
    }

    @Override
    public int connect(OsString address) {
      throw new IllegalStateException("not asked for");
    }
  }
}
