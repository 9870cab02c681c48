// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.rules;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.syschroot.config.FileTrust;
import org.syschroot.image.MountContributor;
import org.syschroot.kernel.Kernel;
import org.syschroot.plan.SwitchListener;
import org.syschroot.site.SwitchContributor;

/**
 * The jars of a site: {@code lib/*.jar} beside {@code images.d}, which only root may write. They
 * are looked at when something of them is first asked for. Thread-safe.
 */
public final class SiteCode {
  private static final List<Class<?>> INTERFACES =
      List.of(MountContributor.class, SwitchContributor.class, SwitchListener.class);

  private final @Nullable Path directory;
  private final FileTrust trust;
  private final SiteCalls calls;
  private @Nullable List<SiteJar> jars;
  private @Nullable URLClassLoader loader;
  private @Nullable List<MountContributor> contributors;
  private @Nullable List<SiteSwitchContributor> switchContributors;

  private SiteCode(@Nullable Path directory, FileTrust trust, SiteCalls calls) {
    this.directory = directory;
    this.trust = trust;
    this.calls = calls;
  }

  /**
   * Returns the code of a configuration directory.
   *
   * @param trust what a jar must satisfy before it is loaded
   * @param warnings is told of code that is slow, and of failures that end nothing
   */
  public static SiteCode in(
      Path config, FileTrust trust, Kernel kernel, Consumer<String> warnings) {
    return in(config, trust, new SiteCalls(kernel, warnings));
  }

  static SiteCode in(Path config, FileTrust trust, SiteCalls calls) {
    return new SiteCode(config.resolve("lib"), trust, calls);
  }

  /** Returns no code. */
  public static SiteCode none(Kernel kernel) {
    return new SiteCode(null, FileTrust.ANY, new SiteCalls(kernel, warning -> {}));
  }

  /**
   * Returns the contributors that the jars name as services.
   *
   * @throws SiteCodeException if a jar or one of its classes cannot be used
   * @throws IOException if the directory cannot be read
   */
  public synchronized List<MountContributor> contributors() throws IOException {
    List<MountContributor> known = contributors;
    if (known == null) {
      List<MountContributor> found = new ArrayList<>();
      for (Service<MountContributor> one : services(MountContributor.class)) {
        found.add(new SiteContributor(one.code(), one.origin(), calls));
      }
      known = List.copyOf(found);
      contributors = known;
    }
    return known;
  }

  /** Returns the contributors to single commands. */
  synchronized List<SiteSwitchContributor> switchContributors() throws IOException {
    List<SiteSwitchContributor> known = switchContributors;
    if (known == null) {
      List<SiteSwitchContributor> found = new ArrayList<>();
      for (Service<SwitchContributor> one : services(SwitchContributor.class)) {
        found.add(new SiteSwitchContributor(one.code(), one.origin(), calls));
      }
      known = List.copyOf(found);
      switchContributors = known;
    }
    return known;
  }

  /** Returns a listener that tells {@code own} and new ones of the jars. */
  synchronized SwitchListener listener(SwitchListener own) throws IOException {
    List<SiteListeners.Listener> others = new ArrayList<>();
    for (Service<SwitchListener> one : services(SwitchListener.class)) {
      others.add(new SiteListeners.Listener(one.code(), one.origin()));
    }
    return others.isEmpty() ? own : new SiteListeners(own, others, calls);
  }

  /** Returns the name of a contributor, which must have one. */
  static String name(SiteOrigin origin, SiteCalls calls, Callable<@Nullable String> code)
      throws SiteCodeException {
    String name = calls.inTime(origin, "name", code);
    if (name.isBlank()) {
      throw origin.failure("name returned an empty string");
    }
    return name;
  }

  /** A new object of a jar's class. */
  private record Service<T>(T code, SiteOrigin origin) {}

  private <T> List<Service<T>> services(Class<T> type) throws IOException {
    List<Service<T>> found = new ArrayList<>();
    for (SiteJar jar : jars()) {
      for (String name : jar.services().getOrDefault(type.getName(), List.of())) {
        SiteOrigin origin = new SiteOrigin(jar.file(), name);
        found.add(
            new Service<>(
                calls.inTime(origin, "creation", () -> create(name, type, origin)), origin));
      }
    }
    return found;
  }

  private <T> T create(String name, Class<T> type, SiteOrigin origin) throws Exception {
    Class<?> loaded;
    try {
      loaded = Class.forName(name, true, loader);
    } catch (ClassNotFoundException e) {
      throw origin.failure("the jar lists this class as a service, but does not contain it");
    }
    if (!type.isAssignableFrom(loaded)) {
      throw origin.failure("does not implement " + type.getName());
    }
    try {
      return type.cast(loaded.getConstructor().newInstance());
    } catch (NoSuchMethodException | IllegalAccessException | InstantiationException e) {
      throw origin.failure("must be a public class with a public constructor without parameters");
    } catch (InvocationTargetException e) {
      throw origin.failure(Objects.requireNonNull(e.getCause()));
    }
  }

  private List<SiteJar> jars() throws IOException {
    List<SiteJar> known = jars;
    if (known == null) {
      known = directory == null ? List.of() : read(directory);
      if (!known.isEmpty()) {
        URL[] urls = new URL[known.size()];
        for (int i = 0; i < urls.length; i++) {
          urls[i] = url(known.get(i));
        }
        // Not closed: services may load further classes as long as this process lives.
        loader = new URLClassLoader(urls, SiteCode.class.getClassLoader());
      }
      jars = known;
    }
    return known;
  }

  private static URL url(SiteJar jar) {
    try {
      return jar.file().toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<SiteJar> read(Path lib) throws IOException {
    if (!Files.isDirectory(lib)) {
      return List.of();
    }
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(lib, "*.jar")) {
      entries.forEach(files::add);
    }
    Collections.sort(files);
    List<SiteJar> read = new ArrayList<>();
    for (Path file : files) {
      read.add(SiteJar.read(file, trust, INTERFACES));
    }
    return List.copyOf(read);
  }
}
