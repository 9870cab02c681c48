// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.schroot;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.syschroot.config.FileTrust;

/**
 * Turns schroot's configuration into settings of images. Immutable and thread-safe.
 *
 * @param images the chroots that can be images; copied
 * @param findings what they do not say as schroot's configuration did, in the order of the files;
 *     copied
 */
public record SchrootImport(List<ImportedImage> images, List<ImportNote> findings) {
  private static final Path DIRECTORY = Path.of("/etc/schroot");
  private static final String FURTHER = "chroot.d";
  // Of what dpkg and editors leave behind, schroot reads nothing.
  private static final Pattern FILE_NAME =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*(?<!dpkg-(old|dist|new|tmp))");

  /** Copies the lists. */
  public SchrootImport {
    images = List.copyOf(images);
    findings = List.copyOf(findings);
  }

  /**
   * Returns the files that schroot reads: {@code schroot.conf}, and what is in {@code chroot.d} and
   * has a name that it accepts.
   *
   * @throws IOException if there is no {@code schroot.conf}
   */
  public static List<Path> installed() throws IOException {
    return filesIn(DIRECTORY);
  }

  static List<Path> filesIn(Path directory) throws IOException {
    List<Path> files = new ArrayList<>();
    Path first = directory.resolve("schroot.conf");
    if (!Files.exists(first)) {
      throw new IOException(first + " is missing: give the files to import");
    }
    files.add(first);
    Path further = directory.resolve(FURTHER);
    if (Files.isDirectory(further)) {
      try (Stream<Path> entries = Files.list(further)) {
        entries
            .filter(file -> FILE_NAME.matcher(file.getFileName().toString()).matches())
            .filter(Files::isRegularFile)
            .sorted()
            .forEach(files::add);
      }
    }
    return files;
  }

  /**
   * Reads files of schroot. Profiles are looked for in the directory of each file, or in the one
   * above if that is {@code chroot.d}.
   *
   * @param trust decides whether a file may be relied on; schroot itself wants root's
   * @throws KeyFileException if one cannot be understood
   * @throws IOException if one cannot be read
   */
  public static SchrootImport read(List<Path> files, FileTrust trust) throws IOException {
    List<ImportedImage> images = new ArrayList<>();
    List<ImportNote> findings = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    List<KeyFile> parsed = new ArrayList<>();
    for (Path file : files) {
      parsed.add(KeyFile.parse(file, lines(file, trust)));
    }
    for (KeyFile file : parsed) {
      for (KeyFile.Group group : file.groups()) {
        if (!names.add(group.name())) {
          throw new KeyFileException(
              new ImportNote(
                  file.file(),
                  group.line(),
                  "a second [" + group.name() + "]: rename one of them"));
        }
      }
    }
    for (KeyFile file : parsed) {
      Profiles profiles = new Profiles(profilesBeside(file.file()), trust);
      for (KeyFile.Group group : file.groups()) {
        new ChrootDefinition(file.file(), group, profiles, names, findings)
            .toImage()
            .ifPresent(images::add);
      }
    }
    return new SchrootImport(images, findings);
  }

  private static Path profilesBeside(Path file) {
    Path directory = file.toAbsolutePath().resolveSibling("").normalize();
    return directory.endsWith(FURTHER) ? directory.resolveSibling("").normalize() : directory;
  }

  static List<String> lines(Path file, FileTrust trust) throws IOException {
    trust.check(file.toAbsolutePath());
    try {
      return Files.readAllLines(file);
    } catch (MalformedInputException e) {
      throw new IOException(file + ": not UTF-8, as schroot.conf(5) requires", e);
    }
  }
}
