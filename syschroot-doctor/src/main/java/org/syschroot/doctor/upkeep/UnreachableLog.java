// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.upkeep;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.ByteText;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.SocketProbe;
import org.syschroot.path.OsString;

/** A /dev/log in an image that leads to no daemon, so that log lines vanish (syslog(3)). */
public final class UnreachableLog implements Check {
  private static final String SOCKET = "/dev/log";
  private static final int S_IFMT = 0170000;
  private static final int S_IFSOCK = 0140000;

  private final Kernel kernel;
  private final SocketProbe probe;

  public UnreachableLog(Kernel kernel, SocketProbe probe) {
    this.kernel = kernel;
    this.probe = probe;
  }

  private enum State {
    REACHES_A_DAEMON(""),
    MISSING("it has no " + SOCKET),
    DANGLING(SOCKET + " is a dangling symbolic link in the image"),
    NO_SOCKET(SOCKET + " is not a socket"),
    NOBODY_LISTENS("no program listens on its " + SOCKET);

    final String cause;

    State(String cause) {
      this.cause = cause;
    }
  }

  @Override
  public List<Finding> examine(Examination examination) throws IOException {
    State state = state(examination.inside());
    // Where the native system does not log either, the image is no different.
    if (state == State.REACHES_A_DAEMON
        || (state == State.MISSING && state(examination.host()) == State.MISSING)) {
      return List.of();
    }
    Finding.Builder finding =
        Finding.warning("dev-log-unreachable")
            .effect("log messages of programs in the image are lost without an error")
            .cause(state.cause)
            .path(examination.inside().shown(SOCKET));
    Optional<String> target = examination.host().linkText(SOCKET);
    if (state == State.DANGLING && target.filter(path -> path.startsWith("/run/")).isPresent()) {
      String directory = target.get().substring(0, target.get().lastIndexOf('/'));
      return List.of(
          finding
              .remedy("add the directory of the host's log socket to mounts")
              .mount(ByteText.shown(directory))
              .build());
    }
    return List.of(
        finding
            .remedy(
                "add \"standard\" to mounts, or run the log relay; all ways: syschroot syslog status "
                    + examination.image().name())
            .build());
  }

  private State state(SystemFiles files) throws KernelException {
    Optional<SystemFile> link = files.findLink(SOCKET);
    Optional<SystemFile> socket = files.find(SOCKET);
    if (socket.isEmpty()) {
      return link.isEmpty() ? State.MISSING : State.DANGLING;
    }
    if ((socket.get().status().mode() & S_IFMT) != S_IFSOCK) {
      return State.NO_SOCKET;
    }
    return hasReceiver(socket.get()) ? State.REACHES_A_DAEMON : State.NOBODY_LISTENS;
  }

  private boolean hasReceiver(SystemFile socket) throws KernelException {
    int place =
        kernel.openat(
            Kernel.AT_FDCWD,
            ByteText.bytes(socket.hostPath()),
            OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW,
            0);
    try {
      // A path by descriptor is always short enough, and leads to what was looked at.
      return probe.hasReceiver(OsString.of("/proc/thread-self/fd/" + place));
    } catch (KernelException e) {
      if (e.is(Errno.EACCES)) {
        throw e.withHint("only root may write to " + socket.shown());
      }
      throw e;
    } finally {
      kernel.close(place);
    }
  }
}
