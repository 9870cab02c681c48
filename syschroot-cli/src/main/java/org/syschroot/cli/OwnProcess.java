// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.OsString;
import org.syschroot.plan.CurrentProcess;

/** How this process was called, arguments as bytes, and whether people look at its streams. */
final class OwnProcess {
  private static final Path PROC = Path.of("/proc/self");

  private OwnProcess() {}

  /** Returns the last {@code count} arguments of this process. */
  static List<OsString> arguments(int count) throws IOException {
    List<OsString> all = OsString.split(Files.readAllBytes(PROC.resolve("cmdline")));
    return all.subList(all.size() - count, all.size());
  }

  /** Returns the name by which the command was called. */
  static String invokedAs() {
    String path = System.getProperty("syschroot.invoked.as", "syschroot");
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Returns the start script, to be called again. */
  static String startScript() {
    return System.getProperty("syschroot.start", "syschroot");
  }

  /** Returns whether somebody may be looking at what goes to standard error. */
  static boolean standardErrorIsTerminal() {
    return isTerminal(2);
  }

  /** Returns whether somebody may be looking at what goes to standard output. */
  static boolean standardOutputIsTerminal() {
    return isTerminal(1);
  }

  /** Returns whether somebody may answer a question. */
  static boolean standardInputIsTerminal() {
    return isTerminal(0);
  }

  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(PROC.resolve("fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException closed) {
      return false;
    }
  }

  /** Returns those of the caller's variables that are valid UTF-8; of repeated names the first. */
  static Map<String, String> variables(Kernel kernel) throws IOException {
    Map<String, String> variables = new HashMap<>();
    for (OsString entry : CurrentProcess.of(kernel).asStarted().environment()) {
      String text = entry.toUtf8().orElse("");
      int equals = text.indexOf('=');
      if (equals > 0) {
        variables.putIfAbsent(text.substring(0, equals), text.substring(equals + 1));
      }
    }
    return variables;
  }
}
