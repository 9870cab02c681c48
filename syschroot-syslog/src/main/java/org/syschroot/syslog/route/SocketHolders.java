// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.kernel.BoundSocket;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.SocketDiagnosis;

/**
 * Finds out which process has the socket of a file open: the kernel says which socket it is, and
 * {@code /proc/PID/fd} who has that. Processes that may not be looked at, or end meanwhile, are
 * passed over.
 */
final class SocketHolders {
  private static final Path PROC = Path.of("/proc");
  private static final Path NATIVE_ROOT = Path.of("/");

  private final SocketDiagnosis sockets;
  private final Path proc;
  private final Path nativeRoot;

  SocketHolders(SocketDiagnosis sockets) {
    this(sockets, PROC, NATIVE_ROOT);
  }

  SocketHolders(SocketDiagnosis sockets, Path proc, Path nativeRoot) {
    this.sockets = sockets;
    this.proc = proc;
    this.nativeRoot = nativeRoot;
  }

  /** Returns who listens at a socket file; of several processes the one that is a daemon. */
  Optional<SocketHolder> of(FileStatus file) {
    List<BoundSocket> bound;
    try {
      bound = sockets.bound();
    } catch (KernelException withoutUnixDiag) {
      return Optional.empty();
    }
    FileStatus onItsDevice = onDeviceOfItsMount(file);
    for (BoundSocket socket : bound) {
      if (socket.isBoundTo(file) || socket.isBoundTo(onItsDevice)) {
        return best(holding("socket:[" + socket.inode() + "]"));
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the file with the device number that the kernel itself uses, as in mountinfo. On
   * overlay and btrfs statx(2) tells another one.
   */
  private FileStatus onDeviceOfItsMount(FileStatus file) {
    String start = file.mountId() + " ";
    try {
      Path table = proc.resolve("thread-self/mountinfo");
      for (String line : Files.readAllLines(table, StandardCharsets.ISO_8859_1)) {
        if (line.startsWith(start)) {
          String[] device = line.split(" ", 4)[2].split(":");
          long number = (Long.parseLong(device[0]) << Integer.SIZE) | Long.parseLong(device[1]);
          return new FileStatus(
              number, file.inode(), file.mode(), file.uid(), file.gid(), file.mountId());
        }
      }
    } catch (IOException withoutProc) {
      // Then the one of statx(2) has to do.
    }
    return file;
  }

  private static Optional<SocketHolder> best(List<SocketHolder> holders) {
    return holders.stream()
        .min((one, other) -> Integer.compare(one.role().ordinal(), other.role().ordinal()));
  }

  private List<SocketHolder> holding(String link) {
    List<SocketHolder> holders = new ArrayList<>();
    for (Path process : entries(proc, "[0-9]*")) {
      for (Path descriptor : entries(process.resolve("fd"), "[0-9]*")) {
        if (leadsTo(descriptor, link)) {
          holder(process).ifPresent(holders::add);
          break;
        }
      }
    }
    return holders;
  }

  private static List<Path> entries(Path directory, String names) {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, names)) {
      stream.forEach(entries::add);
    } catch (IOException | DirectoryIteratorException endedOrForbidden) {
      return entries;
    }
    return entries;
  }

  private static boolean leadsTo(Path descriptor, String link) {
    try {
      return Files.readSymbolicLink(descriptor).toString().equals(link);
    } catch (IOException closedOrForbidden) {
      return false;
    }
  }

  private Optional<SocketHolder> holder(Path process) {
    try {
      String name = Files.readString(process.resolve("comm"), StandardCharsets.ISO_8859_1).strip();
      String words = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
      return Optional.of(
          SocketHolder.of(
              Integer.parseInt(process.getFileName().toString()),
              name,
              List.of(words.split("\0")),
              Files.isSameFile(process.resolve("root"), nativeRoot)));
    } catch (IOException ended) {
      return Optional.empty();
    }
  }
}
