// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.wrapper;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.host.ElfPersonality;
import org.syschroot.image.Image;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.ImagePath;
import org.syschroot.personality.Uname;

/**
 * The replacement of uname(1) and arch(1) in an image of 32-bit programs, for commands that enter
 * it without its personality, as {@code chroot} and some batch systems do. The original is kept
 * beside it as {@code uname.bin}.
 *
 * <p>Every change is a rename, so that at every moment there is a uname that works, and whatever
 * was interrupted can be repeated. In Debian's images the originals are diverted in dpkg's
 * database, so that an update of coreutils leaves the wrapper alone; elsewhere {@link #status}
 * tells that the wrapper was overwritten. For one thread; holds descriptors until it is closed.
 */
public final class UnameWrapper implements AutoCloseable {
  private static final List<String> PROGRAMS = List.of("uname", "arch");
  private static final List<ImagePath> DIRECTORIES =
      List.of(ImagePath.of("/bin"), ImagePath.of("/usr/bin"));

  private final Kernel kernel;
  private final int root;
  private final String wide;
  private final List<ImageDirectory> directories;
  private final Optional<DpkgDatabase> dpkg;

  private UnameWrapper(
      Kernel kernel,
      int root,
      String wide,
      List<ImageDirectory> directories,
      Optional<DpkgDatabase> dpkg) {
    this.kernel = kernel;
    this.root = root;
    this.wide = wide;
    this.directories = directories;
    this.dpkg = dpkg;
  }

  /**
   * A program and what is in its place. Immutable.
   *
   * @param program its path in the image
   * @param state what is there
   * @param diverted whether dpkg's database keeps an update from overwriting the wrapper
   */
  public record Status(ImagePath program, WrapperState state, boolean diverted) {}

  /**
   * Opens an image.
   *
   * @param effectiveUid the user to trust besides root, usually that of this process
   * @throws org.syschroot.path.UntrustedException if others could have changed the image's root
   * @throws IOException if its programs are not of 32 bits, so that there is nothing to replace, or
   *     if it cannot be looked at
   */
  public static UnameWrapper open(Kernel kernel, Image image, int effectiveUid) throws IOException {
    if (new ElfPersonality(kernel).of(image).isEmpty()) {
      throw new IOException(
          image.name() + ": its programs are not 32-bit, so its uname needs no replacement");
    }
    int root = image.trust(kernel, effectiveUid).open(image.root());
    List<ImageDirectory> directories = new ArrayList<>();
    try {
      for (ImagePath path : DIRECTORIES) {
        Optional<ImageDirectory> directory = ImageDirectory.open(kernel, root, path);
        if (directory.isPresent()) {
          addOnce(directories, directory.get());
        }
      }
      return new UnameWrapper(
          kernel, root, Uname.running().machine(), directories, DpkgDatabase.open(kernel, root));
    } catch (IOException | RuntimeException e) {
      directories.forEach(ImageDirectory::close);
      kernel.close(root);
      throw e;
    }
  }

  /** Where /bin is a link to /usr/bin, both are one directory. */
  private static void addOnce(List<ImageDirectory> directories, ImageDirectory further)
      throws KernelException {
    for (ImageDirectory known : directories) {
      if (known.status().sameFileAs(further.status())) {
        further.close();
        return;
      }
    }
    directories.add(further);
  }

  private List<WrappedProgram> programs() throws IOException {
    List<WrappedProgram> programs = new ArrayList<>();
    for (String name : PROGRAMS) {
      for (ImageDirectory directory : directories) {
        Optional<FileStatus> there = directory.status(name);
        if (there.isPresent() && isOwnFile(directory, name, there.get())) {
          programs.add(new WrappedProgram(directory, name, wide, dpkg));
        }
      }
    }
    return programs;
  }

  /** A link of the same name in the other directory leads to what is wrapped there. */
  private static boolean isOwnFile(ImageDirectory directory, String name, FileStatus there)
      throws IOException {
    if (!there.isSymbolicLink()) {
      return true;
    }
    String text = directory.linkText(name);
    if (text.substring(text.lastIndexOf('/') + 1).equals(name)) {
      return false;
    }
    throw new IOException(
        directory.path(name)
            + " in the image is a symbolic link to "
            + text
            + ", a program that behaves by its name and cannot be renamed: set the personality"
            + " instead");
  }

  /**
   * Returns what there is, in a fixed order; the first is uname.
   *
   * @throws IOException if it cannot be looked at
   */
  public List<Status> status() throws IOException {
    List<Status> all = new ArrayList<>();
    for (WrappedProgram program : programs()) {
      all.add(new Status(program.path(), program.state(), program.isDiverted()));
    }
    if (all.isEmpty()) {
      all.add(new Status(ImagePath.of("/bin/uname"), WrapperState.NO_PROGRAM, false));
    }
    return all;
  }

  /** Returns the script that replaces uname. */
  public String script() {
    return WrapperScript.of("uname", ImagePath.of("/bin/uname.bin"), wide);
  }

  /**
   * Puts the wrapper in the place of uname and arch; what is installed already is left alone.
   *
   * @return the programs that were replaced
   * @throws IOException if it cannot be done; what is refused is refused before anything is changed
   */
  public List<ImagePath> install() throws IOException {
    List<WrappedProgram> programs = programs();
    if (programs.isEmpty()) {
      throw new IOException("the image has no /bin/uname to replace");
    }
    for (WrappedProgram program : programs) {
      program.check();
    }
    return change(programs, WrappedProgram::install);
  }

  private interface Change {
    boolean make(WrappedProgram program) throws IOException;
  }

  private static List<ImagePath> change(List<WrappedProgram> programs, Change change)
      throws IOException {
    List<ImagePath> changed = new ArrayList<>();
    try {
      for (WrappedProgram program : programs) {
        if (change.make(program)) {
          changed.add(program.path());
        }
      }
      return changed;
    } catch (KernelException e) {
      throw e.is(Errno.EPERM) || e.is(Errno.EACCES)
          ? e.withHint("only root can change the files of an image")
          : e;
    }
  }

  /**
   * Puts the originals back; where there is no wrapper only what it left is taken away.
   *
   * @return the programs that are the originals again
   * @throws IOException if it cannot be done; what is refused is refused before anything is changed
   */
  public List<ImagePath> remove() throws IOException {
    List<WrappedProgram> programs = programs();
    for (WrappedProgram program : programs) {
      program.check();
    }
    return change(programs, WrappedProgram::remove);
  }

  @Override
  public void close() throws KernelException {
    directories.forEach(ImageDirectory::close);
    if (dpkg.isPresent()) {
      dpkg.get().close();
    }
    kernel.close(root);
  }
}
