// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.ImageName;
import org.syschroot.image.Origin;
import org.syschroot.trust.UntrustedException;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;

/**
 * Reads the images of a configuration directory: {@code images.d/NAME.toml}, one file an image, and
 * {@code syschroot.toml} with the defaults. The first thing that is wrong refuses the whole
 * directory: a catalog with holes would let a name mean something else than intended. Immutable and
 * thread-safe.
 */
public final class CatalogReader {
  private static final String SUFFIX = ".toml";

  private final FileTrust trust;

  /** Creates a reader that relies only on files that {@code trust} accepts. */
  public CatalogReader(FileTrust trust) {
    this.trust = trust;
  }

  /** Prepares the parser, which otherwise happens at the first file and takes longer than it. */
  public static void initialize() {
    Toml.parse("a = [\"b\"]\n[c]\nd = { e = true }\n");
  }

  /**
   * Reads all images. A directory without {@code images.d} has none.
   *
   * @throws ConfigException if a file is wrong or not to be trusted
   * @throws IOException if a file cannot be read
   */
  public ImageCatalog read(Path directory) throws IOException {
    SettingTable defaults = defaults(directory.resolve("syschroot.toml"));
    List<Image> images = new ArrayList<>();
    for (Path file : imageFiles(directory.resolve("images.d"))) {
      images.add(image(file, defaults));
    }
    try {
      return ImageCatalog.of(images);
    } catch (ImageCatalog.DuplicateNameException e) {
      throw new ConfigException(originOfNames(e.second(), e.key()), e.getMessage());
    }
  }

  private static Origin originOfNames(Image image, String key) {
    Origin root = image.origins().get("root");
    Origin names = image.origins().get(key);
    return names != null ? names : root;
  }

  private static List<Path> imageFiles(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(directory)) {
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
    SettingTable top = parse(file);
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

  private Image image(Path file, @Nullable SettingTable defaults) throws IOException {
    String fileName = file.getFileName().toString();
    ImageName name;
    try {
      name = new ImageName(fileName.substring(0, fileName.length() - SUFFIX.length()));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          new Origin(file.toString(), 1, 1), "the file's name: " + e.getMessage());
    }
    return new ImageSettings(parse(file), defaults).toImage(name);
  }

  private SettingTable parse(Path file) throws IOException {
    try {
      trust.check(file);
    } catch (UntrustedException e) {
      throw new ConfigException(new Origin(file.toString(), 1, 1), e.getMessage());
    }
    String content = decode(file);
    TomlParseResult result = Toml.parse(content);
    if (result.hasErrors()) {
      TomlParseError first = result.errors().get(0);
      throw new ConfigException(
          new Origin(file.toString(), first.position().line(), first.position().column()),
          "not TOML: " + first.getMessage());
    }
    return new SettingTable(new TomlText(file.toString(), content), result);
  }

  private static String decode(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ConfigException(
          new Origin(file.toString(), lineOfBadByte(bytes), 1), "not UTF-8, which TOML must be");
    }
  }

  private static int lineOfBadByte(byte[] bytes) {
    int line = 1;
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        String text = new String(bytes, start, i - start, StandardCharsets.UTF_8);
        if (text.indexOf('\ufffd') >= 0) {
          return line;
        }
        line++;
        start = i + 1;
      }
    }
    return line;
  }
}
