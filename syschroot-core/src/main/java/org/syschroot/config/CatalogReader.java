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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.host.SchedulerSupport;
import org.syschroot.image.CatalogProblem;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.ImageName;
import org.syschroot.image.Origin;
import org.syschroot.kernel.Errno;
import org.tomlj.Toml;

/**
 * Reads the images of a configuration directory: {@code images.d/NAME.toml}, one file an image, and
 * {@code syschroot.toml} with the defaults. A file of an image that is wrong is a problem of the
 * catalog, and the other images stay usable; wrong defaults concern all images and refuse the whole
 * directory. Immutable and thread-safe.
 *
 * <p>To use directly for settings that are in no directory, such as a text in a database: {@code
 * Syschroot} reads directories by itself.
 *
 * <pre>{@code
 * Image tools = CatalogReader.image("tools", "root = \"/sysroot/tools\"");
 * Syschroot syschroot = Syschroot.of(ImageCatalog.of(List.of(tools)));
 * }</pre>
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
   * Returns the image of settings that are in no file. Names of schedulers are not checked.
   *
   * @param name the name of the image
   * @param settings what its file in {@code images.d} would have
   * @throws ConfigException with the place in the text, if they are wrong
   * @throws IllegalArgumentException if the name is none
   */
  public static Image image(String name, String settings) throws ConfigException {
    SettingTable table = ConfigFile.parse(new TomlText(name + SUFFIX, settings));
    return new ImageSettings(table, null, SchedulerSupport.NONE).toImage(new ImageName(name));
  }

  /**
   * Reads all images. A directory without {@code images.d} has none. An image's file that is wrong,
   * not to be trusted or not readable is among {@link ImageCatalog#problems()}.
   *
   * @throws ConfigException if {@code syschroot.toml} is wrong or not to be trusted
   * @throws IOException if that file or a directory cannot be read
   */
  public ImageCatalog read(Path directory) throws IOException {
    return catalog(readOne(directory));
  }

  /**
   * Reads the images of the system and a user's own. A name that an image of the system claims is
   * not the user's to give, whether that image can be used or not. Whatever is wrong in the user's
   * directory is among {@link ImageCatalog#problems()}, and concerns no image of the system.
   *
   * @throws ConfigException if the system's {@code syschroot.toml} is wrong or not to be trusted
   * @throws IOException if that file or the system's directory cannot be read
   */
  public ImageCatalog read(ConfigDirectories directories) throws IOException {
    ReadImages system = readOne(directories.system());
    if (directories.own().isEmpty()) {
      return catalog(system);
    }
    Path directory = directories.own().get();
    ReadImages own;
    try {
      own = readOne(directory);
    } catch (ConfigException e) {
      own = new ReadImages();
      own.refuse(e.getMessage(), stems(directory));
    } catch (IOException e) {
      own = new ReadImages();
      own.refuse(directory + ":1:1: cannot be read: " + reason(e), Set.of());
    }
    system.addBeneath(own);
    return catalog(system);
  }

  private static ImageCatalog catalog(ReadImages read) {
    return ImageCatalog.of(read.images(), read.problems());
  }

  private ReadImages readOne(Path directory) throws IOException {
    SettingTable defaults = defaults(directory.resolve("syschroot.toml"));
    ReadImages read = new ReadImages();
    for (Path file : imageFiles(directory.resolve("images.d"))) {
      read(file, defaults, read);
    }
    return read;
  }

  /** Returns the names of the images whose files are there, whatever is in them. */
  private static Set<String> stems(Path directory) {
    Set<String> stems = new HashSet<>();
    try {
      imageFiles(directory.resolve("images.d")).forEach(file -> stems.add(stem(file)));
    } catch (IOException unknown) {
      // They select nothing in any case.
    }
    return stems;
  }

  private static String stem(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - SUFFIX.length());
  }

  private void read(Path file, @Nullable SettingTable defaults, ReadImages read) {
    String stem = stem(file);
    // What a wrong file would have been selected by must not select another image.
    Set<String> names = new HashSet<>(Set.of(stem));
    try {
      ImageName name = name(stem, file);
      ImageSettings settings =
          new ImageSettings(ConfigFile.parse(file, trust), defaults, schedulers);
      names.addAll(settings.claimedNames());
      Image image = settings.toImage(name);
      List<CatalogProblem> withItself = ImageCatalog.of(List.of(image), List.of()).problems();
      if (withItself.isEmpty()) {
        read.add(image, names);
      } else {
        withItself.forEach(problem -> read.refuse(problem.message(), names));
      }
    } catch (ConfigException e) {
      read.refuse(e.getMessage(), names);
    } catch (IOException e) {
      // One that was removed since the directory was listed is not there.
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        read.refuse(file + ":1:1: cannot be read: " + reason(e), names);
      }
    }
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
            top.origin(key), "unknown table or key \"" + key + "\": only [defaults] is allowed");
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
