// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * Files of an image that are to be as {@link SharedContents} says. What was there, a symbolic link
 * included, is kept beside with the ending {@code .syschroot-image}, and comes back when the file
 * is not wanted any more. For one thread.
 */
final class SharedFiles {
  private static final ImagePath RECORD = ImagePath.of("/etc/.syschroot-files");
  private static final String KEPT = ".syschroot-image";
  private static final String HEAD =
      "# Written by syschroot: files here that come from the host.\n";
  private static final int MODE = 0644;
  private static final int ANYBODY = 0777;

  private final Kernel kernel;
  private final int imageRoot;

  SharedFiles(Kernel kernel, int imageRoot) {
    this.kernel = kernel;
    this.imageRoot = imageRoot;
  }

  /** Returns whether any file of the image comes from the host. */
  static boolean hasRecord(Kernel kernel, int imageRoot) throws IOException {
    try (ImagePlace place = ImagePlace.of(kernel, imageRoot, RECORD)) {
      return place.status().isPresent();
    }
  }

  /**
   * Writes what has changed.
   *
   * @return the paths of what had
   * @throws IOException if a file cannot be written; those before it are written
   */
  List<ImagePath> renew(Map<ImagePath, SharedContent> wanted) throws IOException {
    Set<String> ours = record();
    List<ImagePath> changed = new ArrayList<>();
    for (Map.Entry<ImagePath, SharedContent> file : wanted.entrySet()) {
      try (ImagePlace place = ImagePlace.of(kernel, imageRoot, file.getKey())) {
        if (!has(place, file.getValue())) {
          put(place, file.getValue(), ours);
          changed.add(file.getKey());
        }
      }
    }
    for (String path : List.copyOf(ours)) {
      ImagePath old = ImagePath.of(path);
      if (!wanted.containsKey(old)) {
        giveBack(old);
        ours.remove(path);
        write(ours);
        changed.add(old);
      }
    }
    return changed;
  }

  private static boolean has(ImagePlace place, SharedContent content) throws IOException {
    if (content instanceof SharedContent.Link link) {
      return place.linkText().equals(Optional.of(OsString.of(link.text())));
    }
    return place
        .content()
        .filter(bytes -> new SharedContent.File(bytes).equals(content))
        .isPresent();
  }

  private void put(ImagePlace place, SharedContent content, Set<String> ours) throws IOException {
    if (ours.add(place.path().toString())) {
      keep(place);
      write(ours);
    }
    if (content instanceof SharedContent.File file) {
      place.replace(file.bytes(), MODE, -1);
      return;
    }
    String next = place.path().value().baseName() + ".syschroot-new";
    try (ImagePlace fresh = place.sibling(next)) {
      fresh.remove();
      fresh.link(OsString.of(((SharedContent.Link) content).text()));
      place.requireOfImage();
      fresh.renameTo(place.path().value().baseName());
    }
  }

  /** A copy, so that there is a file of the first name all the time. */
  private void keep(ImagePlace place) throws IOException {
    place.requireOfImage();
    try (ImagePlace kept = place.sibling(place.path().value().baseName() + KEPT)) {
      if (kept.status().isPresent() || place.status().isEmpty()) {
        return;
      }
      Optional<OsString> text = place.linkText();
      if (text.isPresent()) {
        kept.link(text.get());
      } else {
        byte[] content = place.content().orElseThrow(() -> notAFile(place));
        FileStatus there = place.status().orElseThrow(() -> notAFile(place));
        kept.replace(content, there.permissions() & ANYBODY, there.uid(), there.gid());
      }
    }
  }

  private static MountException notAFile(ImagePlace place) {
    return new MountException(
        place.path() + " of the image is not a regular file, and stays unchanged");
  }

  private void giveBack(ImagePath path) throws IOException {
    try (ImagePlace place = ImagePlace.of(kernel, imageRoot, path);
        ImagePlace kept = place.sibling(path.value().baseName() + KEPT)) {
      if (kept.status().isPresent()) {
        place.requireOfImage();
        kept.renameTo(path.value().baseName());
      } else {
        place.remove();
      }
    }
  }

  private Set<String> record() throws IOException {
    Set<String> paths = new TreeSet<>();
    try (ImagePlace place = ImagePlace.of(kernel, imageRoot, RECORD)) {
      new String(place.content().orElse(new byte[0]), StandardCharsets.UTF_8)
          .lines()
          .filter(SharedContents.PLACES::contains) // whoever made the image may have written it
          .forEach(paths::add);
    }
    return paths;
  }

  private void write(Set<String> paths) throws IOException {
    try (ImagePlace place = ImagePlace.of(kernel, imageRoot, RECORD)) {
      if (paths.isEmpty()) {
        place.remove();
      } else {
        String text = HEAD + String.join("\n", paths) + "\n";
        place.replace(text.getBytes(StandardCharsets.UTF_8), MODE, -1);
      }
    }
  }
}
