// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cdi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.syschroot.mountplan.BindMount;
import org.syschroot.path.ImagePath;

/**
 * The further names of libraries. CDI names {@code libcuda.so.550.54}, programs want {@code
 * libcuda.so.1}: in a container a hook has ldconfig(8) make that link, in an image nothing of which
 * is to be changed the library is mounted by both names.
 */
final class LibraryLinks {
  private static final Pattern LIBRARY = Pattern.compile("(lib[^/]*\\.so)\\..+");

  private final FileSystem files;
  private final Map<Path, Map<String, List<String>>> known = new HashMap<>();

  LibraryLinks(FileSystem files) {
    this.files = files;
  }

  /** Returns the places in the image at which the host has links to a library beside it. */
  List<ImagePath> of(BindMount mount) {
    Matcher library = LIBRARY.matcher(mount.source().value().baseName().toString());
    if (!library.matches()) {
      return List.of();
    }
    Path source = files.getPath(mount.source().toString());
    String target = mount.target().toString();
    String directory = target.substring(0, target.lastIndexOf('/') + 1);
    List<ImagePath> places = new ArrayList<>();
    for (String link :
        known
            .computeIfAbsent(source.getParent(), LibraryLinks::links)
            .getOrDefault(library.group(), List.of())) {
      places.add(ImagePath.of(directory + link));
    }
    return places;
  }

  /** Returns the links of a directory to libraries in it, by the names of these. */
  private static Map<String, List<String>> links(Path directory) {
    Map<String, List<String>> links = new HashMap<>();
    if (!Files.isDirectory(directory)) {
      return links;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "lib*.so*")) {
      for (Path entry : entries) {
        if (Files.isSymbolicLink(entry)) {
          Path target = Files.readSymbolicLink(entry);
          if (target.getNameCount() == 1 && !target.isAbsolute()) {
            links
                .computeIfAbsent(target.toString(), name -> new ArrayList<>())
                .add(entry.getFileName().toString());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look for libraries in " + directory, e);
    }
    links.values().forEach(Collections::sort);
    return links;
  }
}
