// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.buildmatrix;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;

/** One command in several images, some of them at a time. Immutable. */
final class MatrixRun {
  private final Syschroot syschroot;
  private final List<Image> images;
  private final List<String> command;
  private final Duration limit;
  private final int atOnce;

  /**
   * Creates a run.
   *
   * @param limit after which a command is killed, with all that it has started
   * @param atOnce in how many images at a time
   */
  MatrixRun(
      Syschroot syschroot, List<Image> images, List<String> command, Duration limit, int atOnce) {
    this.syschroot = syschroot;
    this.images = List.copyOf(images);
    this.command = List.copyOf(command);
    this.limit = limit;
    this.atOnce = atOnce;
  }

  /** Runs the command everywhere, and returns the results in the order of the images. */
  List<MatrixResult> run(Screen screen) throws IOException, InterruptedException {
    Progress progress = new Progress(screen, images.size());
    ExecutorService pool = Executors.newFixedThreadPool(atOnce);
    try {
      List<Future<MatrixResult>> runs = new ArrayList<>();
      for (Image image : images) {
        runs.add(pool.submit(new ImageRun(syschroot, image, command, limit, screen, progress)));
      }
      List<MatrixResult> results = new ArrayList<>();
      for (Future<MatrixResult> run : runs) {
        results.add(run.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } finally {
      pool.shutdownNow();
      progress.clear();
    }
  }
}
