// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The lines that a process prints, as they come. They are read by another thread, because reading a
 * pipe can neither be interrupted nor ends before the last process that holds it: a service that a
 * package starts can outlive the one waited for. For one thread.
 */
final class ProcessLines {
  private static final long POLL_MILLIS = 200;

  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Thread reader;

  ProcessLines(Process process) {
    this.process = process;
    this.reader = new Thread(this::read, "output of process " + process.pid());
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      output.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      // The pipe is closed under the reader when the process is killed.
    }
  }

  /** Waits for the next line; null after the last one. */
  @Nullable String next() throws InterruptedException {
    while (true) {
      boolean last = !reader.isAlive() || !process.isAlive();
      String line = lines.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
      if (line != null || last) {
        return line;
      }
    }
  }
}
