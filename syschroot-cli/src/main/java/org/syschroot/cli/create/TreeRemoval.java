// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.create;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Deletes a directory tree, and nothing else.
 *
 * <p>Two things could lead a recursive delete out of the tree. A symbolic link, or a directory that
 * somebody replaces by one meanwhile: so the tree is walked by descriptors (openat(2) with {@code
 * O_NOFOLLOW}), and the top must still be the directory that it was when this object was made. A
 * mount, because what is deleted through a bind mount is gone from the host: so the mount table
 * must first show that there is none beneath.
 *
 * <p>Immutable; for one thread at a time.
 */
public final class TreeRemoval {
  private final Path top;
  private final Object identity;
  private final Path mountinfo;
  private final boolean mountedOn;

  private TreeRemoval(Path top, Path mountinfo) throws IOException {
    Path parent = top.toAbsolutePath().getParent();
    if (parent == null) {
      throw new CreateException("will not delete / , the native system itself");
    }
    this.top = parent.toRealPath().resolve(top.getFileName());
    this.mountinfo = mountinfo;
    BasicFileAttributes attributes =
        Files.readAttributes(this.top, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isDirectory()) {
      throw new NotDirectoryException(this.top.toString());
    }
    this.identity = Objects.requireNonNull(attributes.fileKey(), "device and inode");
    this.mountedOn = MountPoints.read(mountinfo).contains(this.top);
  }

  /**
   * Remembers which directory a path is now.
   *
   * @param top the top of the tree, not a symbolic link; not null
   * @throws IOException if it is no directory, or cannot be looked at
   */
  public static TreeRemoval of(Path top) throws IOException {
    return of(top, MountPoints.MOUNTINFO);
  }

  static TreeRemoval of(Path top, Path mountinfo) throws IOException {
    return new TreeRemoval(top, mountinfo);
  }

  /**
   * Deletes the directory and everything in it.
   *
   * @throws CreateException if something is mounted on it or beneath it, or if it is not the same
   *     directory any more; then nothing was deleted
   * @throws IOException if something cannot be deleted; then the rest stays
   */
  public void removeAll() throws IOException {
    remove(path -> true, true);
  }

  /**
   * Deletes what is chosen.
   *
   * @param chosen says of a path beneath {@link #top()} whether it is to go; of a directory only
   *     after what is in it
   * @param topToo whether the directory itself is to go
   * @throws DirectoryNotEmptyException if a chosen directory holds what was not chosen
   */
  void remove(Predicate<Path> chosen, boolean topToo) throws IOException {
    checkMounts(topToo);
    try (SecureDirectoryStream<Path> parent = secure(Files.newDirectoryStream(top.getParent()))) {
      try (SecureDirectoryStream<Path> directory = open(parent, top.getFileName())) {
        if (!identity.equals(attributes(directory).fileKey())) {
          throw new CreateException(
              "will not delete "
                  + top
                  + ": it was replaced meanwhile; look at it, and delete it"
                  + " by hand");
        }
        empty(directory, top, chosen);
      }
      if (topToo) {
        parent.deleteDirectory(top.getFileName());
      }
    }
  }

  /** Returns the directory without symbolic links on the way to it. */
  Path top() {
    return top;
  }

  private void checkMounts(boolean topToo) throws IOException {
    MountPoints mounts = MountPoints.read(mountinfo);
    List<String> found = new ArrayList<>();
    // What was mounted on a directory before the image was made in it is part of it.
    if (mounts.contains(top) && (topToo || !mountedOn)) {
      found.add(top.toString());
    }
    found.addAll(mounts.beneath(top));
    if (!found.isEmpty()) {
      throw new CreateException(
          "will not delete "
              + top
              + " while "
              + String.join(", ", found)
              + (found.size() == 1 ? " is" : " are")
              + " mounted, since that would delete the files of the host: unmount first, then"
              + " delete it by hand");
    }
  }

  private void empty(SecureDirectoryStream<Path> directory, Path path, Predicate<Path> chosen)
      throws IOException {
    for (Path name : names(directory)) {
      Path child = path.resolve(name);
      BasicFileAttributes attributes =
          directory
              .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
              .readAttributes();
      if (!attributes.isDirectory()) {
        if (chosen.test(child)) {
          directory.deleteFile(name);
        }
      } else if (chosen.test(child)) {
        try (SecureDirectoryStream<Path> inner = open(directory, name)) {
          empty(inner, child, chosen);
        }
        directory.deleteDirectory(name);
      }
    }
  }

  private static List<Path> names(DirectoryStream<Path> directory) {
    List<Path> names = new ArrayList<>();
    directory.forEach(entry -> names.add(entry.getFileName()));
    return names;
  }

  private static BasicFileAttributes attributes(SecureDirectoryStream<Path> directory)
      throws IOException {
    return directory.getFileAttributeView(BasicFileAttributeView.class).readAttributes();
  }

  private static SecureDirectoryStream<Path> open(SecureDirectoryStream<Path> in, Path name)
      throws IOException {
    return in.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
  }

  private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream)
      throws IOException {
    if (stream instanceof SecureDirectoryStream<Path> secure) {
      return secure;
    }
    stream.close();
    throw new CreateException("will not delete: this JVM has no openat(2), so it is not safe");
  }
}
