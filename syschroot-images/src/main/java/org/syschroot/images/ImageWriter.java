// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import org.syschroot.images.ImageEntry.Directory;
import org.syschroot.images.ImageEntry.RegularFile;
import org.syschroot.images.ImageEntry.SymbolicLink;

/**
 * Makes entries in an image's root, each owned by root, and remembers them. Never replaces
 * anything. For one thread.
 */
final class ImageWriter {
  private static final FileAttribute<Set<PosixFilePermission>> UNFINISHED =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path root;
  private final Set<Path> made = new HashSet<>();
  private long bytes;

  ImageWriter(Path root) {
    this.root = root;
  }

  void write(ImageEntry entry) throws IOException {
    Path target = target(entry.path());
    if (entry instanceof Directory directory) {
      Files.createDirectory(target);
      made.add(target);
      finish(target, directory.mode());
    } else if (entry instanceof SymbolicLink link) {
      Files.createSymbolicLink(target, link.text());
      made.add(target);
      RootOwned.own(target);
    } else if (entry instanceof RegularFile file) {
      copy(file, target);
      finish(target, file.mode());
    }
  }

  private void copy(RegularFile file, Path target) throws IOException {
    try (FileChannel from =
            FileChannel.open(file.source(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        FileChannel to =
            FileChannel.open(
                target,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                UNFINISHED)) {
      made.add(target);
      bytes += FileCopy.copy(from, to);
    }
  }

  private static void finish(Path target, int mode) throws IOException {
    RootOwned.own(target);
    Files.setAttribute(target, "unix:mode", mode);
  }

  /** Returns the place of a path of the image. */
  Path target(Path path) {
    return root.resolve(path.getRoot().relativize(path));
  }

  /** Adds what somebody else made for this image. */
  void alsoMade(Path target) {
    made.add(target);
  }

  boolean made(Path target) {
    return made.contains(target);
  }

  long bytes() {
    return bytes;
  }
}
