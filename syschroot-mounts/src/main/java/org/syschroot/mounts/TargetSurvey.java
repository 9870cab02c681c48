// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mountplan.MountStatus.State;
import org.syschroot.mountplan.Propagation;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.PathResolver;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/** Compares planned mounts with what is mounted, by one reading of the mount table. */
final class TargetSurvey {
  private static final OsString TMPFS = OsString.of("tmpfs");
  private static final OsString DELETED = OsString.of(" (deleted)");
  // Their device number changes when the server's or the daemon's file system is mounted anew.
  private static final List<String> RECONNECTING =
      List.of("nfs", "autofs", "cifs", "smb", "fuse", "gpfs", "lustre", "afs", "ceph", "9p");

  private final Kernel kernel;
  private final PathResolver resolver;
  private final int imageRoot;
  private final MountTable table;
  private final long imageMount;

  TargetSurvey(Kernel kernel, PathResolver resolver, int imageRoot, MountTable table)
      throws KernelException {
    this.kernel = kernel;
    this.resolver = resolver;
    this.imageRoot = imageRoot;
    this.table = table;
    this.imageMount = new Descriptor(kernel, imageRoot).status().mountId();
  }

  /**
   * What was found.
   *
   * @param status the answer
   * @param entry the mount at the target, if there is one; it may be hidden
   */
  record Finding(MountStatus status, Optional<MountEntry> entry) {}

  /**
   * Looks at one planned mount.
   *
   * @throws IOException if its target cannot be looked at, other than because it is missing or
   *     stale
   */
  Finding of(MountSelection.Mount mount) throws IOException {
    ImagePath path = mount.step().target();
    try (Descriptor target = resolver.inImage(imageRoot, path, 0)) {
      Optional<MountEntry> entry = mountedAt(target, path);
      return entry.isEmpty() ? missing(mount, "") : compare(mount, target, entry.get());
    } catch (KernelException e) {
      if (isStale(e)) {
        return finding(mount, State.STALE, e.reason(), byText(path));
      }
      if (e.is(Errno.ENOENT)) {
        return missing(mount, "the image has no " + path);
      }
      if (e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP) || e.is(Errno.EACCES)) {
        // Nothing can be mounted there, and mounting it will say so again.
        return missing(mount, path + ": " + e.reason());
      }
      throw e;
    }
  }

  /** What is mounted on a directory above hides what was mounted before. */
  private Finding missing(MountSelection.Mount mount, String reason) throws KernelException {
    HostPath place = place(mount.step().target());
    for (MountEntry entry : table.entries()) {
      if (entry.target().equals(place.value()) && !mount.step().target().isRoot()) {
        String by = table.seenAt(place).map(seen -> seen.target().toString()).orElse("/");
        String detail = "it is hidden by the mount on " + by;
        return finding(mount, State.FOREIGN, detail, Optional.of(entry));
      }
    }
    return finding(mount, State.MISSING, reason, Optional.empty());
  }

  private HostPath place(ImagePath path) throws KernelException {
    return path.under(HostPath.of(new Descriptor(kernel, imageRoot).path()));
  }

  /** Whether the file system is there, but not what it shows: server or daemon have gone. */
  static boolean isStale(KernelException failure) {
    return failure.is(Errno.ESTALE) || failure.is(Errno.ENOTCONN) || failure.is(Errno.EHOSTDOWN);
  }

  private Optional<MountEntry> mountedAt(Descriptor target, ImagePath path) throws IOException {
    long id = target.mountId();
    if (id == imageMount && !path.isRoot()) {
      return Optional.empty();
    }
    OsString place = withoutDeleted(target.path());
    Optional<MountEntry> known = table.byId(id);
    // One that was made since the table was read, such as by an earlier step of the same plan.
    Optional<MountEntry> entry = known.isPresent() ? known : MountTable.read(kernel).byId(id);
    return entry.isPresent() && entry.get().target().equals(place) ? entry : Optional.empty();
  }

  /** What is mounted may have been deleted where it came from, which /proc/self/fd adds. */
  private static OsString withoutDeleted(OsString path) {
    int length = path.length() - DELETED.length();
    return length > 0 && path.slice(length, path.length()).equals(DELETED)
        ? path.slice(0, length)
        : path;
  }

  /** A stale root cannot be looked at, so its path as text has to do. */
  private Optional<MountEntry> byText(ImagePath path) throws KernelException {
    return table.at(place(path));
  }

  private Finding compare(MountSelection.Mount mount, Descriptor target, MountEntry entry)
      throws KernelException {
    Optional<MountEntry> found = Optional.of(entry);
    if (!(mount.step() instanceof BindMount bind)) {
      boolean isTmpfs = entry.type().equals(TMPFS);
      return finding(
          mount, isTmpfs ? State.MOUNTED : State.FOREIGN, isTmpfs ? "" : shown(entry), found);
    }
    Optional<FileStatus> seen = status(target);
    try (Descriptor source = source(bind)) {
      if (isSame(source, seen, entry)) {
        return finding(mount, State.MOUNTED, "", found);
      }
      if (isDeleted(entry)) {
        return finding(mount, State.STALE, bind.source() + " was replaced", found);
      }
      return replaced(bind, entry)
          ? finding(mount, State.STALE, bind.source() + " was mounted again later", found)
          : finding(mount, State.FOREIGN, shown(entry), found);
    } catch (KernelException e) {
      if (isStale(e) || reconnects(entry) || isDeleted(entry)) {
        return finding(mount, State.STALE, "source " + bind.source() + ": " + e.reason(), found);
      }
      if (e.is(Errno.EACCES) && isShownBy(table.seenAt(bind.source()), bind.source(), entry)) {
        return finding(mount, State.MOUNTED, "", found);
      }
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.EACCES)) {
        return finding(mount, State.FOREIGN, "source " + bind.source() + ": " + e.reason(), found);
      }
      throw e;
    }
  }

  /** Returns nothing for what only its user may look at, such as the root of a FUSE mount. */
  private static Optional<FileStatus> status(Descriptor file) throws KernelException {
    try {
      return Optional.of(file.status());
    } catch (KernelException e) {
      if (e.is(Errno.EACCES)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private boolean isSame(Descriptor source, Optional<FileStatus> seen, MountEntry entry)
      throws KernelException {
    Optional<FileStatus> wanted = status(source);
    if (wanted.isPresent() && seen.isPresent()) {
      return wanted.get().sameFileAs(seen.get());
    }
    return isShownBy(table.byId(source.mountId()), HostPath.of(source.path()), entry);
  }

  private static boolean isShownBy(Optional<MountEntry> holder, HostPath source, MountEntry entry) {
    return holder.isPresent()
        && holder.get().device().equals(entry.device())
        && holder.get().inFileSystem(source.value()).equals(entry.root());
  }

  /** Whether what is mounted has no name any more, such as the socket of a daemon that ended. */
  private static boolean isDeleted(MountEntry entry) {
    return entry.root().toString().endsWith("//deleted");
  }

  private Descriptor source(BindMount bind) throws KernelException {
    return Descriptor.opened(
        kernel, kernel.openat(Kernel.AT_FDCWD, bind.source().value(), OpenFlags.O_PATH, 0));
  }

  private boolean replaced(BindMount bind, MountEntry entry) {
    return reconnects(entry)
        && table
            .seenAt(bind.source())
            .filter(now -> now.type().equals(entry.type()) && now.source().equals(entry.source()))
            .filter(now -> !now.device().equals(entry.device()))
            .isPresent();
  }

  private static boolean reconnects(MountEntry entry) {
    String type = entry.type().toString();
    return RECONNECTING.stream().anyMatch(type::startsWith);
  }

  private static String shown(MountEntry entry) {
    return "there is " + entry.shown() + ", of which " + entry.root();
  }

  private Finding finding(
      MountSelection.Mount mount, State state, String detail, Optional<MountEntry> entry) {
    boolean appear = latecomersAppear(mount, entry.orElse(null));
    return new Finding(
        new MountStatus(mount.step().target(), Optional.of(mount), state, detail, appear), entry);
  }

  private boolean latecomersAppear(MountSelection.Mount mount, @Nullable MountEntry entry) {
    boolean wanted =
        mount.step() instanceof BindMount bind
            && mount.ofDirectory()
            && bind.propagation() != Propagation.PRIVATE;
    if (!wanted) {
      return true;
    }
    if (entry != null) {
      return entry.masterGroup().isPresent() || entry.peerGroup().isPresent();
    }
    HostPath source = ((BindMount) mount.step()).source();
    Optional<MountEntry> seen = table.seenAt(source);
    return seen.isPresent() && seen.get().peerGroup().isPresent();
  }
}
