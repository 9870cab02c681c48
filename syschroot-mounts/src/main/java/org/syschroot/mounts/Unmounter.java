// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.PathResolver;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.mounts.table.MountUser;
import org.syschroot.mounts.table.MountUsers;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * Unmounts mounts of an image and what is mounted on them, all or nothing: first it looks whether
 * anybody uses them, and if one cannot be unmounted all the same, those before it are put back. For
 * one use by one thread.
 */
final class Unmounter {
  private static final OsString SLASH = OsString.of("/");

  private final Kernel kernel;
  private final PathResolver resolver;
  private final MountTable before;
  private final boolean lazy;
  private final MountListener listener;
  private final Set<Integer> busy = new HashSet<>();
  private final Set<Integer> unreached = new HashSet<>();
  private final List<MountEntry> separated = new ArrayList<>();

  /**
   * Prepares to unmount.
   *
   * @param before what is mounted
   * @param lazy whether mounts that are in use are detached
   */
  Unmounter(
      Kernel kernel,
      PathResolver resolver,
      MountTable before,
      boolean lazy,
      MountListener listener) {
    this.kernel = kernel;
    this.resolver = resolver;
    this.before = before;
    this.lazy = lazy;
    this.listener = listener;
  }

  /**
   * Unmounts.
   *
   * @throws MountException if something is in use, or not to be lost; then nothing was done
   * @throws IOException if a call fails; the message says what is mounted now
   */
  void down(Takedown what) throws IOException {
    if (!lazy) {
      requireNobodyElses(what);
      requireUnused(what.order());
    }
    try (KeptCopies copies = new KeptCopies(kernel, resolver, before)) {
      try {
        for (MountEntry top : what.separate()) {
          separate(top);
        }
        for (MountEntry entry : what.order()) {
          unmount(entry, what, copies);
        }
        requireGone(what);
      } catch (IOException e) {
        throw outcome(e, what, copies);
      }
    }
    what.order().forEach(entry -> listener.unmounted(entry.target()));
  }

  private static void requireNobodyElses(Takedown what) throws MountException {
    for (MountEntry entry : what.inTheWay()) {
      throw new MountException(
          "will not unmount "
              + entry.target()
              + ", which was not mounted by syschroot ("
              + entry.shown()
              + "): unmount it first; nothing was unmounted");
    }
  }

  private void requireUnused(List<MountEntry> entries) throws MountException {
    List<MountEntry> unsure = new ArrayList<>();
    for (MountEntry entry : entries) {
      if (!isUnused(entry)) {
        unsure.add(entry);
      }
    }
    if (unsure.isEmpty()) {
      return;
    }
    MountUsers users = MountUsers.of(kernel, unsure);
    List<MountException> failures = new ArrayList<>();
    for (MountEntry entry : unsure) {
      List<MountUser> found = users.of(entry);
      if (!found.isEmpty() || busy.contains(entry.id())) {
        failures.add(
            new MountException(
                "cannot unmount "
                    + entry.target()
                    + ": "
                    + new KernelException("umount2", "", Errno.EBUSY.number()).reason()
                    + list(found)
                    + (failures.isEmpty() ? "; nothing was unmounted" : "")));
      }
    }
    if (!failures.isEmpty()) {
      failures.stream().skip(1).forEach(failures.get(0)::addSuppressed);
      throw failures.get(0);
    }
  }

  /**
   * Asks the kernel whether nobody uses a mount, which it tells of those that nothing is mounted
   * on: by the call that makes an unused mount expire, umount2(2), if it is made twice without an
   * access to the mount in between. The check before is one, so here it is always the first.
   */
  private boolean isUnused(MountEntry entry) {
    if (!before.children(entry).isEmpty()) {
      return false;
    }
    try (Descriptor directory = resolver.withoutLinks(parent(entry), OpenFlags.O_DIRECTORY)) {
      MountedDescriptor.open(resolver, entry).close();
      kernel.umount2(in(directory, entry), MountFlags.UMOUNT_NOFOLLOW | MountFlags.MNT_EXPIRE);
      return true;
    } catch (IOException e) {
      if (e instanceof KernelException failure && failure.is(Errno.EBUSY)) {
        busy.add(entry.id());
      }
      return e instanceof KernelException failure && failure.is(Errno.EAGAIN);
    }
  }

  private static HostPath parent(MountEntry entry) {
    OsString target = entry.target();
    return HostPath.of(target.slice(0, target.length() - target.baseName().length()));
  }

  /**
   * A descriptor of the mount itself would keep it busy, so its directory is held, and of the last
   * name only what is mounted there is meant, never what a link leads to.
   */
  private static OsString in(Descriptor directory, MountEntry entry) {
    return directory.link().plus(SLASH).plus(entry.target().baseName());
  }

  private static String list(List<MountUser> users) {
    return users.isEmpty()
        ? ""
        : ": " + String.join(", ", users.stream().map(MountUser::toString).toList());
  }

  private void separate(MountEntry top) throws IOException {
    try (Descriptor mount = MountedDescriptor.open(resolver, top)) {
      kernel.mount(null, mount.link(), null, MountFlags.MS_SLAVE | MountFlags.MS_REC, null);
      separated.add(top);
    }
  }

  /**
   * Unmounts one mount, unless no path leads to it: then it goes with the one it is on, of which
   * nothing but such mounts is left.
   */
  private void unmount(MountEntry entry, Takedown what, KeptCopies copies) throws IOException {
    try (Descriptor directory = resolver.withoutLinks(parent(entry), OpenFlags.O_DIRECTORY)) {
      MountedDescriptor.check(kernel, resolver, entry);
      copies.add(entry);
      kernel.umount2(in(directory, entry), flags(entry));
    } catch (IOException e) {
      if (isGone(entry)) {
        // Where the image lies in what is mounted in it, or is seen twice, a mount can vanish with
        // another.
        return;
      }
      if (isUnreachable(e) && what.order().stream().anyMatch(on -> on.id() == entry.parent())) {
        unreached.add(entry.id());
        return;
      }
      throw explained(e, entry);
    }
  }

  private int flags(MountEntry entry) {
    boolean carries = before.children(entry).stream().anyMatch(on -> unreached.contains(on.id()));
    return MountFlags.UMOUNT_NOFOLLOW | (lazy || carries ? MountFlags.MNT_DETACH : 0);
  }

  /** Root may do much, but not search a directory of somebody's FUSE or of an NFS server. */
  private static boolean isUnreachable(IOException failure) {
    return failure instanceof KernelException e
        && (e.is(Errno.EACCES) || e.is(Errno.ENOENT) || e.is(Errno.EIO) || TargetSurvey.isStale(e));
  }

  private boolean isGone(MountEntry entry) {
    try {
      return MountTable.read(kernel).byId(entry.id()).isEmpty();
    } catch (IOException unknown) {
      return false;
    }
  }

  private void requireGone(Takedown what) throws IOException {
    MountTable now = MountTable.read(kernel);
    for (MountEntry entry : what.order()) {
      if (now.byId(entry.id()).isPresent()) {
        throw new MountException("cannot unmount " + entry.target() + ": it is still mounted");
      }
    }
  }

  private MountException explained(IOException failure, MountEntry entry) {
    String what = "cannot unmount " + entry.target() + ": ";
    if (failure instanceof KernelException e && e.is(Errno.EBUSY)) {
      List<MountUser> users = MountUsers.of(kernel, List.of(entry)).of(entry);
      return new MountException(what + e.reason() + list(users), failure);
    }
    return new MountException(what + failure.getMessage(), failure);
  }

  private MountException outcome(IOException failure, Takedown what, KeptCopies copies) {
    List<IOException> further = copies.putBack();
    MountException told =
        new MountException(failure.getMessage() + "; " + now(what) + propagation(), failure);
    further.forEach(told::addSuppressed);
    return told;
  }

  private String now(Takedown what) {
    MountTable now;
    try {
      now = MountTable.read(kernel);
    } catch (IOException e) {
      return "cannot read the current mounts: " + e.getMessage();
    }
    Set<String> missing = new LinkedHashSet<>();
    for (MountEntry entry : what.order()) {
      if (KeptCopies.count(now, entry) < KeptCopies.count(before, entry)) {
        missing.add(entry.target().toString());
      }
    }
    return missing.isEmpty()
        ? "all filesystems are mounted as before"
        : "no longer mounted: " + String.join(", ", missing);
  }

  private String propagation() {
    return separated.isEmpty()
        ? ""
        : "; later mounts below these no longer appear on the host: "
            + String.join(", ", separated.stream().map(e -> e.target().toString()).toList());
  }
}
