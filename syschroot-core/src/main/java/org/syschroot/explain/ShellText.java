// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.syschroot.describe.Shown;
import org.syschroot.path.OsString;
import org.syschroot.quote.ShellQuote;

/** Puts a script together, byte for byte. Not thread-safe. */
final class ShellText {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** Adds a line: a {@code String} is taken as script, an {@link OsString} is quoted. */
  ShellText line(Object... parts) {
    for (Object part : parts) {
      if (part instanceof OsString osString) {
        bytes.writeBytes(ShellQuote.always(osString).toBytes());
      } else {
        bytes.writeBytes(((String) part).getBytes(StandardCharsets.UTF_8));
      }
    }
    bytes.write('\n');
    return this;
  }

  /** Adds a comment of one line. */
  ShellText comment(String text) {
    return line("# " + Shown.line(text));
  }

  /** Adds the end of the script with a message, as the status of a failure of ours. */
  ShellText fail(String before, String message) {
    return line(before, "fail ", OsString.of(Shown.line(message)));
  }

  /** Adds whole lines of script. */
  ShellText lines(String script) {
    bytes.writeBytes(script.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** Adds another text. */
  ShellText append(ShellText other) {
    bytes.writeBytes(other.bytes.toByteArray());
    return this;
  }

  int length() {
    return bytes.size();
  }

  /** Returns whether the ASCII {@code text} occurs. */
  boolean contains(String text) {
    return bytes.toString(StandardCharsets.ISO_8859_1).contains(text);
  }

  OsString toOsString() {
    return OsString.ofBytes(bytes.toByteArray());
  }
}
