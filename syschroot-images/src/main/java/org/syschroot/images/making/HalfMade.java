// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.making;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import org.syschroot.kernel.Kernel;
import org.syschroot.mounts.tree.TreeRemoval;
import org.syschroot.path.HostPath;

/**
 * What is known of an image whose making did not end. Immutable.
 *
 * @param root its root directory; not null
 * @param existed whether the directory, then empty, was there before
 * @param identity device and inode of the directory, as soon as it was there for certain; not null
 */
public record HalfMade(Path root, boolean existed, Optional<String> identity) {
  private static final String ROOT = "root";
  private static final String EXISTED = "existed";
  private static final String IDENTITY = "directory";

  static Optional<HalfMade> parse(String text) {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(text));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
    String root = properties.getProperty(ROOT);
    if (root == null || !Path.of(root).isAbsolute()) {
      return Optional.empty();
    }
    return Optional.of(
        new HalfMade(
            Path.of(root),
            Boolean.parseBoolean(properties.getProperty(EXISTED)),
            Optional.ofNullable(properties.getProperty(IDENTITY))));
  }

  /** Returns the lines from which {@link #parse} makes this again. */
  String text() {
    Properties properties = new Properties();
    properties.setProperty(ROOT, root.toString());
    properties.setProperty(EXISTED, Boolean.toString(existed));
    identity.ifPresent(id -> properties.setProperty(IDENTITY, id));
    StringWriter text = new StringWriter();
    try {
      properties.store(text, null);
    } catch (IOException e) {
      throw new IllegalStateException("a StringWriter does not fail", e);
    }
    return text.toString();
  }

  static String identity(Path directory) throws IOException {
    return Files.getAttribute(directory, "unix:dev", LinkOption.NOFOLLOW_LINKS)
        + ":"
        + Files.getAttribute(directory, "unix:ino", LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Deletes what was made, and the directory itself unless it was there before. A directory of
   * which it is not certain that it is the one is left alone.
   *
   * @return whether something was deleted
   * @throws IOException if something is mounted in it, or something cannot be deleted
   */
  boolean cleanUp(Kernel kernel) throws IOException {
    // The flag would make java.nio refuse to read the mount table; it has done its work.
    Thread.interrupted();
    if (!Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    if (identity.isEmpty()) {
      // Between making the directory and noting which it is, nothing is put into it.
      return !existed && isEmpty(root) && Files.deleteIfExists(root);
    }
    if (!identity.get().equals(identity(root))) {
      return false;
    }
    TreeRemoval.of(kernel, HostPath.of(root)).removeAll(!existed);
    return true;
  }

  static boolean isEmpty(Path directory) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      return !entries.iterator().hasNext();
    }
  }
}
