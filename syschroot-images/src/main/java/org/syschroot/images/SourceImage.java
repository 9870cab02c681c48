// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.syschroot.images.source.ImageSource;
import org.syschroot.images.source.SourceSpelling;
import org.syschroot.images.tree.SourceException;
import org.syschroot.images.tree.SystemTree;
import org.syschroot.images.tree.TreeLimits;
import org.syschroot.images.tree.TreeLosses;
import org.syschroot.images.tree.TreeWriter;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.path.HostPath;

/**
 * Creator of images from a directory, an archive or a registry. Not instantiable.
 *
 * <p>For trees and archives that somebody else has made, and container images.
 *
 * <pre>{@code
 * SourceReport made = SourceImage.create(root, "docker://registry.example.org/sl:5", line -> {});
 * made.losses().forEach(line -> log(line));
 * }</pre>
 */
public final class SourceImage {
  private SourceImage() {}

  /**
   * Makes an image for this host's processor from a source as {@code create --from} names it: a
   * directory, a file of tar(5), {@code oci:DIR[:NAME]}, {@code oci-archive:FILE[:NAME]}, {@code
   * docker-archive:FILE[:NAME]} or {@code docker://HOST/REPOSITORY:TAG}. Logins and proxies are
   * those of this process's environment.
   *
   * @param root the directory for the image, as below; not null
   * @param source the name of the source; not null
   * @param progress is told what is going on; not null
   * @throws CreateException if the root cannot be used, or if it fails half way
   * @throws IOException if there is no such source, or something cannot be read
   */
  public static SourceReport create(Path root, String source, Consumer<String> progress)
      throws IOException {
    try (ImageSource opened = new SourceSpelling(source).open(Optional.empty(), System.getenv())) {
      return create(root, opened, progress);
    }
  }

  /**
   * Makes an image. What was made is removed when it fails, or when the thread is interrupted.
   *
   * @param root the directory for the image: absolute, missing or empty, in a directory that
   *     exists; not null
   * @param source where the files come from; not null
   * @param progress is told what is going on; not null
   * @throws CreateException if the root cannot be used, or if it fails half way
   * @throws IOException if something cannot be looked at
   */
  public static SourceReport create(Path root, ImageSource source, Consumer<String> progress)
      throws IOException {
    ImageRoot imageRoot = ImageRoot.check(root);
    try {
      imageRoot.make();
      return write(imageRoot.path(), source, progress);
    } catch (IOException e) {
      throw imageRoot.undo(e, path -> true);
    } catch (RuntimeException | Error e) {
      e.addSuppressed(imageRoot.undo(new IOException(e), path -> true));
      throw e;
    }
  }

  private static void requireSystem(Path root) throws IOException {
    Optional<String> complaint = SystemTree.complaint(root);
    if (complaint.isPresent()) {
      throw new SourceException("the source " + complaint.get());
    }
  }

  private static SourceReport write(Path root, ImageSource source, Consumer<String> progress)
      throws IOException {
    TreeLosses losses = new TreeLosses();
    HostPath place = HostPath.of(root.toString());
    try (TreeWriter tree =
        TreeWriter.in(LinuxKernel.running(), place, TreeLimits.of(root), losses)) {
      source.writeTo(tree, losses, progress);
      tree.finish();
      if (source.config().isEmpty()) { // an image with one may hold a single program
        requireSystem(root);
      }
      return new SourceReport(tree.entries(), tree.bytes(), losses.lines());
    }
  }
}
