// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.create;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.syschroot.image.ImageName;

/** The configuration file {@code images.d/NAME.toml} of an image. Not instantiable. */
public final class ImageFile {
  private static final String DIRECTORY = "images.d";
  private static final String SUFFIX = ".toml";
  private static final Set<PosixFilePermission> DIRECTORY_MODE =
      PosixFilePermissions.fromString("rwxr-xr-x");
  private static final Set<PosixFilePermission> FILE_MODE =
      PosixFilePermissions.fromString("rw-r--r--");

  private ImageFile() {}

  /** Returns where the file of an image belongs. */
  public static Path of(NewImage image) {
    return image.configDirectory().resolve(DIRECTORY).resolve(image.name() + SUFFIX);
  }

  /**
   * Checks that {@link #write} will not be refused, for calling before anything long is begun.
   *
   * @throws CreateException if the file exists
   */
  public static void requireAbsent(NewImage image) throws CreateException {
    Path file = of(image);
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw exists(image.name(), file);
    }
  }

  /**
   * Writes the file with mode 0644: either all of it appears, or nothing. Missing directories are
   * made with mode 0755. All of it belongs to the caller, who must be root for the file to be
   * trusted.
   *
   * @return the file; never null
   * @throws CreateException if the file exists or cannot be written
   */
  public static Path write(NewImage image) throws CreateException {
    return write(image.configDirectory(), image.name(), text(image));
  }

  /**
   * Writes the file of an image with settings of one's own, as {@link #write(NewImage)} does.
   *
   * @param configDirectory the directory that holds {@code images.d}; not null
   * @param name the name that selects the image; not null
   * @param settings the whole file; not null
   * @return the file; never null
   * @throws CreateException if the file exists or cannot be written
   */
  public static Path write(Path configDirectory, ImageName name, String settings)
      throws CreateException {
    Path directory = configDirectory.resolve(DIRECTORY);
    Path file = directory.resolve(name + SUFFIX);
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw exists(name, file);
    }
    try {
      makeDirectories(directory);
      // Not *.toml, which would be read as an image's file.
      Path draft = Files.createTempFile(directory, name + SUFFIX + ".", ".new");
      try {
        fill(draft, settings);
        publish(draft, file);
      } finally {
        Files.deleteIfExists(draft);
      }
      return file;
    } catch (FileAlreadyExistsException e) {
      throw file.toString().equals(e.getFile()) || file.toString().equals(e.getOtherFile())
          ? exists(name, file)
          : failed(file, e);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static CreateException exists(ImageName name, Path file) {
    return new CreateException(
        file
            + " exists, so there is an image "
            + name
            + " already: choose another name, or remove that file first");
  }

  private static CreateException failed(Path file, IOException e) {
    return new CreateException("cannot write " + file + ": " + Failures.reason(e), e);
  }

  static String text(NewImage image) {
    TomlWriter toml = new TomlWriter();
    image.description().ifPresent(text -> toml.string("description", text));
    toml.string("root", image.root().toString());
    if (image.personality().size() == 1) {
      toml.string("personality", image.personality().get(0));
    } else if (!image.personality().isEmpty()) {
      toml.strings("personality", image.personality());
    }
    image.shell().ifPresent(path -> toml.string("shell", NewImage.text(path)));
    return toml.toString();
  }

  private static void makeDirectories(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Path parent = directory.getParent();
    if (parent != null) {
      makeDirectories(parent);
    }
    Files.createDirectory(directory);
    // Apart from the making, where the umask would take bits away.
    Files.setPosixFilePermissions(directory, DIRECTORY_MODE);
  }

  private static void fill(Path draft, String text) throws IOException {
    try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.setPosixFilePermissions(draft, FILE_MODE);
  }

  /** Gives the draft its name. rename(2) would replace a file of that name; link(2) refuses. */
  private static void publish(Path draft, Path file) throws IOException {
    try {
      Files.createLink(file, draft);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      // A file system without hard links.
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(file.toString());
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
