// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** This process as {@code /proc/self/status} shows its main thread, proc(5). Immutable. */
public final class ProcessStatus {
  private static final Path FILE = Path.of("/proc/self/status");
  private static final int EFFECTIVE = 1;

  private final String text;

  private ProcessStatus(String text) {
    this.text = text;
  }

  /**
   * Reads the file.
   *
   * @throws IOException if that fails
   */
  public static ProcessStatus read() throws IOException {
    // The name of the process, the only line with foreign text, may be anything.
    return new ProcessStatus(new String(Files.readAllBytes(FILE), StandardCharsets.ISO_8859_1));
  }

  /**
   * Returns the value of a line.
   *
   * @param key the beginning of the line, such as {@code SigIgn:}
   * @throws IOException if there is none
   */
  public String value(String key) throws IOException {
    int start = text.indexOf("\n" + key);
    if (start < 0) {
      throw new IOException(FILE + " has no line " + key);
    }
    int from = start + 1 + key.length();
    return text.substring(from, text.indexOf('\n', from)).strip();
  }

  /** Returns the effective user. */
  public int effectiveUid() throws IOException {
    return Integer.parseUnsignedInt(value("Uid:").split("\t")[EFFECTIVE]);
  }

  /** Returns the effective group. */
  public int effectiveGid() throws IOException {
    return Integer.parseUnsignedInt(value("Gid:").split("\t")[EFFECTIVE]);
  }

  /** Returns the supplementary groups. */
  public List<Integer> groups() throws IOException {
    List<Integer> groups = new ArrayList<>();
    for (String number : value("Groups:").split(" ")) {
      if (!number.isEmpty()) {
        groups.add(Integer.parseUnsignedInt(number));
      }
    }
    return Collections.unmodifiableList(groups);
  }
}
