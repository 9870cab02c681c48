// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.io.IOException;
import java.util.List;
import org.syschroot.image.Image;

/**
 * Does the same for several images. A failure with one does not keep the others from their turn; it
 * is reported, with all that were suppressed in it, and makes the exit status.
 */
public final class EachImage {
  private final Console console;
  private final List<Image> images;

  public EachImage(Console console, List<Image> images) {
    this.console = console;
    this.images = images;
  }

  /** What is to be done for one image. */
  @FunctionalInterface
  public interface Work {
    void on(Image image) throws IOException;
  }

  public int run(Work work) {
    int status = ExitStatus.OK;
    int done = 0;
    for (Image image : images) {
      done++;
      if (images.size() > 1) {
        console.progress("[" + done + "/" + images.size() + "] " + image.name());
      }
      try {
        work.on(image);
      } catch (IOException e) {
        status = ExitStatus.FAILED;
        report(image, e);
      }
    }
    console.endProgress();
    return status;
  }

  private void report(Image image, IOException failure) {
    console.failure(image.name() + ": ", failure);
    for (Throwable further : failure.getSuppressed()) {
      if (further instanceof IOException another) {
        console.failure(image.name() + ": also: ", another);
      } else {
        console.error(image.name() + ": also: " + further.getMessage());
      }
    }
  }
}
