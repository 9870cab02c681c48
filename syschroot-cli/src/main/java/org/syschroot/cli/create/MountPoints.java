// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.create;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The mount points of the calling thread's mount namespace (proc_pid_mountinfo(5)). Immutable.
 *
 * <p>Paths are bytes in one char each: a name that Java cannot decode must not hide a mount.
 */
final class MountPoints {
  // /proc/self is the main thread's, and a thread can have a mount namespace of its own.
  static final Path MOUNTINFO = Path.of("/proc/thread-self/mountinfo");
  private static final int MOUNT_POINT = 4;
  private static final Pattern OCTAL = Pattern.compile("\\\\([0-3][0-7][0-7])");
  private static final Pattern PERCENT = Pattern.compile("%([0-9A-Fa-f]{2})");

  private final List<String> paths;

  private MountPoints(List<String> paths) {
    this.paths = List.copyOf(paths);
  }

  static MountPoints read(Path mountinfo) throws IOException {
    return parse(Files.readAllLines(mountinfo, StandardCharsets.ISO_8859_1));
  }

  static MountPoints parse(List<String> lines) throws IOException {
    List<String> paths = new ArrayList<>();
    for (String line : lines) {
      String[] fields = line.split(" ");
      if (fields.length <= MOUNT_POINT || !fields[MOUNT_POINT].startsWith("/")) {
        throw new IOException("not a line of mountinfo: " + line);
      }
      paths.add(decode(fields[MOUNT_POINT], OCTAL, 8));
    }
    if (paths.isEmpty()) {
      throw new IOException("mountinfo is empty, so it cannot say what is mounted");
    }
    return new MountPoints(paths);
  }

  /**
   * Returns the mount points strictly beneath a directory.
   *
   * @param directory absolute, without symbolic links
   */
  List<String> beneath(Path directory) {
    String prefix = bytes(directory) + "/";
    return paths.stream()
        .filter(path -> path.startsWith(prefix))
        .map(path -> new String(path.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8))
        .toList();
  }

  /** Returns whether a directory, absolute and without symbolic links, is itself mounted on. */
  boolean contains(Path directory) {
    return paths.contains(bytes(directory));
  }

  private static String bytes(Path path) {
    // The URI has the bytes of the name as they are, the text only what could be decoded.
    String text = decode(path.toUri().getRawPath(), PERCENT, 16);
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }

  private static String decode(String text, Pattern escape, int radix) {
    Matcher matcher = escape.matcher(text);
    return matcher.replaceAll(
        match ->
            Matcher.quoteReplacement(
                String.valueOf((char) Integer.parseInt(match.group(1), radix))));
  }
}
