// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.path.HostPath;

/** The open descriptors, and what was written to them. */
final class DescriptorModel {
  private final Map<Integer, Descriptor> open = new TreeMap<>();
  private final Map<Integer, ByteArrayOutputStream> written = new HashMap<>();

  /**
   * An open descriptor: of a file, or of a mount tree that is not attached anywhere yet. It keeps
   * the mount and the file that its path led to when it was opened.
   */
  static final class Descriptor {
    HostPath path;
    final int mount;
    final HostPath file;
    final boolean made;
    final MountTableModel.@Nullable Copy detachedTree;
    boolean closeOnExec;
    int offset;

    private Descriptor(
        HostPath path,
        int mount,
        HostPath file,
        boolean made,
        MountTableModel.@Nullable Copy detachedTree) {
      this.path = path;
      this.mount = mount;
      this.file = file;
      this.made = made;
      this.detachedTree = detachedTree;
      this.closeOnExec = made;
    }
  }

  void inherit(int fd) {
    HostPath path = HostPath.of("/dev/null");
    open.put(fd, new Descriptor(path, 1, path, false, null));
  }

  int open(HostPath path, int mount, HostPath file) {
    return add(new Descriptor(path, mount, file, true, null));
  }

  int openTree(HostPath path, int mount, HostPath file, MountTableModel.@Nullable Copy detached) {
    return add(new Descriptor(path, mount, file, true, detached));
  }

  private int add(Descriptor descriptor) {
    int fd = lowestFree();
    written.remove(fd);
    open.put(fd, descriptor);
    return fd;
  }

  int lowestFree() {
    int fd = 0;
    while (open.containsKey(fd)) {
      fd++;
    }
    return fd;
  }

  Descriptor get(int fd) throws Refusal {
    Descriptor descriptor = open.get(fd);
    if (descriptor == null) {
      throw new Refusal(Errno.EBADF);
    }
    return descriptor;
  }

  boolean close(int fd) {
    return open.remove(fd) != null;
  }

  void write(int fd, byte[] bytes) {
    written.computeIfAbsent(fd, first -> new ByteArrayOutputStream()).writeBytes(bytes);
  }

  byte[] written(int fd) {
    ByteArrayOutputStream bytes = written.get(fd);
    return bytes == null ? new byte[0] : bytes.toByteArray();
  }

  List<Integer> all() {
    return List.copyOf(open.keySet());
  }

  List<Integer> made() {
    List<Integer> made = new ArrayList<>();
    open.forEach(
        (fd, descriptor) -> {
          if (descriptor.made) {
            made.add(fd);
          }
        });
    return made;
  }

  List<Integer> keptByExec() {
    List<Integer> kept = new ArrayList<>();
    open.forEach(
        (fd, descriptor) -> {
          if (!descriptor.closeOnExec) {
            kept.add(fd);
          }
        });
    return kept;
  }
}
