// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A program or library in the order of loading. Immutable and thread-safe.
 *
 * @param origin the directory that $ORIGIN stands for
 * @param loader the object that asked for this one, null for the program
 */
record LoadedObject(ElfFile elf, String origin, @Nullable LoadedObject loader) {
  // As in glibc's is_dst: a bare name must not go on with a letter, digit or underscore.
  private static final Pattern TOKEN =
      Pattern.compile("\\$(?:\\{(ORIGIN|LIB|PLATFORM)\\}|(ORIGIN|LIB|PLATFORM)(?![A-Za-z0-9_]))");
  private static final int PATH_MAX = 4096;

  /** Expands the tokens of ld.so(8) in a path, in each way that $LIB can be meant. */
  List<String> expand(String path, Architecture architecture) {
    if (path.indexOf('$') < 0) {
      return List.of(path);
    }
    List<String> expanded = new ArrayList<>();
    for (String lib : architecture.libNames()) {
      String text = expand(path, lib, architecture.platform());
      if (text != null && !expanded.contains(text)) {
        expanded.add(text);
      }
    }
    return expanded;
  }

  /** Returns null for a path that is too long to be one. */
  private @Nullable String expand(String path, String lib, String platform) {
    Matcher matcher = TOKEN.matcher(path);
    StringBuilder text = new StringBuilder();
    while (matcher.find()) {
      String token = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
      String value =
          switch (token) {
            case "ORIGIN" -> origin;
            case "LIB" -> lib;
            default -> platform;
          };
      matcher.appendReplacement(text, Matcher.quoteReplacement(value));
      // Many tokens make a long path of a short one.
      if (text.length() >= PATH_MAX) {
        return null;
      }
    }
    return matcher.appendTail(text).toString();
  }
}
