// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One archive of binary packages in apt's configuration (sources.list(5)). Immutable.
 *
 * @param uri where the archive is
 * @param suite the suite or code name
 * @param components such as {@code main}; copied
 * @param signedBy the keyring, empty when apt's own are used
 */
record AptEntry(String uri, String suite, List<String> components, String signedBy) {
  private static final Pattern LINE =
      Pattern.compile(
          "deb\\s+(?:\\[([^\\]]*)\\]\\s*)?"
              + "([^\\s\\[]\\S*)\\s+(\\S+)((?:\\s+[^\\s#]+)*)\\s*(?:#.*)?");
  private static final Pattern SIGNED_BY = Pattern.compile("(?i)(?:^|\\s)signed-by\\s*=\\s*(\\S+)");

  AptEntry {
    components = List.copyOf(components);
  }

  /** Reads the format with an archive a line. What is not understood is left out. */
  static List<AptEntry> parseLines(List<String> lines) {
    List<AptEntry> entries = new ArrayList<>();
    for (String line : lines) {
      Matcher matcher = LINE.matcher(line.strip());
      if (matcher.matches()) {
        Matcher signedBy = SIGNED_BY.matcher(matcher.group(1) == null ? "" : matcher.group(1));
        entries.add(
            new AptEntry(
                matcher.group(2),
                matcher.group(3),
                words(matcher.group(4)),
                signedBy.find() ? signedBy.group(1) : ""));
      }
    }
    return entries;
  }

  /** Reads the deb822 format, with stanzas of fields. */
  static List<AptEntry> parseStanzas(List<String> lines) {
    List<AptEntry> entries = new ArrayList<>();
    Map<String, String> fields = new LinkedHashMap<>();
    String field = "";
    for (String line : lines) {
      if (line.isBlank()) {
        addStanza(fields, entries);
        fields.clear();
      } else if (!line.startsWith("#")) {
        boolean continued = Character.isWhitespace(line.charAt(0));
        int colon = line.indexOf(':');
        if (!continued && colon > 0) {
          field = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
        }
        String value = continued ? line : line.substring(colon + 1);
        fields.merge(field, value.strip(), (old, more) -> old + "\n" + more);
      }
    }
    addStanza(fields, entries);
    return entries;
  }

  private static void addStanza(Map<String, String> fields, List<AptEntry> entries) {
    String enabled = fields.getOrDefault("enabled", "yes").toLowerCase(Locale.ROOT);
    if (!words(fields.get("types")).contains("deb")
        || List.of("no", "false", "without", "off", "disable").contains(enabled)) {
      return;
    }
    for (String uri : words(fields.get("uris"))) {
      for (String suite : words(fields.get("suites"))) {
        entries.add(
            new AptEntry(
                uri,
                suite,
                words(fields.get("components")),
                fields.getOrDefault("signed-by", "").strip()));
      }
    }
  }

  private static List<String> words(@Nullable String text) {
    return text == null || text.isBlank() ? List.of() : Arrays.asList(text.strip().split("\\s+"));
  }
}
