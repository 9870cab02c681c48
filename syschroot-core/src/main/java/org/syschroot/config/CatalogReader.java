// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.CatalogProblem;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.ImageName;
import org.syschroot.image.Origin;
import org.syschroot.image.SchedulerSupport;
import org.syschroot.kernel.Errno;
import org.tomlj.Toml;

/**
 * Reads the images of a configuration directory: {@code images.d/NAME.toml}, one file an image, and
 * {@code syschroot.toml} with the defaults. A file of an image that is wrong is a problem of the
 * catalog, and the other images stay usable; wrong defaults concern all images and refuse the whole
 * directory. Immutable and thread-safe.
 */
public final class CatalogReader {
  private static final String SUFFIX = ".toml";

  private final FileTrust trust;
  private final SchedulerSupport schedulers;

  /**
   * Creates a reader that relies only on files that {@code trust} accepts, and knows no scheduler.
   */
  public CatalogReader(FileTrust trust) {
    this(trust, SchedulerSupport.NONE);
  }

  /**
   * Creates a reader that relies only on files that {@code trust} accepts.
   *
   * @param schedulers those whose names may be in {@code [submit]}
   */
  public CatalogReader(FileTrust trust, SchedulerSupport schedulers) {
    this.trust = trust;
    this.schedulers = schedulers;
  }

  /** Prepares the parser, which otherwise happens at the first file and takes longer than it. */
  public static void initialize() {
    Toml.parse("a = [\"b\"]\n[c]\nd = { e = true }\n");
  }

  /**
   * Reads all images. A directory without {@code images.d} has none. An image's file that is wrong,
   * not to be trusted or not readable is among {@link ImageCatalog#problems()}.
   *
   * @throws ConfigException if {@code syschroot.toml} is wrong or not to be trusted
   * @throws IOException if that file or a directory cannot be read
   */
  public ImageCatalog read(Path directory) throws IOException {
    SettingTable defaults = defaults(directory.resolve("syschroot.toml"));
    List<Image> images = new ArrayList<>();
    Map<String, Set<String>> refused = new LinkedHashMap<>();
    for (Path file : imageFiles(directory.resolve("images.d"))) {
      read(file, defaults, images, refused);
    }
    List<CatalogProblem> problems = new ArrayList<>();
    refused.forEach((message, names) -> problems.add(new CatalogProblem(names, message)));
    return ImageCatalog.of(images, problems);
  }

  /**
   * Reads one file.
   *
   * @param refused gets the names that what is wrong concerns, by the message: a wrong default
   *     concerns several images
   */
  private void read(
      Path file,
      @Nullable SettingTable defaults,
      List<Image> images,
      Map<String, Set<String>> refused) {
    String fileName = file.getFileName().toString();
    String stem = fileName.substring(0, fileName.length() - SUFFIX.length());
    // What a wrong file would have been selected by must not select another image.
    Set<String> names = new HashSet<>(Set.of(stem));
    try {
      ImageName name = name(stem, file);
      ImageSettings settings =
          new ImageSettings(ConfigFile.parse(file, trust), defaults, schedulers.names());
      names.addAll(settings.claimedNames());
      Image image = settings.toImage(name);
      List<CatalogProblem> withItself = ImageCatalog.of(List.of(image), List.of()).problems();
      if (withItself.isEmpty()) {
        images.add(image);
      } else {
        withItself.forEach(problem -> refuse(problem.message(), names, refused));
      }
    } catch (ConfigException e) {
      refuse(e.getMessage(), names, refused);
    } catch (IOException e) {
      // One that was removed since the directory was listed is not there.
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        refuse(file + ":1:1: cannot be read: " + reason(e), names, refused);
      }
    }
  }

  private static void refuse(String message, Set<String> names, Map<String, Set<String>> refused) {
    refused.computeIfAbsent(message, first -> new HashSet<>()).addAll(names);
  }

  private static String reason(IOException failure) {
    if (failure instanceof AccessDeniedException) {
      return Errno.EACCES.toString();
    }
    if (failure instanceof NoSuchFileException) {
      return Errno.ENOENT.toString();
    }
    return String.valueOf(failure.getMessage());
  }

  private static List<Path> imageFiles(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.exists(directory)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
        for (Path entry : entries) {
          String name = entry.getFileName().toString();
          if (name.endsWith(SUFFIX)) {
            files.add(entry);
          }
        }
      }
    }
    Collections.sort(files);
    return files;
  }

  private @Nullable SettingTable defaults(Path file) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    SettingTable top = ConfigFile.parse(file, trust);
    for (String key : top.keys()) {
      if (!key.equals("defaults")) {
        throw new ConfigException(
            top.origin(key), "unknown table or key \"" + key + "\": allowed is [defaults]");
      }
    }
    Optional<SettingTable> defaults = top.table("defaults", "a table: write [defaults]");
    if (defaults.isEmpty()) {
      return null;
    }
    ImageSettings.checkDefaults(defaults.get());
    return defaults.get();
  }

  private static ImageName name(String stem, Path file) throws ConfigException {
    try {
      return new ImageName(stem);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          new Origin(file.toString(), 1, 1), "the file's name: " + e.getMessage());
    }
  }
}
