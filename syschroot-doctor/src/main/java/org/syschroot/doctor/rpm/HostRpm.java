// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.rpm;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.syschroot.doctor.files.Budget;
import org.syschroot.doctor.files.BudgetSpentException;
import org.syschroot.kernel.LinuxProcessCalls;

/**
 * The host's rpm(8), which reads a database that others have made. Libraries in C take the files
 * apart, so it is run by root as a user whose number nobody has: without groups, capabilities,
 * network and other users' processes, with limits of time, memory and file size, and with nothing
 * of it left when it ends. Immutable.
 *
 * @param program rpm, absolute
 */
record HostRpm(Path program) {
  static final Path PROGRAM = Path.of("/usr/bin/rpm");

  /**
   * 4294967293, beyond all ranges that systems give out (systemd, UIDS-GIDS.md), and neither -1 nor
   * the -2 of NFS.
   */
  static final int USER = -3;

  private static final long MOST_BYTES = 256 << 20;
  private static final int CHUNK = 1 << 16;
  private static final int LONGEST_LINE = 1 << 16;
  private static final int MOST_WORDS = 300;
  private static final int KILLED = 137; // by timeout(1)

  /**
   * Asks a question.
   *
   * @param words what follows {@code rpm -q}
   * @param lines is told each line of the answer, one character a byte
   * @throws RpmException if there is no rpm, or it fails
   * @throws BudgetSpentException if it takes too long, or says too much
   */
  void query(DatabaseCopy copy, List<String> words, Consumer<String> lines, Budget budget)
      throws RpmException, IOException {
    if (!Files.isExecutable(program)) {
      throw RpmException.missing();
    }
    List<String> command =
        new ArrayList<>(confinement(Math.max(1, budget.leftOfPart().toSeconds())));
    command.addAll(List.of(program.toString(), "--query", "--nosignature"));
    command.addAll(List.of("--dbpath", copy.directory().toString()));
    command.addAll(words);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(copy.directory().getRoot().toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectError(copy.messages().toFile());
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of("PATH", "/usr/bin:/bin", "HOME", copy.directory().toString(), "LC_ALL", "C"));
    Process process = builder.start();
    try (InputStream answer = process.getInputStream()) {
      tell(answer, lines);
      int status = process.waitFor();
      if (status == KILLED) {
        throw new BudgetSpentException("rpm takes longer than its part of the time for an image");
      }
      if (status != 0) {
        throw RpmException.unreadable(complaint(copy) + " (exit status " + status + ")");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> confinement(long seconds) {
    List<String> words = new ArrayList<>();
    if (LinuxProcessCalls.running().effectiveUid() == 0) {
      String user = Integer.toUnsignedString(USER);
      words.addAll(
          List.of("/usr/bin/unshare", "--pid", "--fork", "--kill-child", "--net", "--ipc"));
      words.addAll(List.of("/usr/bin/setpriv", "--reuid=" + user, "--regid=" + user));
      words.addAll(List.of("--clear-groups", "--no-new-privs"));
      words.addAll(List.of("--inh-caps=-all", "--bounding-set=-all"));
    }
    words.addAll(List.of("/usr/bin/timeout", "--signal=KILL", Long.toString(seconds)));
    words.addAll(List.of("/usr/bin/prlimit", "--as=2147483648", "--core=0", "--fsize=1073741824"));
    return words;
  }

  /** A name that is longer than any path is dropped; it could be as long as the memory. */
  private static void tell(InputStream answer, Consumer<String> lines) throws IOException {
    StringBuilder line = new StringBuilder();
    byte[] chunk = new byte[CHUNK];
    long total = 0;
    for (int got = answer.read(chunk); got >= 0; got = answer.read(chunk)) {
      total += got;
      if (total > MOST_BYTES) {
        throw new BudgetSpentException("rpm's answer has more than " + MOST_BYTES + " bytes");
      }
      for (int i = 0; i < got; i++) {
        if (chunk[i] != '\n') {
          if (line.length() <= LONGEST_LINE) {
            line.append((char) (chunk[i] & 0xff));
          }
          continue;
        }
        if (line.length() <= LONGEST_LINE) {
          lines.accept(line.toString());
        }
        line.setLength(0);
      }
    }
  }

  /** Returns what rpm has said, as far as it fits in a message. */
  private static String complaint(DatabaseCopy copy) throws IOException {
    try (InputStream in = Files.newInputStream(copy.messages())) {
      String text = new String(in.readNBytes(MOST_WORDS), StandardCharsets.UTF_8).strip();
      return text.replace(copy.directory().toString(), "DB").replaceAll("\\s*\\R\\s*", "; ");
    }
  }
}
