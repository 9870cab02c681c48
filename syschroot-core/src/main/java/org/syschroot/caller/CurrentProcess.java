// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.caller;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.ProcessStatus;
import org.syschroot.path.OsString;

/**
 * This process as the caller of a command, byte for byte. The JVM decodes its environment, installs
 * signal handlers and opens files, so the start script of the {@code syschroot} command looks
 * before the JVM starts and passes what it saw as {@code syschroot.caller.} properties; without the
 * script the process itself is looked at. Thread-safe.
 */
public final class CurrentProcess {
  private static final Path ENVIRONMENT = Path.of("/proc/self/environ");
  private static final String NOTE = "syschroot.caller.";
  private static final int BLOCK = 1 << 20;

  /** Read once, since a pipe can be. */
  private static @Nullable List<OsString> known;

  private final Kernel kernel;
  private final List<OsString> environment;

  private CurrentProcess(Kernel kernel, List<OsString> environment) {
    this.kernel = kernel;
    this.environment = environment;
  }

  /**
   * Returns this process.
   *
   * @throws IOException if it cannot be looked at in {@code /proc}
   */
  public static CurrentProcess of(Kernel kernel) throws IOException {
    return new CurrentProcess(kernel, environment(kernel));
  }

  /**
   * Returns what whoever started this process handed to it, for a command that takes its place.
   *
   * @throws IOException if this process cannot be looked at in {@code /proc}
   */
  public Caller asStarted() throws IOException {
    ProcessStatus status = ProcessStatus.read();
    // Else the lines of the main thread, which waits outside the JVM with the mask it was started
    // with, but for signals 32 and 33.
    long ignored = bits("ignored", status.value("SigIgn:"));
    long blocked = bits("blocked", status.value("SigBlk:"));
    // Where a JVM cannot start the start script has gone elsewhere.
    WorkingDirectory directory =
        "gone".equals(System.getProperty(NOTE + "directory"))
            ? WorkingDirectory.UNNAMED
            : WorkingDirectory.current(kernel, environment);
    Long raised = Long.getLong(NOTE + "nofile");
    return new Caller(
        environment,
        directory,
        descriptors(),
        new Signals(blocked, ignored),
        raised == null ? OptionalLong.empty() : OptionalLong.of(raised));
  }

  /**
   * Returns what a JVM hands to a command: environment and directory. It blocks and handles signals
   * for itself, and none of that is for the command.
   *
   * @param descriptors the numbers of the descriptors that the command is to have
   */
  public Caller asJvm(Set<Integer> descriptors) {
    return new Caller(
        environment, WorkingDirectory.current(kernel, environment), descriptors, Signals.NONE);
  }

  private static long bits(String note, String otherwise) {
    return Long.parseUnsignedLong(System.getProperty(NOTE + note, otherwise), 16);
  }

  private static Set<Integer> descriptors() {
    Set<Integer> open = new TreeSet<>();
    for (String number : System.getProperty(NOTE + "descriptors", "0,1,2").split(",")) {
      if (!number.isEmpty()) {
        open.add(Integer.valueOf(number));
      }
    }
    return open;
  }

  /**
   * Returns the entries that this process was started with. {@link System#getenv()} has lost what
   * is not valid in the JVM's charset.
   */
  private static synchronized List<OsString> environment(Kernel kernel) throws IOException {
    List<OsString> entries = known;
    if (entries == null) {
      Integer pipe = Integer.getInteger(NOTE + "environ");
      entries = OsString.split(pipe == null ? Files.readAllBytes(ENVIRONMENT) : all(kernel, pipe));
      known = entries;
    }
    return entries;
  }

  private static byte[] all(Kernel kernel, int pipe) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    byte[] more = kernel.read(pipe, BLOCK);
    while (more.length > 0) {
      block.write(more);
      more = kernel.read(pipe, BLOCK);
    }
    kernel.close(pipe);
    return block.toByteArray();
  }
}
