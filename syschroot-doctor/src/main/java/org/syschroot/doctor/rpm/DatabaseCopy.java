// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.rpm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.syschroot.doctor.files.BudgetSpentException;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.mounts.tree.TreeRemoval;
import org.syschroot.path.HostPath;

/** A copy of a database's files for the user that rpm runs as. For one thread. */
final class DatabaseCopy implements AutoCloseable {
  private static final long MOST_BYTES = 512 << 20; // of 3000 packages: 200 MiB
  private static final int CHUNK = 1 << 20;

  private final Path top;

  private DatabaseCopy(Path top) {
    this.top = top;
  }

  static DatabaseCopy of(SystemFiles tree, List<SystemFile> files) throws IOException {
    DatabaseCopy copy = new DatabaseCopy(Files.createTempDirectory("syschroot-rpm"));
    try {
      Path directory = Files.createDirectory(copy.directory());
      long left = MOST_BYTES;
      for (SystemFile file : files) {
        left -= copy(tree, file, directory, left);
      }
      copy.handOver();
      return copy;
    } catch (IOException | RuntimeException e) {
      copy.close();
      throw e;
    }
  }

  /** The directory of the database. */
  Path directory() {
    return top.resolve("db");
  }

  /** Where rpm's messages go; only root can open it. */
  Path messages() {
    return top.resolve("messages");
  }

  private static long copy(SystemFiles tree, SystemFile file, Path directory, long most)
      throws IOException {
    Optional<SeekableByteChannel> opened = tree.open(file);
    if (opened.isEmpty()) {
      throw new IOException("cannot read " + file.shown());
    }
    String name = file.path().substring(file.path().lastIndexOf('/') + 1);
    long count = 0;
    try (SeekableByteChannel from = opened.get();
        FileChannel to =
            FileChannel.open(
                directory.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
      while (from.read(buffer) >= 0) {
        count += buffer.flip().remaining();
        if (count > most) {
          throw new BudgetSpentException(
              "the database of rpm has more than " + MOST_BYTES + " bytes");
        }
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
    }
    return count;
  }

  /** The files last, then the directory: what is another user's is not written to any more. */
  private void handOver() throws IOException {
    if (LinuxProcessCalls.running().effectiveUid() != 0) {
      return;
    }
    try (var files = Files.newDirectoryStream(directory())) {
      for (Path file : files) {
        own(file);
      }
    }
    own(directory());
    Files.setPosixFilePermissions(top, PosixFilePermissions.fromString("rwx--x--x"));
  }

  private static void own(Path file) throws IOException {
    Files.setAttribute(file, "unix:uid", HostRpm.USER, LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(file, "unix:gid", HostRpm.USER, LinkOption.NOFOLLOW_LINKS);
  }

  /** Deletes it, whatever rpm has left there. */
  @Override
  public void close() throws IOException {
    TreeRemoval.of(LinuxKernel.running(), HostPath.of(top.toString())).removeAll();
  }
}
