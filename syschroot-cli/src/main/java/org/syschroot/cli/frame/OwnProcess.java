// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syschroot.caller.CurrentProcess;
import org.syschroot.exec.FirstThread;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/** How this process was called, arguments as bytes, and whether people look at its streams. */
public final class OwnProcess {
  /** The name of the command itself; by any other name it was called by that of an image. */
  public static final String COMMAND = "syschroot";

  private static final Path PROC = Path.of("/proc/self");

  private OwnProcess() {}

  /** Returns the last {@code count} arguments of this process. */
  public static List<OsString> arguments(int count) throws IOException {
    List<OsString> all = OsString.split(Files.readAllBytes(PROC.resolve("cmdline")));
    return all.subList(all.size() - count, all.size());
  }

  /** Returns the name by which the command was called. */
  public static String invokedAs() {
    String path = System.getProperty("syschroot.invoked.as", "syschroot");
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Returns the start script, to be called again. */
  public static String startScript() {
    return System.getProperty("syschroot.start", "syschroot");
  }

  /**
   * Returns the file of the cache where the start script looks for this start the next time, or
   * empty if it does not; see {@link #startIsNotCached}.
   */
  public static Optional<HostPath> cachedStart() {
    String file = System.getProperty("syschroot.start.file");
    return file == null ? Optional.empty() : Optional.of(HostPath.of(bytes(file)));
  }

  /** Returns what the start script knows this start by. */
  public static byte[] keyOfStart() {
    return HexFormat.of().parseHex(System.getProperty("syschroot.start.key", ""));
  }

  /** Returns the files that the start script and this JVM are read from. */
  public static List<OsString> programOfStart() {
    List<OsString> files = new ArrayList<>();
    for (String file : System.getProperty("syschroot.start.program", "").split(",")) {
      files.add(bytes(file));
    }
    return files;
  }

  /** Returns when the start script began, in whole seconds. */
  public static Instant timeOfStart() {
    return Instant.ofEpochSecond(Long.parseLong(System.getProperty("syschroot.start.time", "0")));
  }

  /** Returns why the start script looks for no cached start. */
  public static String startIsNotCached() {
    return System.getProperty("syschroot.start.uncached", "only the start script knows starts");
  }

  private static OsString bytes(String hex) {
    return OsString.ofBytes(HexFormat.of().parseHex(hex));
  }

  /** Returns whether somebody may be looking at what goes to standard error. */
  public static boolean standardErrorIsTerminal() {
    return isTerminal(2);
  }

  /** Returns whether somebody may be looking at what goes to standard output. */
  public static boolean standardOutputIsTerminal() {
    return isTerminal(1);
  }

  /** Returns whether somebody may answer a question. */
  public static boolean standardInputIsTerminal() {
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

  /**
   * Returns what the caller's thread had, as far as the start script has found: that tells only
   * what is out of the ordinary.
   */
  public static FirstThread firstThread() {
    String scheduling = System.getProperty("syschroot.caller.scheduling");
    String pending = System.getProperty("syschroot.caller.pending", "0");
    return new FirstThread(
        Optional.ofNullable(scheduling).map(HexFormat.of()::parseHex),
        Integer.getInteger("syschroot.caller.death.signal", 0),
        Long.parseUnsignedLong(pending, 16));
  }

  /** Returns those of the caller's variables that are valid UTF-8; of repeated names the first. */
  public static Map<String, String> variables(Kernel kernel) throws IOException {
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
