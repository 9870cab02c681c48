// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program to be run from a test, with a time limit and both outputs in files. */
public final class Program {
  private static final int SECONDS = 120;

  private final ProcessBuilder builder;

  private Program(List<String> words) {
    builder = new ProcessBuilder(words);
    builder.environment().clear();
    builder
        .environment()
        .put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    builder.directory(Path.of("/tmp").toFile());
    builder.redirectInput(Path.of("/dev/null").toFile());
  }

  public static Program of(String... words) {
    return new Program(List.of(words));
  }

  public static Program of(List<String> words) {
    return new Program(words);
  }

  public Program in(Path directory) {
    builder.directory(directory.toFile());
    return this;
  }

  public Program with(Map<String, String> variables) {
    builder.environment().putAll(variables);
    return this;
  }

  public Program input(Path file) {
    builder.redirectInput(file.toFile());
    return this;
  }

  /** Runs it to its end. */
  public Outcome run() throws IOException, InterruptedException {
    return start().await();
  }

  /** Starts it; whoever asks for this closes it. */
  public Running start() throws IOException {
    Path out = Files.createTempFile("syschroot-it", ".out");
    Path err = Files.createTempFile("syschroot-it", ".err");
    builder.redirectOutput(out.toFile());
    builder.redirectError(err.toFile());
    try {
      return new Running(builder.start(), out, err);
    } catch (IOException e) {
      Files.delete(out);
      Files.delete(err);
      throw e;
    }
  }

  /** A started program. */
  public static final class Running implements AutoCloseable {
    private final Process process;
    private final Path out;
    private final Path err;

    private Running(Process process, Path out, Path err) {
      this.process = process;
      this.out = out;
      this.err = err;
    }

    public Process process() {
      return process;
    }

    public long pid() {
      return process.pid();
    }

    public String outSoFar() throws IOException {
      return Files.readString(out);
    }

    public String errSoFar() throws IOException {
      return Files.readString(err);
    }

    /** Waits for its end and returns what it did. */
    public Outcome await() throws IOException, InterruptedException {
      try (this) {
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
          throw new AssertionError(
              process.info() + " still runs after " + SECONDS + " s: " + Files.readString(err));
        }
        return new Outcome(process.exitValue(), Files.readAllBytes(out), Files.readAllBytes(err));
      }
    }

    @Override
    public void close() throws IOException {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      Files.deleteIfExists(out);
      Files.deleteIfExists(err);
    }
  }
}
