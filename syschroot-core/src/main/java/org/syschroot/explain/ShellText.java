// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.syschroot.path.OsString;

/** Puts a script together, byte for byte. Not thread-safe. */
final class ShellText {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** Adds a line: a {@code String} is taken as script, an {@link OsString} is quoted. */
  ShellText line(Object... parts) {
    for (Object part : parts) {
      if (part instanceof OsString) {
        quote((OsString) part);
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

  /** Between single quotes the shell takes every byte as it is, but a single quote ends them. */
  private void quote(OsString value) {
    bytes.write('\'');
    for (int i = 0; i < value.length(); i++) {
      if (value.at(i) == '\'') {
        bytes.writeBytes(new byte[] {'\'', '\\', '\'', '\''});
      } else {
        bytes.write(value.at(i));
      }
    }
    bytes.write('\'');
  }

  static OsString quoted(OsString value) {
    ShellText text = new ShellText();
    text.quote(value);
    return text.toOsString();
  }
}
