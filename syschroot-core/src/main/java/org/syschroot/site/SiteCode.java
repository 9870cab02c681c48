// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.site;

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
import org.jspecify.annotations.Nullable;
import org.syschroot.config.FileTrust;
import org.syschroot.image.MountContributor;
import org.syschroot.perform.SwitchListener;
import org.syschroot.trust.UntrustedException;

/**
 * The jars of a site: {@code lib/*.jar} beside {@code images.d}, which only root may write. For one
 * thread.
 */
public final class SiteCode {
  private final Path directory;
  private final FileTrust trust;
  private @Nullable URLClassLoader loader;

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
    return services(MountContributor.class);
  }

  /**
   * Returns the listeners that the jars name as services.
   *
   * @throws IOException if a jar is not to be trusted or cannot be loaded
   */
  public List<SwitchListener> listeners() throws IOException {
    return services(SwitchListener.class);
  }

  private <T> List<T> services(Class<T> service) throws IOException {
    List<T> found = new ArrayList<>();
    if (loader == null) {
      List<URL> jars = jars();
      if (jars.isEmpty()) {
        return List.of();
      }
      // Not closed: services may load further classes as long as this process lives.
      loader = new URLClassLoader(jars.toArray(URL[]::new), SiteCode.class.getClassLoader());
    }
    try {
      ServiceLoader.load(service, loader).forEach(found::add);
    } catch (ServiceConfigurationError e) {
      throw new IOException("site code in " + directory + ": " + e.getMessage(), e);
    }
    return found;
  }

  private List<URL> jars() throws IOException {
    List<URL> jars = new ArrayList<>();
    if (!Files.isDirectory(directory)) {
      return jars;
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
    return jars;
  }
}
