// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.syschroot.image.MountContributor;
import org.syschroot.trust.UntrustedException;

/**
 * The jars of a site: {@code lib/*.jar} beside {@code images.d}, which only root may write.
 * Immutable.
 */
public final class SiteCode {
  private final Path directory;
  private final FileTrust trust;

  /**
   * Creates the code of a configuration directory.
   *
   * @param trust what a jar must satisfy before it is loaded
   */
  public SiteCode(Path config, FileTrust trust) {
    this.directory = config.resolve("lib");
    this.trust = trust;
  }

  /**
   * Returns the contributors that the jars name as services.
   *
   * @throws IOException if a jar is not to be trusted or cannot be loaded
   */
  public List<MountContributor> contributors() throws IOException {
    List<URL> jars = new ArrayList<>();
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*.jar")) {
      for (Path jar : entries) {
        try {
          trust.check(jar);
        } catch (UntrustedException e) {
          throw new IOException("site code " + jar + ": " + e.getMessage(), e);
        }
        jars.add(jar.toUri().toURL());
      }
    }
    if (jars.isEmpty()) {
      return List.of();
    }
    // Not closed: the contributors may load further classes as long as this process lives.
    URLClassLoader loader =
        new URLClassLoader(jars.toArray(URL[]::new), MountContributor.class.getClassLoader());
    List<MountContributor> contributors = new ArrayList<>();
    try {
      ServiceLoader.load(MountContributor.class, loader).forEach(contributors::add);
    } catch (ServiceConfigurationError e) {
      throw new IOException("site code in " + directory + ": " + e.getMessage(), e);
    }
    return contributors;
  }
}
