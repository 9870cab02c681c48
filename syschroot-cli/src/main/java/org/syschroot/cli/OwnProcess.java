// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.ProcessStatus;
import org.syschroot.path.OsString;
import org.syschroot.plan.Caller;
import org.syschroot.plan.Signals;
import org.syschroot.plan.WorkingDirectory;

/**
 * What this process was started with, as bytes. The JVM decodes arguments and environment, installs
 * signal handlers and opens files, so the start script looks before the JVM starts and passes what
 * it saw as {@code syschroot.} properties; without the script the process itself is looked at.
 */
final class OwnProcess {
  private static final Path PROC = Path.of("/proc/self");
  private static final int BLOCK = 1 << 20;

  /** The caller's environment comes by a pipe, which can be read once. */
  private static @Nullable List<OsString> environment;

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

  /** Returns what a command inherits from whoever called us. */
  static Caller caller(Kernel kernel) throws IOException {
    ProcessStatus status = ProcessStatus.read();
    long ignored =
        Long.parseUnsignedLong(
            Optional.ofNullable(System.getProperty("syschroot.caller.ignored"))
                .orElse(status.value("SigIgn:")),
            16);
    List<OsString> environment = environment(kernel);
    // Else the line of the main thread, which waits outside the JVM with the mask it was started
    // with, but for signals 32 and 33.
    long blocked =
        Long.parseUnsignedLong(
            Optional.ofNullable(System.getProperty("syschroot.caller.blocked"))
                .orElse(status.value("SigBlk:")),
            16);
    return new Caller(
        environment,
        directory(kernel, environment),
        descriptors(),
        new Signals(blocked, ignored),
        openFiles());
  }

  private static OptionalLong openFiles() {
    Long raised = Long.getLong("syschroot.caller.nofile");
    return raised == null ? OptionalLong.empty() : OptionalLong.of(raised);
  }

  /** Returns those of the caller's variables that are valid UTF-8; of repeated names the first. */
  static Map<String, String> variables(Kernel kernel) throws IOException {
    Map<String, String> variables = new HashMap<>();
    for (OsString entry : environment(kernel)) {
      String text = entry.toUtf8().orElse("");
      int equals = text.indexOf('=');
      if (equals > 0) {
        variables.putIfAbsent(text.substring(0, equals), text.substring(equals + 1));
      }
    }
    return variables;
  }

  private static synchronized List<OsString> environment(Kernel kernel) throws IOException {
    if (environment == null) {
      environment = List.copyOf(readEnvironment(kernel));
    }
    return environment;
  }

  private static List<OsString> readEnvironment(Kernel kernel) throws IOException {
    Integer pipe = Integer.getInteger("syschroot.caller.environ");
    if (pipe == null) {
      return OsString.split(Files.readAllBytes(PROC.resolve("environ")));
    }
    byte[] block = new byte[0];
    while (true) {
      byte[] more = kernel.read(pipe, BLOCK);
      if (more.length == 0) {
        break;
      }
      int length = block.length;
      block = Arrays.copyOf(block, length + more.length);
      System.arraycopy(more, 0, block, length, more.length);
    }
    kernel.close(pipe);
    return OsString.split(block);
  }

  private static WorkingDirectory directory(Kernel kernel, List<OsString> environment) {
    // Where a JVM cannot start the start script has gone elsewhere.
    return "gone".equals(System.getProperty("syschroot.caller.directory"))
        ? WorkingDirectory.UNNAMED
        : WorkingDirectory.current(kernel, environment);
  }

  private static Set<Integer> descriptors() {
    Set<Integer> open = new TreeSet<>();
    for (String number : System.getProperty("syschroot.caller.descriptors", "0,1,2").split(",")) {
      if (!number.isEmpty()) {
        open.add(Integer.valueOf(number));
      }
    }
    return open;
  }
}
