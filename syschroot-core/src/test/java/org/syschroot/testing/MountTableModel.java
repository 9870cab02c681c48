// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * What is mounted where, oldest first: the native system's table, and a copy of it from the moment
 * on that the thread has a mount namespace of its own.
 */
final class MountTableModel {
  private static final int ROOT_ID = 1;
  private static final String ROOT_DEVICE = "0:1";
  private static final String ROOT_LINE = "1 0 0:1 / / rw - ext4 /dev/root rw\n";

  private final List<Mount> host = new ArrayList<>();
  private List<Mount> current = host;
  private int lastId = ROOT_ID;

  /**
   * A mount.
   *
   * @param source which files are seen, null if it is a file system of its own
   * @param device the file system, as mountinfo shows it
   * @param root which directory of that
   */
  private record Mount(
      int id, HostPath target, @Nullable HostPath source, String device, HostPath root) {}

  /**
   * What is seen at a place, with all that is mounted beneath it if it is a recursive copy.
   *
   * @param paths where, relative to the place; empty for the place itself
   */
  record Copy(
      List<OsString> paths, List<HostPath> sources, List<String> devices, List<HostPath> roots) {}

  void enterNamespace() {
    current = new ArrayList<>(current);
  }

  List<HostPath> current() {
    return current.stream().map(Mount::target).toList();
  }

  List<HostPath> host() {
    return host.stream().map(Mount::target).toList();
  }

  /** Returns the number that the next mount will have. */
  int reserve() {
    return ++lastId;
  }

  void mount(HostPath target) {
    int id = reserve();
    current.add(new Mount(id, target, null, "0:" + (100 + id), HostPath.ROOT));
  }

  /** Mounts what is seen at a source; recursively, with the mounts beneath it. */
  void bind(int id, HostPath source, HostPath target, boolean recursive) {
    attach(id, copy(source, recursive), target);
  }

  /** Returns what is seen at a source; recursively, with the mounts beneath it. */
  Copy copy(HostPath source, boolean recursive) {
    Copy copy =
        new Copy(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    add(copy, source, source);
    for (Mount mount : current) {
      boolean beneath = !mount.target().equals(source) && mount.target().startsWith(source);
      if (recursive && beneath) {
        add(copy, source, mount.target());
      }
    }
    return copy;
  }

  private void add(Copy copy, HostPath source, HostPath path) {
    copy.paths().add(path.relativeTo(source));
    copy.sources().add(seenAt(path));
    copy.devices().add(of(path).map(Mount::device).orElse(ROOT_DEVICE));
    copy.roots().add(inFileSystem(path));
  }

  private HostPath inFileSystem(HostPath path) {
    Optional<Mount> mount = of(path);
    if (mount.isEmpty()) {
      return path;
    }
    OsString relative = path.relativeTo(mount.get().target());
    return relative.isEmpty() ? mount.get().root() : mount.get().root().resolve(relative);
  }

  /** Mounts a copy. */
  void attach(int id, Copy copy, HostPath target) {
    for (int i = 0; i < copy.paths().size(); i++) {
      OsString path = copy.paths().get(i);
      current.add(
          new Mount(
              i == 0 ? id : reserve(),
              path.isEmpty() ? target : target.resolve(path),
              copy.sources().get(i),
              copy.devices().get(i),
              copy.roots().get(i)));
    }
  }

  boolean isMountPoint(HostPath path) {
    return current.stream().anyMatch(mount -> mount.target().equals(path));
  }

  private Optional<Mount> of(HostPath path) {
    Mount found = null;
    for (Mount mount : current) {
      // A later mount hides what is beneath it.
      if (path.startsWith(mount.target())) {
        found = mount;
      }
    }
    return Optional.ofNullable(found);
  }

  /** Returns the number of the mount that a path leads to. */
  int idOf(HostPath path) {
    return of(path).map(Mount::id).orElse(ROOT_ID);
  }

  /** Returns which file is seen at a path, as the path it has without any bind mount. */
  HostPath seenAt(HostPath path) {
    Optional<Mount> mount = of(path);
    if (mount.isEmpty() || mount.get().source() == null) {
      return path;
    }
    HostPath source = mount.get().source();
    HostPath target = mount.get().target();
    return path.equals(target) ? source : source.resolve(path.relativeTo(target));
  }

  /** Returns the table as {@code /proc/PID/mountinfo} shows it. */
  String mountinfo() {
    StringBuilder text = new StringBuilder(ROOT_LINE);
    List<Mount> before = new ArrayList<>();
    for (Mount mount : current) {
      int parent = ROOT_ID;
      for (Mount earlier : before) {
        parent = mount.target().startsWith(earlier.target()) ? earlier.id() : parent;
      }
      before.add(mount);
      text.append(mount.id()).append(' ').append(parent).append(' ').append(mount.device());
      text.append(' ').append(mount.root()).append(' ').append(mount.target());
      boolean isRoot = mount.device().equals(ROOT_DEVICE);
      text.append(isRoot ? " rw - ext4 /dev/root rw\n" : " rw - tmpfs tmpfs rw\n");
    }
    return text.toString();
  }

  void unmount(HostPath target, boolean detach) throws Refusal {
    int last = current().lastIndexOf(target);
    if (last < 0) {
      throw new Refusal(Errno.EINVAL);
    }
    Set<Mount> beneath = new HashSet<>(current.subList(last + 1, current.size()));
    beneath.removeIf(mount -> !mount.target().startsWith(target));
    if (!beneath.isEmpty() && !detach) {
      throw new Refusal(Errno.EBUSY);
    }
    current.remove(last);
    current.removeAll(beneath);
  }
}
