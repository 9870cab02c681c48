// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mount.MountSelection;
import org.syschroot.mounts.MountStatus.State;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * Unmounts what is there of a plan, in reverse order, each mount after those on it. All are tried.
 * For one use by one thread.
 */
final class Unmounter {
  private final Kernel kernel;
  private final PathResolver resolver;
  private final int imageRoot;
  private final MountTable table;
  private final int flags;
  private final MountListener listener;
  private final Set<Integer> gone = new HashSet<>();
  private final Set<Integer> kept = new HashSet<>();
  private final List<IOException> failures = new ArrayList<>();

  Unmounter(
      Kernel kernel, PathResolver resolver, int imageRoot, boolean lazy, MountListener listener)
      throws IOException {
    this.kernel = kernel;
    this.resolver = resolver;
    this.imageRoot = imageRoot;
    this.table = MountTable.read(kernel);
    this.flags = MountFlags.UMOUNT_NOFOLLOW | (lazy ? MountFlags.MNT_DETACH : 0);
    this.listener = listener;
  }

  /**
   * Unmounts.
   *
   * @return how many mounts were removed
   * @throws IOException the first failure, with all others suppressed in it
   */
  int down(List<MountSelection.Mount> mounts) throws IOException {
    MountSurvey survey = new MountSurvey(kernel, resolver, imageRoot, table);
    for (int i = mounts.size() - 1; i >= 0; i--) {
      try {
        down(survey.of(mounts.get(i)));
      } catch (IOException e) {
        failures.add(e);
      }
    }
    if (failures.isEmpty()) {
      return gone.size();
    }
    IOException first = failures.get(0);
    failures.stream().skip(1).filter(other -> other != first).forEach(first::addSuppressed);
    throw first;
  }

  private void down(MountSurvey.Finding finding) throws IOException {
    MountStatus status = finding.status();
    if (status.state() == State.FOREIGN) {
      throw new MountException(
          "will not unmount "
              + status.mount().step().target()
              + " in the image, since it is not "
              + status.mount().step()
              + ": "
              + status.detail());
    }
    MountEntry entry = finding.entry().orElse(null);
    while (entry != null && !gone.contains(entry.id())) {
      downTree(entry);
      entry = sameBeneath(entry);
    }
  }

  /** The same mount made twice, by a script that did not look: both have to go. */
  private @Nullable MountEntry sameBeneath(MountEntry top) {
    return table
        .byId(top.parent())
        .filter(below -> below.target().equals(top.target()))
        .filter(below -> below.device().equals(top.device()) && below.root().equals(top.root()))
        .orElse(null);
  }

  private void downTree(MountEntry top) throws IOException {
    List<MountEntry> tree = table.tree(top);
    if (tree.stream().anyMatch(this::hasPeerOutside)) {
      separate(top);
    }
    for (int i = tree.size() - 1; i >= 0; i--) {
      MountEntry entry = tree.get(i);
      boolean carriesKept = table.children(entry).stream().anyMatch(on -> kept.contains(on.id()));
      if (carriesKept) {
        // It would only be reported as busy, and the reason is reported already.
        kept.add(entry.id());
      } else if (!gone.contains(entry.id())) {
        unmount(entry);
      }
    }
  }

  /** What is unmounted beneath a shared mount is unmounted in all its peers. */
  private boolean hasPeerOutside(MountEntry entry) {
    if (entry.peerGroup().isEmpty()) {
      return false;
    }
    return table.peers(entry.peerGroup().getAsInt()).stream()
        .anyMatch(peer -> !table.tree(entry).contains(peer) && !peer.equals(entry));
  }

  private void separate(MountEntry top) throws IOException {
    try (Descriptor mount = MountedDescriptor.open(resolver, top)) {
      kernel.mount(null, mount.link(), null, MountFlags.MS_SLAVE | MountFlags.MS_REC, null);
    }
  }

  private void unmount(MountEntry entry) {
    try {
      unmountChecked(entry);
      gone.add(entry.id());
      listener.unmounted(entry.target());
    } catch (IOException e) {
      if (isGoneMeanwhile(entry)) {
        gone.add(entry.id());
        return;
      }
      kept.add(entry.id());
      failures.add(e instanceof KernelException failure ? explained(failure, entry) : e);
    }
  }

  /**
   * Where an image lies in what is mounted in it, such as in /home, mounts in the image appear once
   * more beneath that, and vanish with their originals.
   */
  private boolean isGoneMeanwhile(MountEntry entry) {
    try {
      return MountTable.read(kernel).byId(entry.id()).isEmpty();
    } catch (IOException unknown) {
      return false;
    }
  }

  /**
   * A descriptor of the mount itself would keep it busy, so its directory is held, and of the last
   * name only what is mounted there is meant, never what a link leads to.
   */
  private void unmountChecked(MountEntry entry) throws IOException {
    MountedDescriptor.check(kernel, resolver, entry);
    OsString name = entry.target().baseName();
    HostPath parent = HostPath.of(entry.target().slice(0, entry.target().length() - name.length()));
    try (Descriptor directory = resolver.withoutLinks(parent, OpenFlags.O_DIRECTORY)) {
      kernel.umount2(directory.link().plus(OsString.of("/")).plus(name), flags);
    }
  }

  private IOException explained(KernelException failure, MountEntry entry) {
    String what = "cannot unmount " + entry.target() + ": ";
    if (!failure.is(Errno.EBUSY)) {
      return new MountException(what + failure.getMessage(), failure);
    }
    List<MountUser> users = new MountUsers(kernel).of(entry);
    StringBuilder text = new StringBuilder(what + failure.reason());
    for (MountUser user : users) {
      text.append(users.indexOf(user) == 0 ? ": " : ", ").append(user);
    }
    return new MountException(text.toString(), failure);
  }
}
