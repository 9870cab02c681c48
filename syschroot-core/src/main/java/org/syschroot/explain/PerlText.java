// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.syschroot.caller.SearchPath;
import org.syschroot.caller.ShellChoice;
import org.syschroot.describe.Shown;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Machine;
import org.syschroot.kernel.SystemCall;
import org.syschroot.path.OsString;

/**
 * The Perl of a script: {@code last-part.pl}, and after it one call for each step. It is ASCII,
 * whatever the plan has in it. Not thread-safe.
 */
final class PerlText {
  private static final List<SystemCall> CALLS =
      List.of(
          SystemCall.EXECVE,
          SystemCall.CLOSE,
          SystemCall.GETCWD,
          SystemCall.SETGROUPS,
          SystemCall.SETRESUID,
          SystemCall.SETRESGID,
          SystemCall.CAPGET,
          SystemCall.CAPSET,
          SystemCall.PERSONALITY,
          SystemCall.PRCTL,
          SystemCall.UNSHARE,
          SystemCall.PRLIMIT64,
          SystemCall.FACCESSAT2);

  private final StringBuilder text = new StringBuilder();

  /** Adds a line: a {@code String} is taken as it is, an {@link OsString} is quoted. */
  PerlText line(Object... parts) {
    for (Object part : parts) {
      text.append(part instanceof OsString osString ? quoted(osString) : part);
    }
    text.append('\n');
    return this;
  }

  /** Adds a comment of one line. */
  PerlText comment(String line) {
    return line("# " + ascii(Shown.line(line)));
  }

  /** Returns all of it, with the functions that it calls. */
  String program(ImageName image) {
    StringBuilder calls = new StringBuilder();
    for (SystemCall call : CALLS) {
      calls.append(
          String.format(
              "    %s => [%d, %d],%n",
              call, call.number(Machine.X86_64), call.number(Machine.AARCH64)));
    }
    return functions()
            .replace("@IMAGE@", image.toString())
            .replace("@CALLS@", calls)
            .replace("@PATH@", SearchPath.USUAL.toString())
            .replace("@SHELL@", ShellChoice.LAST.toString())
        + "\n"
        + text;
  }

  private static String functions() {
    try (InputStream in = PerlText.class.getResourceAsStream("last-part.pl")) {
      if (in == null) {
        throw new IllegalStateException("last-part.pl is missing in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns a string literal. */
  static String quoted(OsString value) {
    StringBuilder literal = new StringBuilder("\"");
    for (byte b : value.toBytes()) {
      if (b < ' ' || b == 0x7f) { // bytes from 0x80 on are negative
        literal.append(String.format("\\x%02x", b & 0xff));
      } else {
        literal.append("\"\\$@".indexOf(b) >= 0 ? "\\" : "").append((char) b);
      }
    }
    return literal.append('"').toString();
  }

  private static String ascii(String line) {
    return line.chars()
        .mapToObj(c -> c < 0x7f ? String.valueOf((char) c) : String.format("\\x{%x}", c))
        .reduce("", String::concat);
  }
}
