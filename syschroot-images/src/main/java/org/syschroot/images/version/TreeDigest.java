// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.version;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.kernel.LinuxTreeWriteCalls;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * The digest of a tree: of the names, types, permissions, owners, contents, texts of symbolic links
 * and extended attributes of all files, in the order of their names. Times, inode numbers and
 * labels of SELinux are left out, so that copies on several hosts have the same. No symbolic link
 * is followed. For one thread.
 */
final class TreeDigest {
  private static final int CHUNK = 1 << 18;
  private static final int S_IFMT = 0170000;
  private static final int S_IFREG = 0100000;
  private static final int TO_READ = OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW;
  private static final OsString LABEL = OsString.of("security.selinux");

  private final Kernel kernel;
  private final MessageDigest digest;

  private TreeDigest(Kernel kernel, MessageDigest digest) {
    this.kernel = kernel;
    this.digest = digest;
  }

  /**
   * Reads a tree.
   *
   * @return the digest, as {@code sha256:} and 64 digits
   * @throws KernelException if something cannot be read
   */
  static String of(Kernel kernel, HostPath root) throws IOException {
    TreeDigest tree;
    try {
      tree = new TreeDigest(kernel, MessageDigest.getInstance("SHA-256"));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
    int flags = TO_READ | OpenFlags.O_DIRECTORY;
    int directory = kernel.openat(Kernel.AT_FDCWD, root.value(), flags, 0);
    try {
      tree.addDirectory(directory);
    } finally {
      kernel.close(directory);
    }
    return "sha256:" + HexFormat.of().formatHex(tree.digest.digest());
  }

  private void addDirectory(int directory) throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new IOException("interrupted");
    }
    List<OsString> names = new ArrayList<>(kernel.getdents(directory));
    names.sort(Comparator.comparing(OsString::toBytes, java.util.Arrays::compareUnsigned));
    for (OsString name : names) {
      add(directory, name);
    }
    text("end");
  }

  private void add(int directory, OsString name) throws IOException {
    FileStatus status = LinuxTreeCalls.running().statx(directory, name).status();
    bytes(name.toBytes());
    text(
        Integer.toOctalString(status.mode())
            + " "
            + Integer.toUnsignedString(status.uid())
            + " "
            + Integer.toUnsignedString(status.gid()));
    attributes(directory, name);
    if (status.isSymbolicLink()) {
      bytes(kernel.readlinkat(directory, name).toBytes());
    } else if (status.isDirectory()) {
      int opened = kernel.openat(directory, name, TO_READ | OpenFlags.O_DIRECTORY, 0);
      try {
        addDirectory(opened);
      } finally {
        kernel.close(opened);
      }
    } else if ((status.mode() & S_IFMT) == S_IFREG) {
      addContent(directory, name);
    }
  }

  private void addContent(int directory, OsString name) throws KernelException {
    int file = kernel.openat(directory, name, TO_READ, 0);
    try {
      long size = 0;
      for (byte[] block = kernel.read(file, CHUNK);
          block.length > 0;
          block = kernel.read(file, CHUNK)) {
        digest.update(block);
        size += block.length;
      }
      text(Long.toString(size));
    } finally {
      kernel.close(file);
    }
  }

  private void attributes(int directory, OsString name) throws KernelException {
    try {
      List<OsString> names =
          new ArrayList<>(LinuxTreeWriteCalls.running().attributes(directory, name));
      names.sort(Comparator.comparing(OsString::toString));
      for (OsString attribute : names) {
        if (!attribute.equals(LABEL)) {
          bytes(attribute.toBytes());
          bytes(LinuxTreeWriteCalls.running().attribute(directory, name, attribute));
        }
      }
    } catch (KernelException e) {
      if (!e.is(Errno.EOPNOTSUPP)) {
        throw e;
      }
    }
  }

  private void text(String line) {
    bytes(line.getBytes(StandardCharsets.UTF_8));
  }

  /** With the length before, so that no two trees give the same bytes. */
  private void bytes(byte[] value) {
    digest.update((value.length + ":").getBytes(StandardCharsets.UTF_8));
    digest.update(value);
  }
}
