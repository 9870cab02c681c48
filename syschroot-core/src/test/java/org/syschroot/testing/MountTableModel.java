// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Errno;
import org.syschroot.path.HostPath;

/**
 * Where something is mounted, oldest first: the native system's table, and a copy of it from the
 * moment on that the thread has a mount namespace of its own.
 */
final class MountTableModel {
  private final List<HostPath> host = new ArrayList<>();
  private List<HostPath> current = host;

  void enterNamespace() {
    current = new ArrayList<>(current);
  }

  List<HostPath> current() {
    return List.copyOf(current);
  }

  List<HostPath> host() {
    return List.copyOf(host);
  }

  void mount(HostPath target) {
    current.add(target);
  }

  /** Mounts what is seen at a source; recursively, with the mounts beneath it. */
  void bind(HostPath source, HostPath target, boolean recursive) {
    List<HostPath> along = new ArrayList<>();
    for (HostPath mounted : current) {
      if (recursive && !mounted.equals(source) && mounted.startsWith(source)) {
        along.add(target.resolve(mounted.relativeTo(source)));
      }
    }
    current.add(target);
    current.addAll(along);
  }

  void unmount(HostPath target, boolean detach) throws Refusal {
    int last = current.lastIndexOf(target);
    if (last < 0) {
      throw new Refusal(Errno.EINVAL);
    }
    List<HostPath> later = current.subList(last + 1, current.size());
    boolean busy = later.stream().anyMatch(mounted -> mounted.startsWith(target));
    if (busy && !detach) {
      throw new Refusal(Errno.EBUSY);
    }
    later.removeIf(mounted -> mounted.startsWith(target));
    current.remove(last);
  }
}
