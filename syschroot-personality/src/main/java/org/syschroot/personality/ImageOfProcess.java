// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.OsString;
import org.syschroot.personality.Whereabouts.Evidence;
import org.syschroot.personality.Whereabouts.Place;

/**
 * Finder of the image of a process, by its root directory: device and inode of {@code
 * /proc/PID/root} against those of the images' roots. So it is right for processes that were
 * started in other ways, and a marker that is missing, stale or forged misleads nobody.
 *
 * <p>Where the tree is a layer of the root directory, the source of that mount names the image.
 *
 * <p>Only where nothing can be compared, such as inside an image that does not see the
 * configuration, the marker {@code SYSCHROOT_IMAGE} is believed; {@link Whereabouts#evidence} says
 * so. Immutable and thread-safe.
 *
 * <p>For monitors and accounting, which see processes that others have started.
 *
 * <pre>{@code
 * Whereabouts where = ImageOfProcess.among(syschroot.catalog()).of(pid);
 * String image = where.image().map(ImageName::toString).orElse("host");
 * }</pre>
 */
public final class ImageOfProcess {
  private static final OsString MARKER = OsString.of("SYSCHROOT_IMAGE=");
  private static final Pattern SOURCE =
      Pattern.compile(" - (?:overlay|tmpfs) syschroot:([A-Za-z0-9][A-Za-z0-9._-]*) ");
  private static final int BLOCK = 1 << 16;

  private final Kernel kernel;
  private final List<Root> roots;

  /** An image's root directory as it is seen from here; without status it cannot be seen. */
  private record Root(ImageName name, @Nullable FileStatus status) {
    boolean is(FileStatus other) {
      return status != null && status.sameFileAs(other);
    }
  }

  private ImageOfProcess(Kernel kernel, List<Root> roots) {
    this.kernel = kernel;
    this.roots = roots;
  }

  /** Returns a finder for the current root directories of images on this host. */
  public static ImageOfProcess among(ImageCatalog catalog) {
    return among(catalog, LinuxKernel.running());
  }

  /** Returns a finder that looks through a kernel. */
  public static ImageOfProcess among(ImageCatalog catalog, Kernel kernel) {
    List<Root> roots = new ArrayList<>();
    for (Image image : catalog.all()) {
      roots.add(new Root(image.name(), look(kernel, image.root().value()).orElse(null)));
    }
    return new ImageOfProcess(kernel, List.copyOf(roots));
  }

  /**
   * Returns where this process is.
   *
   * @param environment the entries that it was started with, which a JVM's start script may have
   *     changed
   * @throws KernelException if it cannot be looked at in {@code /proc}
   */
  public Whereabouts ofThisProcess(List<OsString> environment) throws KernelException {
    OsString proc = OsString.of("/proc/self/");
    return of(proc, root(proc), environment);
  }

  /**
   * Returns where a process is. For another user's it takes root's privileges, as ptrace(2) does.
   *
   * @param pid the process id
   * @throws KernelException {@code ENOENT} if there is no such process, {@code EACCES} or {@code
   *     EPERM} if this user may not look at it
   */
  public Whereabouts of(long pid) throws KernelException {
    OsString proc = OsString.of("/proc/" + pid + "/");
    FileStatus root = root(proc);
    return of(proc, root, OsString.split(content(proc.plus(OsString.of("environ")))));
  }

  private FileStatus root(OsString proc) throws KernelException {
    return status(kernel, proc.plus(OsString.of("root")));
  }

  private Whereabouts of(OsString proc, FileStatus root, List<OsString> environment)
      throws KernelException {
    Optional<String> marker = marker(environment);
    List<ImageName> same = roots.stream().filter(known -> known.is(root)).map(Root::name).toList();
    if (!same.isEmpty()) {
      // Two names can share a root; the marker says which of them was asked for.
      ImageName name =
          same.stream().filter(each -> marker.equals(text(each))).findFirst().orElse(same.get(0));
      return Whereabouts.inImage(name, Evidence.ROOT_DIRECTORY, marker);
    }
    Optional<ImageName> mounted = mountedAsRoot(proc);
    if (mounted.isPresent()) {
      return Whereabouts.inImage(mounted.get(), Evidence.ROOT_DIRECTORY, marker);
    }
    boolean ours = isRoot(root, "/proc/self/root");
    if (isRoot(root, "/proc/1/root") || (ours && seesImages())) {
      return Whereabouts.outside(Place.NATIVE, Evidence.ROOT_DIRECTORY, marker);
    }
    if (marker.isPresent() && isName(marker.get()) && !seesImages()) {
      return Whereabouts.inImage(new ImageName(marker.get()), Evidence.MARKER, marker);
    }
    return ours && isRootMounted(proc)
        ? Whereabouts.outside(Place.NATIVE, Evidence.NONE, marker)
        : Whereabouts.outside(Place.ELSEWHERE, Evidence.ROOT_DIRECTORY, marker);
  }

  private boolean isRoot(FileStatus root, String path) {
    return look(kernel, OsString.of(path)).filter(root::sameFileAs).isPresent();
  }

  private static Optional<String> text(ImageName name) {
    return Optional.of(name.toString());
  }

  /**
   * Returns whether this process sees roots of images. Whoever does is on the native system or in
   * one of them, and would have been recognized; so no marker is believed against that.
   */
  private boolean seesImages() {
    return roots.stream().anyMatch(root -> root.status() != null);
  }

  private static boolean isName(String marker) {
    try {
      return !new ImageName(marker).toString().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Optional<String> marker(List<OsString> environment) {
    return environment.stream()
        .filter(entry -> entry.startsWith(MARKER))
        .map(entry -> entry.slice(MARKER.length(), entry.length()).toString())
        .findFirst();
  }

  /**
   * Returns the image whose tree is a layer of the root directory, which has another device and
   * inode then. Only who may mount there can have named it so.
   */
  private Optional<ImageName> mountedAsRoot(OsString proc) throws KernelException {
    return rootMounts(proc)
        .map(SOURCE::matcher)
        .filter(Matcher::find)
        .map(found -> new ImageName(found.group(1)))
        .filter(name -> roots.stream().anyMatch(root -> root.name().equals(name)))
        .findFirst();
  }

  private Stream<String> rootMounts(OsString proc) throws KernelException {
    byte[] table = content(proc.plus(OsString.of("mountinfo")));
    return new String(table, StandardCharsets.ISO_8859_1)
        .lines()
        .filter(line -> line.matches("\\d+ \\d+ \\S+ \\S+ / .*"));
  }

  /**
   * Returns whether the root directory is that of a mount, as on a native system. After chroot(2)
   * into a directory, what is mounted above it does not show in the mount table.
   */
  private boolean isRootMounted(OsString proc) throws KernelException {
    return rootMounts(proc).findAny().isPresent();
  }

  private byte[] content(OsString path) throws KernelException {
    int file = kernel.openat(Kernel.AT_FDCWD, path, OpenFlags.O_RDONLY, 0);
    try {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (byte[] block = kernel.read(file, BLOCK);
          block.length > 0;
          block = kernel.read(file, BLOCK)) {
        all.writeBytes(block);
      }
      return all.toByteArray();
    } finally {
      kernel.close(file);
    }
  }

  private static Optional<FileStatus> look(Kernel kernel, OsString path) {
    try {
      return Optional.of(status(kernel, path));
    } catch (KernelException unseen) {
      return Optional.empty();
    }
  }

  private static FileStatus status(Kernel kernel, OsString path) throws KernelException {
    try {
      int place = kernel.openat(Kernel.AT_FDCWD, path, OpenFlags.O_PATH, 0);
      try {
        return kernel.fstat(place);
      } finally {
        kernel.close(place);
      }
    } catch (KernelException e) {
      throw e.is(Errno.EACCES) || e.is(Errno.EPERM)
          ? e.withHint("only root can read the state of other users' processes")
          : e;
    }
  }
}
