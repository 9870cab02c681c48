// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.ImageLock;
import org.syschroot.mounts.files.ProcFiles;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.trust.TrustedPath;

/**
 * Which mounts were made in an image since the machine was started, beside the image's lock. It
 * never says what is mounted, which only the mount table does, but whose a mount is: one that the
 * settings do not name any more is taken down if it is recorded, and left if somebody else made it.
 *
 * <p>What is about to be made is written first, so that nothing is forgotten if the process ends
 * meanwhile. The file is replaced as a whole. For one thread, which holds the lock to write.
 */
final class MountRecord {
  private static final String SUFFIX = ".mounts";
  private static final OsString NEW = OsString.of(".new");
  private static final int MODE = 0644;

  private final Kernel kernel;
  private final TrustedPath trust;
  private final HostPath directory;
  private final OsString name;
  private Set<MadeMount> mounts = new LinkedHashSet<>();

  private MountRecord(Kernel kernel, TrustedPath trust, HostPath directory, OsString name) {
    this.kernel = kernel;
    this.trust = trust;
    this.directory = directory;
    this.name = name;
  }

  /**
   * Reads the record of an image; it is empty if there is none.
   *
   * @param directory the directory of the locks
   * @throws org.syschroot.path.UntrustedException if others could change the directory
   */
  static MountRecord read(Kernel kernel, TrustedPath trust, HostPath directory, int imageRoot)
      throws IOException {
    OsString name = ImageLock.name(kernel.fstat(imageRoot), SUFFIX);
    MountRecord record = new MountRecord(kernel, trust, directory, name);
    try (Descriptor holder = Descriptor.opened(kernel, trust.open(directory));
        Descriptor file =
            Descriptor.opened(
                kernel,
                kernel.openat(
                    holder.number(), name, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW, 0))) {
      List<OsString> fields = OsString.split(ProcFiles.content(kernel, file.number()));
      for (int i = 0; i + MadeMount.FIELDS <= fields.size(); i += MadeMount.FIELDS) {
        record.mounts.add(MadeMount.of(fields.subList(i, i + MadeMount.FIELDS)));
      }
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
    return record;
  }

  /** Returns whether a mount is one of those that were made. */
  boolean has(MountEntry entry) {
    return mounts.stream().anyMatch(made -> made.is(entry));
  }

  /** Returns what was about to be mounted when the process ended. */
  List<BindMount> intended() {
    List<BindMount> intended = new ArrayList<>();
    for (MadeMount made : mounts) {
      if (made.isIntended() && !made.source().isEmpty()) {
        intended.add(BindMount.of(HostPath.of(made.source())).at(ImagePath.of(made.target())));
      }
    }
    return intended;
  }

  /** Writes down what is going to be mounted. */
  void intend(List<MountSelection.Mount> planned) throws IOException {
    for (MountSelection.Mount mount : planned) {
      mounts.add(MadeMount.intended(mount.step().target().value(), source(mount)));
    }
    write();
  }

  /** Writes down what of a plan has been mounted. */
  void made(List<MadeMount> made) throws IOException {
    Set<OsString> targets = made.stream().map(MadeMount::target).collect(Collectors.toSet());
    mounts.removeIf(known -> targets.contains(known.target()));
    mounts.addAll(made);
    write();
  }

  /** Forgets what is not in a mount table any more. */
  void retain(MountTable table) throws IOException {
    mounts.removeIf(made -> table.entries().stream().noneMatch(made::is));
    write();
  }

  static OsString source(MountSelection.Mount mount) {
    return mount.step() instanceof BindMount bind ? bind.source().value() : OsString.of("");
  }

  private void write() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (MadeMount mount : mounts) {
      for (OsString field : mount.fields()) {
        text.writeBytes(field.toBytes());
        text.write(0);
      }
    }
    try (Descriptor holder = Descriptor.opened(kernel, trust.open(directory))) {
      OsString unfinished = name.plus(NEW);
      remove(holder, unfinished);
      if (mounts.isEmpty()) {
        remove(holder, name);
        return;
      }
      int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
      try (Descriptor file =
          Descriptor.opened(kernel, kernel.openat(holder.number(), unfinished, flags, MODE))) {
        kernel.fchmod(file.number(), MODE);
        kernel.write(file.number(), text.toByteArray());
      }
      kernel.renameat(holder.number(), unfinished, name);
    }
  }

  private void remove(Descriptor holder, OsString file) throws KernelException {
    try {
      kernel.unlinkat(holder.number(), file, 0);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }
}
