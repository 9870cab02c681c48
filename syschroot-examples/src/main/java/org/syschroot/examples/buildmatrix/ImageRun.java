// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.buildmatrix;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.spawn.SwitchedProcess;

/** The command in one image, with its output line by line. For one run. */
final class ImageRun implements Callable<MatrixResult> {
  private static final java.io.File NOTHING = new java.io.File("/dev/null");

  private final Syschroot syschroot;
  private final Image image;
  private final List<String> command;
  private final Duration limit;
  private final Screen screen;
  private final Progress progress;

  ImageRun(
      Syschroot syschroot,
      Image image,
      List<String> command,
      Duration limit,
      Screen screen,
      Progress progress) {
    this.syschroot = syschroot;
    this.image = image;
    this.command = command;
    this.limit = limit;
    this.screen = screen;
    this.progress = progress;
  }

  @Override
  public MatrixResult call() throws InterruptedException {
    progress.begun();
    MatrixResult result = null;
    try {
      result = run(SystemDescription.of(syschroot, image));
      return result;
    } finally {
      progress.ended(result != null && result.succeeded());
    }
  }

  private MatrixResult run(SystemDescription system) throws InterruptedException {
    long began = System.nanoTime();
    try {
      // With a pid namespace of its own, so that nothing of it is left when it ends or is ended.
      SwitchedProcess process =
          syschroot
              .prepare(SwitchRequest.in(image).command(command.toArray(String[]::new)))
              .redirectInput(Redirect.from(NOTHING))
              .redirectErrorStream(true)
              .ownPidNamespace(true)
              .start();
      boolean late = attend(process);
      String note = late ? "killed after " + limit.toSeconds() + " s" : "";
      return new MatrixResult(image.name(), process.exitValue(), since(began), note, system);
    } catch (SwitchException e) {
      screen.line(prefix() + e.getMessage());
      int status = e.kind().exitStatus();
      return new MatrixResult(image.name(), status, since(began), "did not start", system);
    } catch (IOException e) {
      screen.line(prefix() + "its output was lost: " + e.getMessage());
      return new MatrixResult(image.name(), 125, since(began), "output lost", system);
    }
  }

  /** Passes its output on until it has ended; returns whether it had to be killed for its time. */
  private boolean attend(SwitchedProcess process) throws IOException, InterruptedException {
    AtomicBoolean late = new AtomicBoolean();
    CompletableFuture<Void> alarm =
        CompletableFuture.runAsync(
            () -> {
              late.set(true);
              process.destroyForcibly();
            },
            CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS));
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        screen.line(prefix() + line);
      }
      process.waitFor();
    } finally {
      alarm.cancel(false);
      process.destroyForcibly().waitFor();
    }
    return late.get();
  }

  private String prefix() {
    return image.name() + " | ";
  }

  private static Duration since(long began) {
    return Duration.ofNanos(System.nanoTime() - began);
  }
}
