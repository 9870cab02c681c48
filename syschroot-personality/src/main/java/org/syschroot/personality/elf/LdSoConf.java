// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the directories of ld.so.conf (ldconfig(8)). Mutable, for one reading and one thread. */
final class LdSoConf {
  private static final int MAX_FILES = 500;
  private static final int MAX_FILE_BYTES = 1 << 20;
  private static final int MAX_NAMES = 4096;
  private static final int MAX_PATTERN = 4096;

  private final SystemTree tree;
  private final Set<String> seen = new HashSet<>();
  private final Set<String> directories = new LinkedHashSet<>();

  private LdSoConf(SystemTree tree) {
    this.tree = tree;
  }

  /** Returns the absolute directories in order, each once; none when there is no such file. */
  static List<String> directories(SystemTree tree) throws IOException {
    LdSoConf conf = new LdSoConf(tree);
    conf.readFile("/etc/ld.so.conf");
    return List.copyOf(conf.directories);
  }

  private void readFile(String path) throws IOException {
    Optional<SystemTree.Located> found = tree.locateFile(path);
    // A file can include itself, and what it says a second time changes nothing.
    if (found.isEmpty() || !seen.add(found.get().path())) {
      return;
    }
    checkLimit(seen.size(), MAX_FILES, path, "files are included");
    byte[] content;
    try (InputStream in = Files.newInputStream(found.get().file())) {
      content = in.readNBytes(MAX_FILE_BYTES + 1);
    } catch (FileSystemException e) {
      return; // ldconfig warns and goes on
    }
    checkLimit(content.length, MAX_FILE_BYTES, path, "bytes are in the file");
    String base = path.substring(0, path.lastIndexOf('/') + 1);
    for (String line : new String(content, StandardCharsets.UTF_8).split("\n")) {
      readLine(line, base, path);
    }
  }

  private void readLine(String line, String base, String path) throws IOException {
    int comment = line.indexOf('#');
    String text = (comment < 0 ? line : line.substring(0, comment)).strip();
    String[] words = text.split("\\s+");
    if (words[0].equals("include")) {
      for (int i = 1; i < words.length; i++) {
        String pattern = words[i].startsWith("/") ? words[i] : base + words[i];
        for (String file : expand(pattern)) {
          readFile(file);
        }
      }
    } else if (text.startsWith("/")) {
      // "directory=libc6" is the old way to name a library type.
      int type = text.indexOf('=');
      String directory = type < 0 ? text : text.substring(0, type).strip();
      if (directory.length() < MAX_PATTERN) {
        directories.add(directory.replaceAll("(?<=.)/++$", ""));
        checkLimit(directories.size(), MAX_NAMES, path, "directories are listed");
      }
    }
  }

  private List<String> expand(String pattern) throws IOException {
    if (pattern.length() > MAX_PATTERN) {
      return List.of();
    }
    List<String> prefixes = List.of("");
    for (String name : pattern.split("/")) {
      if (name.isEmpty()) {
        continue;
      }
      List<String> longer = new ArrayList<>();
      for (String prefix : prefixes) {
        if (GlobPattern.isWildcard(name)) {
          GlobPattern glob = new GlobPattern(name);
          for (String entry : tree.list(prefix.isEmpty() ? "/" : prefix)) {
            if (glob.matches(entry)) {
              longer.add(prefix + "/" + entry);
            }
          }
        } else {
          longer.add(prefix + "/" + name);
        }
        checkLimit(longer.size(), MAX_NAMES, pattern, "names match");
      }
      prefixes = longer;
    }
    return prefixes;
  }

  private static void checkLimit(int count, int limit, String path, String what)
      throws IOException {
    if (count > limit) {
      throw new IOException(path + ": more than " + limit + " " + what);
    }
  }
}
