// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.making;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.syschroot.config.FileTrust;
import org.syschroot.images.CreateException;
import org.syschroot.images.ImageFile;
import org.syschroot.images.ImageRoot;
import org.syschroot.images.NewImage;
import org.syschroot.kernel.Kernel;

/**
 * One making of an image, from the mark to the configuration file. Whatever ends the process in
 * between, the next making of an image of that name deletes what it has left. For one thread.
 */
public final class Making implements AutoCloseable {
  private final Kernel kernel;
  private final NewImage image;
  private final CreationMark mark;
  private HalfMade made;

  private Making(Kernel kernel, NewImage image, CreationMark mark, HalfMade made) {
    this.kernel = kernel;
    this.image = image;
    this.mark = mark;
    this.made = made;
  }

  /**
   * Checks that the image can be made, deletes what an earlier making has left, and makes the root
   * directory.
   *
   * @param deleted is told what an earlier making had left
   * @throws CreateException if there is such an image, another process is making it, or the root
   *     cannot be used
   */
  public static Making begin(
      Kernel kernel, FileTrust trust, NewImage image, Consumer<HalfMade> deleted)
      throws IOException {
    ImageFile.requireAbsent(image);
    ImageFile.makeDirectory(image.configDirectory());
    Path file = CreationMark.of(image.configDirectory(), image.name());
    CreationMark mark = CreationMark.take(kernel, file, trust);
    try {
      mark.cleanUp().ifPresent(deleted);
      // Another one could have ended since.
      ImageFile.requireAbsent(image);
      mark.forget();
      return new Making(kernel, image, mark, start(image, mark));
    } catch (IOException e) {
      Thread.interrupted();
      if (mark.leftover().isEmpty()) {
        mark.delete();
      }
      mark.close();
      throw e;
    }
  }

  private static HalfMade start(NewImage image, CreationMark mark) throws IOException {
    ImageRoot root = ImageRoot.check(image.root());
    boolean existed = Files.exists(root.path(), LinkOption.NOFOLLOW_LINKS);
    HalfMade begun = new HalfMade(root.path(), existed, Optional.empty());
    mark.note(begun);
    try {
      root.make();
    } catch (IOException e) {
      mark.forget();
      throw e;
    }
    HalfMade made = new HalfMade(root.path(), existed, Optional.of(HalfMade.identity(root.path())));
    mark.note(made);
    return made;
  }

  /**
   * Writes the configuration file. The image is made.
   *
   * @throws CreateException if it cannot be written; then what was made is deleted
   */
  public Path finish() throws IOException {
    return finish(image);
  }

  /**
   * Writes the configuration file with more settings, which became known meanwhile.
   *
   * @throws IOException as {@link #finish()}
   */
  public Path finish(NewImage completed) throws IOException {
    try {
      Path file = ImageFile.write(completed);
      mark.delete();
      made = new HalfMade(made.root(), true, Optional.empty());
      return file;
    } catch (IOException e) {
      made.cleanUp(kernel);
      throw e;
    }
  }

  /**
   * Takes the directory back if the image was not finished and all in it was taken back. What could
   * not be is left to the next making, or to {@code remove}.
   */
  @Override
  public void close() throws IOException {
    try {
      Thread.interrupted();
      boolean unfinished = made.identity().isPresent();
      boolean isThere = Files.exists(made.root(), LinkOption.NOFOLLOW_LINKS);
      if (unfinished && (!isThere || HalfMade.isEmpty(made.root()))) {
        if (isThere && !made.existed()) {
          Files.delete(made.root());
        }
        mark.delete();
      }
    } finally {
      mark.close();
    }
  }
}
