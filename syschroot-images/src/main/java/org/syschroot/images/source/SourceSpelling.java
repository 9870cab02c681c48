// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.source;

import java.io.IOException;
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
      Platform platform =
          architecture.isPresent() ? Platform.parse(architecture.get()) : Platform.ofHost();
      return open(platform, environment);
    } catch (SourceException e) {
      throw named(e);
    }
  }

  /** Returns a failure with the name of this source before its message. */
  public SourceException named(IOException failure) {
    return new SourceException(text + ": " + failure.getMessage(), failure);
  }

  private ImageSource open(Platform platform, Map<String, String> environment) throws IOException {
    if (text.startsWith(REGISTRY)) {
      RegistryReference image = RegistryReference.parse(text.substring(REGISTRY.length()));
      Registry registry = new Registry(RegistryLogins.of(environment), environment);
      return new OciSource(OciImage.ofRegistry(image, registry, platform));
    }
    if (text.startsWith(LAYOUT)) {
      FileAndName layout = split(text.substring(LAYOUT.length()));
      return new OciSource(OciImage.ofLayout(layout.file, layout.name, platform));
    }
    if (text.startsWith(LAYOUT_ARCHIVE)) {
      FileAndName archive = file(text.substring(LAYOUT_ARCHIVE.length()));
      return new OciSource(OciImage.ofLayoutArchive(archive.file, archive.name, platform));
    }
    if (text.startsWith(DOCKER_ARCHIVE)) {
      FileAndName archive = file(text.substring(DOCKER_ARCHIVE.length()));
      return new OciSource(OciImage.ofDockerArchive(archive.file, archive.name, platform));
    }
    Path path = Path.of(text).toAbsolutePath().normalize();
    if (Files.isDirectory(path)) {
      return new DirectorySource(path);
    }
    requireFile(path);
    return new TarSource(path);
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

  private static void requireFile(Path path) throws SourceException {
    if (!Files.exists(path)) {
      throw new SourceException("no such file or directory");
    }
    if (!Files.isRegularFile(path)) {
      throw new SourceException("neither a regular file nor a directory");
    }
  }
}
