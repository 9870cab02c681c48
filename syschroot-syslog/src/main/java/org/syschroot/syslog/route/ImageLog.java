// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.syschroot.image.Image;
import org.syschroot.image.LauncherKind;
import org.syschroot.kernel.CloneFlags;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxSocketDiagnosis;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.SocketDiagnosis;
import org.syschroot.launcher.Launcher;
import org.syschroot.mounts.ImageAccess;
import org.syschroot.mounts.ImageFiles;
import org.syschroot.mounts.ImageMounts;
import org.syschroot.mounts.MountListener;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * {@code /dev/log} of an image, as a program in the image sees it, with the mounts of the image.
 * Root's are made, where they are missing, in a mount namespace that ends with the look.
 */
public final class ImageLog {
  private static final OsString ROOT = OsString.of("/");
  private static final OsString DEV_LOG = OsString.of("/dev/log");

  private final ImageAccess access;
  private final Image image;

  public ImageLog(ImageAccess access, Image image) {
    this.access = access;
    this.image = image;
  }

  /**
   * Result of an examination.
   *
   * @param route where lines go
   * @param withoutMounts where they go from programs that launchers start, if the image's mounts
   *     are not up and that makes a difference
   */
  public record Routes(LogRoute route, Optional<LogRoute> withoutMounts) {}

  /**
   * Examines the socket, in a thread that ends afterwards: a thread cannot leave a mount namespace.
   */
  public Routes look() throws IOException {
    LogRoute now = LogRoute.of(view());
    if (access.effectiveUid() != 0 || !access.lacksMounts(image)) {
      return new Routes(now, Optional.empty());
    }
    boolean launchersMount =
        image.launchers().isPresent() && Launcher.configuredKind(image) != LauncherKind.BOOT;
    LogRoute route;
    try {
      route = LogRoute.of(OwnThread.call(this::viewWithMounts));
    } catch (IOException mountsFail) {
      // "mount" and "run" say why; here it is about the log, and something is seen without them.
      return new Routes(now, Optional.empty());
    }
    boolean isSame = route.way() == now.way() && route.state() == now.state();
    return new Routes(route, isSame || launchersMount ? Optional.empty() : Optional.of(now));
  }

  private LogView viewWithMounts() throws IOException {
    makeMounts();
    return view();
  }

  /** Writes one message to the socket that a program in the image sees. */
  public void write(byte[] message) throws IOException {
    boolean missing = access.lacksMounts(image);
    OwnThread.call(
        () -> {
          if (missing) {
            makeMounts();
          }
          writeHere(message);
          return message;
        });
  }

  /**
   * Returns the first of some programs that the image has, those included that its mounts bring.
   *
   * @throws IOException if the image cannot be looked at
   */
  public Optional<ImagePath> program(List<ImagePath> places) throws IOException {
    if (access.effectiveUid() != 0 || !access.lacksMounts(image)) {
      return programHere(places);
    }
    return OwnThread.call(
        () -> {
          makeMounts();
          return programHere(places);
        });
  }

  private Optional<ImagePath> programHere(List<ImagePath> places) throws IOException {
    try (ImageFiles files = access.files(image)) {
      for (ImagePath place : places) {
        if (files.isProgram(place)) {
          return Optional.of(place);
        }
      }
      return Optional.empty();
    }
  }

  private void writeHere(byte[] message) throws IOException {
    Kernel kernel = access.kernel();
    SocketDiagnosis sockets = LinuxSocketDiagnosis.running();
    int root = openRoot();
    try {
      int flags = OpenFlags.O_PATH;
      int resolve = OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS;
      int file = kernel.openat2(root, DEV_LOG, flags, 0, resolve);
      try {
        // By this thread's own list of descriptors, for which the number is good.
        int socket = sockets.connect(OsString.of("/proc/thread-self/fd/" + file));
        try {
          kernel.write(socket, message);
        } finally {
          kernel.close(socket);
        }
      } finally {
        kernel.close(file);
      }
    } finally {
      kernel.close(root);
    }
  }

  private void makeMounts() throws IOException {
    Kernel kernel = access.kernel();
    kernel.unshare(CloneFlags.CLONE_NEWNS);
    kernel.mount(null, ROOT, null, MountFlags.MS_REC | MountFlags.MS_SLAVE, null);
    try (ImageMounts mounts = access.mounts(image)) {
      mounts.up(MountListener.NONE);
    }
  }

  private int openRoot() throws IOException {
    return image.trust(access.kernel(), access.effectiveUid()).open(image.root());
  }

  private LogView view() throws IOException {
    Kernel kernel = access.kernel();
    int root = openRoot();
    try {
      return new LogRouteProbe(kernel, LinuxSocketDiagnosis.running()).look(image.name(), root);
    } finally {
      kernel.close(root);
    }
  }
}
