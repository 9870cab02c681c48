// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.syschroot.image.AccountSource;
import org.syschroot.image.ImageName;
import org.syschroot.images.toml.TomlWriter;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.path.HostPath;
import org.syschroot.text.Escaped;
import org.syschroot.trust.WholeFile;

/**
 * The configuration file {@code images.d/NAME.toml} of an image. Not instantiable.
 *
 * <p>To use after a tree was made: from then on the image is there for all.
 *
 * <pre>{@code
 * ImageFile.write(config, new ImageName("tools"), "root = \"" + root + "\"\n");
 * Image tools = Syschroot.load(config).image("tools");
 * }</pre>
 */
public final class ImageFile {
  private static final String DIRECTORY = "images.d";
  private static final String SUFFIX = ".toml";
  private static final int DIRECTORY_MODE = 0755;
  private static final int FILE_MODE = 0644;

  private ImageFile() {}

  /** Returns where the file of an image belongs. */
  public static Path of(NewImage image) {
    return of(image.configDirectory(), image.name());
  }

  /** Returns where the file of such an image would belong in another directory. */
  public static Path of(NewImage image, Path configDirectory) {
    return of(configDirectory, image.name());
  }

  /** Returns where the file of an image of a name belongs. */
  public static Path of(Path configDirectory, ImageName name) {
    return configDirectory.resolve(DIRECTORY).resolve(name + SUFFIX);
  }

  /** Makes the directory of the files, with mode 0755, if it is missing. */
  public static void makeDirectory(Path configDirectory) throws CreateException {
    Path directory = configDirectory.resolve(DIRECTORY);
    try {
      whole(directory.resolve("any")).makeDirectory(DIRECTORY_MODE);
    } catch (IOException e) {
      throw failed(directory, e);
    }
  }

  private static WholeFile whole(Path file) {
    int user = LinuxProcessCalls.running().effectiveUid();
    HostPath path = HostPath.of(file.toAbsolutePath().normalize());
    return WholeFile.at(LinuxKernel.running(), user, path);
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
    return write(image.configDirectory(), image.name(), text(image, true, List.of()));
  }

  /**
   * Writes the file of a tree that somebody else has made, as {@link #write(NewImage)} does, with
   * no setting that would make syschroot write into the tree.
   *
   * @param owners the users besides root to whom the tree may belong; not null
   * @return the file; never null
   * @throws CreateException if the file exists or cannot be written
   */
  public static Path writeAdopted(NewImage image, List<String> owners) throws CreateException {
    return write(image.configDirectory(), image.name(), text(image, false, owners));
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
    Path file = of(configDirectory, name);
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw exists(name, file);
    }
    try {
      WholeFile whole = whole(file);
      whole.makeDirectory(DIRECTORY_MODE);
      whole.create(settings.getBytes(StandardCharsets.UTF_8), FILE_MODE);
      return file;
    } catch (KernelException e) {
      throw e.is(Errno.EEXIST) ? exists(name, file) : failed(file, e);
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

  private static String text(NewImage image, boolean withAccounts, List<String> owners) {
    TomlWriter toml = new TomlWriter();
    image.origin().ifPresent(text -> toml.comment("created from " + Escaped.line(text)));
    image.description().ifPresent(text -> toml.string("description", text));
    toml.string("root", image.root().toString());
    if (image.personality().size() == 1) {
      toml.string("personality", image.personality().get(0));
    } else if (!image.personality().isEmpty()) {
      toml.strings("personality", image.personality());
    }
    if (!image.mounts().isEmpty()) {
      toml.strings("mounts", image.mounts());
    }
    image.shell().ifPresent(path -> toml.string("shell", NewImage.text(path)));
    if (!owners.isEmpty()) {
      toml.strings("trusted-owners", owners);
    }
    if (withAccounts) {
      toml.string("accounts", AccountSource.MERGED.toString());
    }
    if (!image.environment().isEmpty()) {
      toml.table("environment.set");
      image.environment().forEach(toml::string);
    }
    return toml.toString();
  }
}
