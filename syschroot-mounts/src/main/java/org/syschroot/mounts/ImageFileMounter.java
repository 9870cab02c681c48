// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileDetails;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxLoopCalls;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.LoopCalls;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounting.HeldImageFile;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.trust.NewDirectory;
import org.syschroot.trust.TrustedPath;

/**
 * Mounts the filesystem that a file holds, read-only, by a loop device. Whoever can write to the
 * file writes what the kernel's code for that filesystem reads, so that it must be root's alone;
 * and it is the opened file that is mounted, whatever has its name by then. The loop device goes
 * with the last mount of it. Thread-safe as far as its kernel is.
 */
final class ImageFileMounter {
  private static final int MODE_OF_DIRECTORY = 0755;
  private static final String DAMAGED =
      "the file is damaged, not whole, or made for a newer kernel (dmesg says which): copy it again,"
          + " or make it again with: syschroot pack";

  private final Kernel kernel;
  private final LoopCalls loops;
  private final TrustedPath trust;
  private final AttachedFiles attached;

  ImageFileMounter(Kernel kernel) {
    this(kernel, new AttachedFiles());
  }

  /**
   * Creates a mounter.
   *
   * @param attached the files that need no device of their own
   */
  ImageFileMounter(Kernel kernel, AttachedFiles attached) {
    this.kernel = kernel;
    this.loops = new LinuxLoopCalls(kernel);
    this.trust = TrustedPath.forUser(kernel, LinuxProcessCalls.running().effectiveUid());
    this.attached = attached;
  }

  /**
   * Mounts it in the mount namespace of the calling thread.
   *
   * @param root the directory to mount on, which is made if it is missing
   * @throws org.syschroot.path.UntrustedException if others could write to the file or exchange it
   * @throws MountException if it holds no filesystem that an image can be in
   * @throws KernelException if a call fails
   */
  void mount(HostPath file, HostPath root) throws IOException {
    try (Descriptor opened = open(file)) {
      LoopCalls.Device device =
          mount(opened, file, root, attached.open(kernel, HeldFile.detailsOf(opened)));
      // Held until now, so that the kernel has neither freed it nor given it to another file.
      kernel.close(device.fd());
    }
  }

  /**
   * Mounts it as {@link #mount} does, with a device that further mounts of the unchanged file use
   * until the result is closed.
   */
  HeldImageFile hold(HostPath file, HostPath root) throws IOException {
    try (Descriptor opened = open(file)) {
      FileDetails found = HeldFile.detailsOf(opened);
      LoopCalls.Device device = mount(opened, file, root, null);
      HeldFile held = new HeldFile(kernel, trust, attached, found, device);
      attached.add(held);
      return held;
    }
  }

  private LoopCalls.Device mount(
      Descriptor opened, HostPath file, HostPath root, LoopCalls.@Nullable Device known)
      throws IOException {
    LoopCalls.Device device = known;
    try {
      ImageFileFormat format = format(opened, file);
      makeDirectory(root);
      try (Descriptor place = Descriptor.opened(kernel, trust.open(root))) {
        device = device == null ? attach(opened) : device;
        mount(device.path(), place, format, file);
        return device;
      }
    } catch (IOException | RuntimeException | Error e) {
      if (device != null) {
        new Descriptor(kernel, device.fd()).close();
      }
      throw e;
    }
  }

  private void mount(OsString device, Descriptor place, ImageFileFormat format, HostPath file)
      throws IOException {
    OsString options = OsString.of(format.options());
    long flags = MountFlags.MS_RDONLY | MountFlags.MS_NODEV;
    try {
      kernel.mount(
          device,
          place.link(),
          OsString.of(format.type()),
          flags,
          options.isEmpty() ? null : options);
    } catch (KernelException e) {
      boolean unknown = e.is(Errno.ENODEV);
      String why =
          unknown
              ? "it does not have that filesystem\nhint: modprobe " + format.type()
              : e.errno().map(Errno::text).orElse(e.reason()) + "\nhint: " + DAMAGED;
      throw new MountException(
          file + ": the kernel cannot mount its " + format.type() + ": " + why, e);
    }
  }

  /** Checks that a file can be mounted, as {@link #mount} does. */
  void check(HostPath file) throws IOException {
    try (Descriptor opened = open(file)) {
      format(opened, file);
    }
  }

  private LoopCalls.Device attach(Descriptor file) throws KernelException {
    try {
      return loops.attach(file.number());
    } catch (KernelException e) {
      throw e.is(Errno.ENOENT) ? e.withHint("no loop devices here: modprobe loop") : e;
    }
  }

  /** For reading, by the descriptor that was checked. */
  private Descriptor open(HostPath file) throws IOException {
    try (Descriptor checked = Descriptor.opened(kernel, trust.open(file))) {
      if (!checked.status().isRegularFile()) {
        throw new MountException(file + " is not a regular file");
      }
      return Descriptor.opened(
          kernel, kernel.openat(Kernel.AT_FDCWD, checked.link(), OpenFlags.O_RDONLY, 0));
    }
  }

  private ImageFileFormat format(Descriptor opened, HostPath file) throws IOException {
    byte[] head = kernel.read(opened.number(), ImageFileFormat.HEAD);
    return ImageFileFormat.of(head)
        .orElseThrow(
            () ->
                new MountException(
                    file
                        + (ImageFileFormat.isArchive(head)
                            ? " is an archive; make an image of it with: syschroot create NAME"
                                + " --root DIR --from "
                                + file
                            : " holds no filesystem that an image can be in: squashfs, erofs and"
                                + " ext4 are\nhint: make such a file of an image with: syschroot"
                                + " pack")));
  }

  /** Makes the directory that a file is mounted on, and those above it. */
  void makeDirectory(HostPath root) throws IOException {
    HostPath path = HostPath.of("/");
    for (OsString name : root.names()) {
      path = path.resolve(name);
      try {
        kernel.close(kernel.openat(Kernel.AT_FDCWD, path.value(), OpenFlags.O_PATH, 0));
      } catch (KernelException e) {
        if (!e.is(Errno.ENOENT)) {
          throw e;
        }
        NewDirectory.make(kernel, Kernel.AT_FDCWD, path.value(), MODE_OF_DIRECTORY);
      }
    }
  }
}
