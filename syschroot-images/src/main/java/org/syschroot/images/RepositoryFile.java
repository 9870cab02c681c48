// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file that describes repositories of RPM packages, a section each, as in {@code
 * /etc/yum.repos.d} (dnf.conf(5), "Repo options"). Immutable.
 *
 * @param file where it was read; not null
 * @param text all of it; not null
 * @param sections the repositories, by the ids in brackets
 */
public record RepositoryFile(Path file, String text, Map<String, Boolean> sections) {
  private static final int MOST_BYTES = 1 << 20;
  private static final Pattern SECTION = Pattern.compile("\\[([^\\]]*)\\]\\s*");
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_.:-]+");
  private static final Pattern KEY = Pattern.compile("([A-Za-z_][A-Za-z0-9_.]*)\\s*[=:]\\s*(.*)");
  private static final List<String> SOURCES = List.of("baseurl", "mirrorlist", "metalink");
  private static final List<String> FALSE = List.of("0", "no", "false", "off");

  /** Copies the map. */
  public RepositoryFile {
    sections = Map.copyOf(sections);
  }

  /**
   * Reads a file.
   *
   * @throws CreateException if there is none, or none that dnf would take, with the line
   */
  public static RepositoryFile read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new CreateException(
          file + ": there is no such file: name a file as in /etc/yum.repos.d with --repo");
    }
    if (!Files.isRegularFile(file)) {
      throw new CreateException(file + " is not a regular file: name a file with repositories");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MOST_BYTES + 1);
    }
    if (bytes.length > MOST_BYTES) {
      throw new CreateException(file + " has more than 1 MiB: it is not a file of repositories");
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return parse(file, text);
    } catch (CharacterCodingException e) {
      throw new CreateException(
          file + " is not text in UTF-8: it is not a file of repositories", e);
    }
  }

  static RepositoryFile parse(Path file, String text) throws CreateException {
    Map<String, Map<String, String>> sections = new LinkedHashMap<>();
    Map<String, String> current = null;
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      String place = file + ":" + number + ": ";
      Matcher section = SECTION.matcher(line);
      Matcher key = KEY.matcher(line);
      if (line.isBlank() || "#; \t".indexOf(line.charAt(0)) >= 0) {
        continue; // a comment, or more of the value above
      }
      if (section.matches()) {
        current = new LinkedHashMap<>();
        String id = section.group(1);
        if (!ID.matcher(id).matches() || id.equals("main")) {
          throw new CreateException(
              place
                  + "\""
                  + id
                  + "\" is not the id of a repository: letters, digits, - _ . : only");
        }
        if (sections.put(id, current) != null) {
          throw new CreateException(place + "the repository \"" + id + "\" is there twice");
        }
      } else if (key.matches() && current != null) {
        current.put(key.group(1).toLowerCase(Locale.ROOT), key.group(2).strip());
      } else {
        throw new CreateException(
            place
                + "neither [ID] nor KEY=VALUE of a repository: a file as in /etc/yum.repos.d is needed");
      }
    }
    return new RepositoryFile(file, text, enabled(file, sections));
  }

  private static Map<String, Boolean> enabled(Path file, Map<String, Map<String, String>> sections)
      throws CreateException {
    if (sections.isEmpty()) {
      throw new CreateException(
          file + " names no repository: a section [ID] with baseurl=URL is needed");
    }
    Map<String, Boolean> enabled = new LinkedHashMap<>();
    for (Map.Entry<String, Map<String, String>> section : sections.entrySet()) {
      Map<String, String> keys = section.getValue();
      if (SOURCES.stream().noneMatch(keys::containsKey)) {
        throw new CreateException(
            file
                + ": the repository \""
                + section.getKey()
                + "\" has no place: add baseurl=URL, mirrorlist=URL or metalink=URL");
      }
      boolean isEnabled = isTrue(keys, "enabled");
      // The new root directory has no keys yet, so dnf would refuse every package, in 90 lines.
      if (isEnabled && isTrue(keys, "gpgcheck") && !keys.containsKey("gpgkey")) {
        throw new CreateException(
            file
                + ": the repository \""
                + section.getKey()
                + "\" names no key to check signatures with: add gpgkey=URL, or gpgcheck=0 for"
                + " packages of your own that are not signed");
      }
      enabled.put(section.getKey(), isEnabled);
    }
    return enabled;
  }

  private static boolean isTrue(Map<String, String> keys, String key) {
    return !FALSE.contains(keys.getOrDefault(key, "1").toLowerCase(Locale.ROOT));
  }

  /**
   * Checks that files can be used together.
   *
   * @throws CreateException if two have a repository of the same id, or none is enabled
   */
  static void check(List<RepositoryFile> files) throws CreateException {
    Map<String, Path> seen = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    boolean any = false;
    for (RepositoryFile file : files) {
      names.add(file.file.toString());
      any |= file.sections.containsValue(true);
      for (String id : file.sections.keySet()) {
        Path other = seen.put(id, file.file);
        if (other != null) {
          throw new CreateException(
              "the repository \""
                  + id
                  + "\" is in "
                  + other
                  + " and in "
                  + file.file
                  + ": name one");
        }
      }
    }
    if (!any) {
      throw new CreateException(
          "no repository is enabled in "
              + String.join(", ", names)
              + ": set enabled=1 in one that is needed");
    }
  }
}
