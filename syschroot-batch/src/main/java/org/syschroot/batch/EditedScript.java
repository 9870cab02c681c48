// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.syschroot.path.OsString;

/**
 * A job's script with another first line, which names a launcher. The user's file is left alone.
 * Immutable.
 */
public final class EditedScript {
  private final Optional<OsString> path;
  private final OsString firstLine;
  private final byte[] content;

  private EditedScript(Optional<OsString> path, OsString firstLine, byte[] content) {
    this.path = path;
    this.firstLine = firstLine;
    this.content = content;
  }

  static EditedScript of(Optional<OsString> path, byte[] original, OsString firstLine) {
    int end = 0;
    while (end < original.length && original[end] != '\n') {
      end++;
    }
    byte[] line = firstLine.toBytes();
    byte[] content = Arrays.copyOf(line, line.length + original.length - end);
    System.arraycopy(original, end, content, line.length, original.length - end);
    return new EditedScript(path, firstLine, content);
  }

  /** Returns the path of the user's script, or empty if it came from standard input. */
  public Optional<OsString> path() {
    return path;
  }

  /** Returns the new first line, without its end. */
  public OsString firstLine() {
    return firstLine;
  }

  /** Returns the whole script. */
  public byte[] content() {
    return content.clone();
  }

  @Override
  public String toString() {
    return new String(content, StandardCharsets.UTF_8);
  }
}
