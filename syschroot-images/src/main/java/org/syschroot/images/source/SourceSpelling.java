// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.syschroot.images.oci.OciImage;
import org.syschroot.images.oci.Platform;
import org.syschroot.images.oci.Registry;
import org.syschroot.images.oci.RegistryLogins;
import org.syschroot.images.oci.RegistryReference;
import org.syschroot.images.tree.SourceException;
import org.syschroot.mounts.ImageAccess;

/**
 * The name of a source, as the tools of the field spell it: a directory, {@code FILE.tar[.gz]},
 * {@code oci:DIR[:NAME]}, {@code oci-archive:FILE[:NAME]}, {@code docker-archive:FILE[:NAME]},
 * {@code docker://HOST/REPOSITORY:TAG} (containers-transports(5)). Immutable.
 *
 * @param text the name
 */
public record SourceSpelling(String text) {
  private static final String REGISTRY = "docker://";
  private static final String LAYOUT = "oci:";
  private static final String LAYOUT_ARCHIVE = "oci-archive:";
  private static final String DOCKER_ARCHIVE = "docker-archive:";

  private record FileAndName(Path file, String name) {}

  /**
   * Opens the source: reads its manifest, and loads nothing else.
   *
   * @param architecture for which processor, where there is a choice; the host's if empty
   * @param environment the user's variables, which lead to logins and proxies
   * @throws SourceException if there is no such source, or it is damaged; the message names it
   * @throws IOException if it cannot be read
   */
  public ImageSource open(Optional<String> architecture, Map<String, String> environment)
      throws IOException {
    try {
      Optional<Platform> wanted =
          architecture.isPresent()
              ? Optional.of(Platform.parse(architecture.get()))
              : Optional.empty();
      return openFor(wanted, environment);
    } catch (SourceException e) {
      throw named(e);
    }
  }

  /** Returns a failure with the name of this source before its message. */
  public SourceException named(IOException failure) {
    return new SourceException(text + ": " + failure.getMessage(), failure);
  }

  private ImageSource openFor(Optional<Platform> wanted, Map<String, String> environment)
      throws IOException {
    Platform platform = wanted.orElseGet(Platform::ofHost);
    if (text.startsWith(REGISTRY)) {
      RegistryReference image = RegistryReference.parse(text.substring(REGISTRY.length()));
      Registry registry = new Registry(RegistryLogins.of(environment), environment);
      return checked(OciImage.ofRegistry(image, registry, platform), wanted);
    }
    if (text.startsWith(LAYOUT)) {
      FileAndName layout = split(text.substring(LAYOUT.length()));
      return checked(OciImage.ofLayout(layout.file, layout.name, platform), wanted);
    }
    if (text.startsWith(LAYOUT_ARCHIVE)) {
      FileAndName archive = file(text.substring(LAYOUT_ARCHIVE.length()));
      return checked(OciImage.ofLayoutArchive(archive.file, archive.name, platform), wanted);
    }
    if (text.startsWith(DOCKER_ARCHIVE)) {
      FileAndName archive = file(text.substring(DOCKER_ARCHIVE.length()));
      return checked(OciImage.ofDockerArchive(archive.file, archive.name, platform), wanted);
    }
    if (wanted.isPresent()) {
      throw new SourceException(
          "an architecture can only be chosen of container images: leave out --arch");
    }
    Path path = Path.of(text).toAbsolutePath().normalize();
    if (Files.isDirectory(path)) {
      return new DirectorySource(path);
    }
    requireFile(path);
    requireArchive(path);
    return new TarSource(path);
  }

  private static ImageSource checked(OciImage image, Optional<Platform> wanted) throws IOException {
    OciSource source = new OciSource(image);
    try {
      if (wanted.isPresent()) {
        image.requirePlatform(wanted.get());
      }
      return source;
    } catch (IOException e) {
      source.close();
      throw e;
    }
  }

  /** A colon can be part of a path, so the longest part that exists is the path. */
  private static FileAndName split(String rest) throws SourceException {
    for (int end = rest.length(); end > 0; end = rest.lastIndexOf(':', end - 1)) {
      Path path = Path.of(rest.substring(0, end)).toAbsolutePath();
      if (Files.exists(path)) {
        return new FileAndName(path, end == rest.length() ? "" : rest.substring(end + 1));
      }
    }
    throw new SourceException("no such file or directory");
  }

  private static FileAndName file(String rest) throws SourceException {
    FileAndName found = split(rest);
    requireFile(found.file);
    return found;
  }

  /** What is often taken for an archive that can be unpacked is told by its name. */
  private static void requireArchive(Path path) throws IOException {
    byte[] head;
    try (InputStream file = Files.newInputStream(path)) {
      head = file.readNBytes(ImageAccess.HEAD_OF_IMAGE_FILE);
    }
    Optional<String> filesystem = ImageAccess.filesystemOf(head);
    if (filesystem.isPresent()) {
      throw new SourceException(
          "an image file ("
              + filesystem.get()
              + "), which is not unpacked\nhint: use it as it is: syschroot create NAME --adopt "
              + path);
    }
    if (head.length > 3 && head[0] == 'B' && head[1] == 'Z' && head[2] == 'h') {
      throw new SourceException("compressed by bzip2, which is not read\nhint: bunzip2 -k " + path);
    }
  }

  private static void requireFile(Path path) throws SourceException {
    if (!Files.exists(path)) {
      throw new SourceException("no such file or directory");
    }
    if (!Files.isRegularFile(path)) {
      throw new SourceException("neither a regular file nor a directory");
    }
  }
}
