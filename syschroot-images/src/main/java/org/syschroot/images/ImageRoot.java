// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.mounts.tree.TreeRemoval;
import org.syschroot.path.HostPath;
import org.syschroot.path.UntrustedException;
import org.syschroot.trust.TrustedPath;

/**
 * The directory that becomes the root of a new image: first checked, then made, and taken back when
 * the rest fails. For one thread.
 */
public final class ImageRoot {
  private static final int WRITE_BY_OTHERS = 0022;
  private static final String HINT = ", such as /sysroot/NAME";

  private final Path path;
  private final boolean existed;
  private @Nullable TreeRemoval removal;

  private ImageRoot(Path path, boolean existed) {
    this.path = path;
    this.existed = existed;
  }

  /**
   * Checks that an image can be made in a directory, and changes nothing.
   *
   * @throws CreateException if not
   */
  public static ImageRoot check(Path root) throws IOException {
    if (!root.isAbsolute()) {
      throw new CreateException(
          "the root \""
              + root
              + "\" of the image is not absolute: give the whole pathname, from"
              + " /"
              + HINT);
    }
    for (Path name : root) {
      if (name.toString().equals("..")) {
        throw new CreateException(
            "the root " + root + " of the image contains \"..\": write the path out");
      }
    }
    Path plain = root.normalize();
    Path parent = plain.getParent();
    if (parent == null) {
      throw new CreateException(
          "the root directory of an image cannot be /: use another directory" + HINT);
    }
    if (!Files.exists(parent)) {
      throw new CreateException(
          "cannot create " + plain + ": " + parent + " is missing: mkdir -p " + parent);
    }
    if (!Files.isDirectory(parent)) {
      throw new CreateException(
          "cannot create "
              + plain
              + ": "
              + parent
              + " is not a directory: use another root"
              + " directory");
    }
    requireTrusted(parent);
    boolean exists = Files.exists(plain, LinkOption.NOFOLLOW_LINKS);
    if (exists) {
      checkExisting(plain);
    }
    return new ImageRoot(parent.toRealPath().resolve(plain.getFileName()), exists);
  }

  /** Whoever could exchange the directory would have root write to another. */
  private static void requireTrusted(Path parent) throws IOException {
    Kernel kernel = LinuxKernel.running();
    TrustedPath trust = TrustedPath.forUser(kernel, LinuxProcessCalls.running().effectiveUid());
    try {
      kernel.close(trust.openOnTheWay(HostPath.of(parent)));
    } catch (UntrustedException e) {
      throw new CreateException(e.getMessage() + ", or use another root directory", e);
    }
  }

  private static void checkExisting(Path root) throws IOException {
    if (Files.isSymbolicLink(root)) {
      throw new CreateException(
          root + " is a symbolic link: use the pathname of the directory itself");
    }
    if (!Files.isDirectory(root)) {
      throw new CreateException(
          root + " exists and is not a directory: use another root directory");
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
      if (entries.iterator().hasNext()) {
        throw new CreateException(
            root + " exists and is not empty: use another root directory, or empty it first");
      }
    }
    // Whoever can write there could lead the copying astray by a symbolic link.
    int owner = (Integer) Files.getAttribute(root, "unix:uid");
    if (owner != 0 && owner != LinuxProcessCalls.running().effectiveUid()) {
      throw new CreateException(
          root
              + " belongs to uid "
              + owner
              + ", not to root: use a directory of root, or one that does not exist");
    }
    int mode = (Integer) Files.getAttribute(root, "unix:mode");
    if ((mode & WRITE_BY_OTHERS) != 0) {
      throw new CreateException(
          root
              + " is writable by users other than root (mode "
              + String.format("%04o", mode & 07777)
              + "): chmod go-w "
              + root);
    }
  }

  /** Returns the directory, without symbolic links on the way to it. */
  public Path path() {
    return path;
  }

  /** Makes the directory unless it existed, and remembers which one it is. */
  public void make() throws IOException {
    if (!existed) {
      Files.createDirectory(path);
    }
    try {
      removal = TreeRemoval.of(LinuxKernel.running(), HostPath.of(path));
    } catch (IOException e) {
      if (!existed) {
        Files.delete(path);
      }
      throw e;
    }
    if (!existed) {
      RootOwned.own(path);
      Files.setAttribute(path, "unix:mode", 0755);
    }
  }

  /**
   * Takes back what was made, the directory itself only if it did not exist before.
   *
   * @param made says of a path beneath whether it was made for this image
   * @return the failure to throw: the given one, with what could not be taken back
   */
  CreateException undo(IOException failure, Predicate<Path> made) {
    String message = "cannot create the image in " + path + ": " + Failures.reason(failure);
    int end = message.indexOf('\n') < 0 ? message.length() : message.indexOf('\n');
    String furtherLines = message.substring(end);
    message = message.substring(0, end);
    CreateException result;
    // The flag would make java.nio refuse to read the mount table.
    boolean interrupted = Thread.interrupted();
    try {
      if (removal != null) {
        removal.remove(place -> made.test(place.toPath()), !existed);
      }
      result =
          new CreateException(
              message + " (all created files were deleted)" + furtherLines, failure);
    } catch (IOException e) {
      result =
          new CreateException(
              message
                  + "; created files could not be deleted: "
                  + Failures.reason(e)
                  + furtherLines,
              failure);
      result.addSuppressed(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return result;
  }
}
