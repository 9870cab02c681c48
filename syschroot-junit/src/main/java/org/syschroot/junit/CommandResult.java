// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.junit;

import java.util.List;
import org.opentest4j.AssertionFailedError;

/**
 * How a command in an image has ended. Immutable.
 *
 * @param image the name of the image
 * @param command the program and its arguments
 * @param exitStatus the exit status, 128 and the number of a signal if that has killed it
 * @param output what it has written to standard output, as UTF-8
 * @param error what it has written to standard error, as UTF-8
 */
public record CommandResult(
    String image, List<String> command, int exitStatus, String output, String error) {
  /** Copies the list. */
  public CommandResult {
    command = List.copyOf(command);
  }

  /**
   * Returns this result of a command that has exited with 0.
   *
   * @throws AssertionFailedError if it has not; the message has the output
   */
  public CommandResult requireSuccess() {
    if (exitStatus != 0) {
      throw new AssertionFailedError(toString());
    }
    return this;
  }

  /** Returns the command, its exit status and its output, for people to read. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(image).append("$ ").append(String.join(" ", command));
    text.append("\nexit status ").append(exitStatus);
    append(text, "output", output);
    append(text, "error", error);
    return text.toString();
  }

  private static void append(StringBuilder text, String name, String lines) {
    if (!lines.isEmpty()) {
      text.append('\n').append(name).append(":\n").append(lines.stripTrailing());
    }
  }
}
