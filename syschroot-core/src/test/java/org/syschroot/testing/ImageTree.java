// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Makes trees of files from lines of text, on any Java file system:
 *
 * <pre>{@code
 * ImageTree.of(root,
 *     "dir a",                   // and the directories above it
 *     "file a/b some text",      // with this content, without end of line
 *     "symlink a/x /etc",
 *     "fifo f",                  // with mkfifo(1)
 *     "mode a/b 0664",           // all permission bits
 *     "owner a/b 1000");         // needs root
 * }</pre>
 *
 * <p>The last three work on the default file system only.
 */
public final class ImageTree {
  private final Path root;

  private ImageTree(Path root) {
    this.root = root;
  }

  /**
   * Makes a tree, adding to what is there.
   *
   * @return {@code root}
   * @throws UncheckedIOException if a file cannot be made
   * @throws IllegalArgumentException if a line is none of the above
   */
  public static Path of(Path root, String... lines) {
    ImageTree tree = new ImageTree(root);
    try {
      Files.createDirectories(root);
      for (String line : lines) {
        tree.make(line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return root;
  }

  private void make(String line) throws IOException {
    String[] words = line.split(" ", 3);
    if (words.length < 2) {
      throw new IllegalArgumentException("\"" + line + "\" names no file");
    }
    Path path = root.resolve(words[1]);
    String rest = words.length == 3 ? words[2] : "";
    if (!path.equals(root)) {
      Files.createDirectories(path.getParent());
    }
    switch (words[0]) {
      case "dir" -> Files.createDirectories(path);
      case "file" -> Files.writeString(path, rest);
      case "symlink" -> Files.createSymbolicLink(path, path.getFileSystem().getPath(rest));
      case "fifo" -> makeFifo(path);
      case "mode" -> set(path, "unix:mode", Integer.parseInt(rest, 8));
      case "owner" -> set(path, "unix:uid", Integer.valueOf(rest));
      default -> throw new IllegalArgumentException("\"" + line + "\" is no kind of file");
    }
  }

  private static void set(Path path, String attribute, Object value) throws IOException {
    onlyOnDefault(path);
    Files.setAttribute(path, attribute, value, LinkOption.NOFOLLOW_LINKS);
  }

  private static void onlyOnDefault(Path path) {
    if (!path.getFileSystem().equals(FileSystems.getDefault())) {
      throw new IllegalArgumentException(path + " is not on the default filesystem");
    }
  }

  private static void makeFifo(Path path) throws IOException {
    onlyOnDefault(path);
    Process mkfifo = new ProcessBuilder("mkfifo", path.toString()).inheritIO().start();
    try {
      if (mkfifo.waitFor() != 0) {
        throw new IOException("mkfifo " + path + " failed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
