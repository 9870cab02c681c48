// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.rules;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.syschroot.config.FileTrust;

/**
 * A jar of a site, and which of its classes it names as services. ServiceLoader finds them as well,
 * but its failures do not tell the jar. Immutable.
 *
 * @param file the jar
 * @param services the names of classes, by the name of the interface
 */
record SiteJar(Path file, Map<String, List<String>> services) {
  private static final String PREFIX = "META-INF/services/";

  /**
   * Reads what a jar names.
   *
   * @throws SiteCodeException if it is none, cannot be read, or could have been changed by others
   */
  static SiteJar read(Path file, FileTrust trust, List<Class<?>> interfaces)
      throws SiteCodeException {
    try {
      trust.check(file);
    } catch (IOException e) {
      throw new SiteCodeException(file, String.valueOf(e.getMessage()), e);
    }
    // A pipe would be waited for.
    if (!Files.isRegularFile(file)) {
      throw new SiteCodeException(
          file, "not a regular file: remove it, or replace it by a jar", null);
    }
    Map<String, List<String>> services = new HashMap<>();
    try (JarFile jar = new JarFile(file.toFile())) {
      for (Class<?> service : interfaces) {
        ZipEntry entry = jar.getEntry(PREFIX + service.getName());
        if (entry != null) {
          services.put(service.getName(), classes(jar, entry));
        }
      }
    } catch (IOException | UncheckedIOException | IllegalArgumentException | SecurityException e) {
      throw new SiteCodeException(file, "cannot read the jar: " + e.getMessage(), e);
    }
    return new SiteJar(file, Map.copyOf(services));
  }

  /**
   * Reads the lines as {@link java.util.ServiceLoader} does: one class each, {@code #} comments.
   */
  private static List<String> classes(JarFile jar, ZipEntry entry) throws IOException {
    List<String> names = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(jar.getInputStream(entry), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int comment = line.indexOf('#');
        String name = (comment < 0 ? line : line.substring(0, comment)).strip();
        if (!name.isEmpty() && !names.contains(name)) {
          names.add(name);
        }
      }
    }
    return List.copyOf(names);
  }
}
