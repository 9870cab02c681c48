// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.trial;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a line where the native daemon writes: at the ends of files, as they were when the look
 * began, and in the journal.
 */
public final class LogWatch {
  private static final List<String> USUAL =
      List.of("/var/log/syslog", "/var/log/messages", "/var/log/user.log");
  private static final List<String> JOURNALS = List.of("/run/log/journal", "/var/log/journal");
  private static final Path JOURNALCTL = Path.of("/usr/bin/journalctl");
  private static final Duration STEP = Duration.ofMillis(50);
  private static final int LONGEST_TAIL = 16 << 20;

  private final List<Tail> files;
  private final boolean journal;

  private LogWatch(List<Tail> files, boolean journal) {
    this.files = files;
    this.journal = journal;
  }

  /** Begins to look at files, which need not be there yet. */
  public static LogWatch of(List<Path> files) throws IOException {
    List<Tail> tails = new ArrayList<>();
    for (Path file : files) {
      tails.add(new Tail(file));
    }
    return new LogWatch(tails, false);
  }

  /** Begins to look at the usual files that can be read, and the journal if there is one. */
  public static LogWatch ofSystem() throws IOException {
    List<Path> readable = USUAL.stream().map(Path::of).filter(Files::isReadable).toList();
    boolean journal =
        Files.isExecutable(JOURNALCTL)
            && JOURNALS.stream().map(Path::of).anyMatch(Files::isDirectory);
    return new LogWatch(of(readable).files, journal);
  }

  /** Returns whether there is nothing to look at. */
  public boolean isEmpty() {
    return files.isEmpty() && !journal;
  }

  /** A line that was found. */
  public record Arrival(String where, String line) {}

  /** Looks until the text is found, or the time is over. */
  public Optional<Arrival> await(String text, Duration longest) throws IOException {
    long end = System.nanoTime() + longest.toNanos();
    while (!isEmpty()) {
      for (Tail file : files) {
        @Nullable String line = file.find(text);
        if (line != null) {
          return Optional.of(new Arrival(file.path.toString(), line));
        }
      }
      @Nullable String entry = journal ? journalEntry(text) : null;
      if (entry != null) {
        return Optional.of(new Arrival("the journal", entry));
      }
      if (System.nanoTime() >= end) {
        break;
      }
      pause();
    }
    return Optional.empty();
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(STEP.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static @Nullable String journalEntry(String text) throws IOException {
    Process process =
        new ProcessBuilder(JOURNALCTL.toString(), "-q", "--no-pager", "-n", "1", "MESSAGE=" + text)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return out.contains(text) ? out.strip() : null;
  }

  @Override
  public String toString() {
    return Stream.concat(
            files.stream().map(file -> file.path.toString()),
            journal ? Stream.of("the journal") : Stream.empty())
        .collect(Collectors.joining(", "));
  }

  /** What is written to a file from now on, also to another one that takes its place. */
  private static final class Tail {
    private final Path path;
    private @Nullable Object file;
    private long start;

    Tail(Path path) throws IOException {
      this.path = path;
      if (Files.isReadable(path)) {
        file = key();
        start = Files.size(path);
      } else if (Files.exists(path)) {
        throw new IOException(path + ": not readable for this user");
      }
    }

    private @Nullable Object key() throws IOException {
      return Files.getAttribute(path, "unix:ino");
    }

    @Nullable String find(String text) throws IOException {
      if (!Files.isReadable(path)) {
        return null;
      }
      if (file == null || !file.equals(key()) || Files.size(path) < start) {
        file = key();
        start = 0;
      }
      for (String line : added().split("\n")) {
        if (line.contains(text)) {
          return line;
        }
      }
      return null;
    }

    private String added() throws IOException {
      try (RandomAccessFile open = new RandomAccessFile(path.toFile(), "r")) {
        // Whatever else is logged meanwhile: the line is among the last.
        long from = Math.max(start, open.length() - LONGEST_TAIL);
        byte[] bytes = new byte[(int) Math.max(0, open.length() - from)];
        open.seek(from);
        open.readFully(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
      }
    }
  }
}
