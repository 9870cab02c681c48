// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.syschroot.host.SharedMounts;
import org.syschroot.image.SharedItem;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.ProcFiles;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/**
 * Which files an image is to have so that it has the same effect as the host, by what the host has.
 * Nothing is written. For one thread.
 */
final class SharedContents {
  static final String ZONES = "/usr/share/zoneinfo/";
  private static final List<String> BUNDLES =
      List.of(
          "/etc/ssl/certs/ca-certificates.crt",
          "/etc/pki/tls/certs/ca-bundle.crt",
          "/etc/ssl/ca-bundle.pem",
          "/etc/ssl/cert.pem");
  private static final List<String> LOCALES = List.of("/etc/default/locale", "/etc/locale.conf");
  private static final String MTAB = "/etc/mtab";
  private static final int ALL_MAY_READ = 04;

  /** All paths in an image that there can be contents for. */
  static final Set<String> PLACES =
      Stream.concat(SharedMounts.PATHS.stream().map(ImagePath::toString), Stream.of(MTAB))
          .collect(Collectors.toUnmodifiableSet());

  private final Kernel kernel;
  private final Path host;
  private final Predicate<String> image;
  private final Map<ImagePath, SharedContent> wanted = new LinkedHashMap<>();

  private SharedContents(Kernel kernel, Path host, Predicate<String> image) {
    this.kernel = kernel;
    this.host = host;
    this.image = image;
  }

  /**
   * Returns the files by their paths in the image.
   *
   * @param host the root directory of the host
   * @param image tells whether a path of the image leads to a file or directory
   */
  static Map<ImagePath, SharedContent> of(
      Kernel kernel, Set<SharedItem> items, Path host, Predicate<String> image) throws IOException {
    SharedContents contents = new SharedContents(kernel, host, image);
    for (SharedItem item : items) {
      contents.add(item);
    }
    return contents.wanted;
  }

  private void add(SharedItem item) throws IOException {
    switch (item) {
      case ACCOUNTS, PASSWORDS -> {}
      case RESOLVER -> copy("/etc/resolv.conf");
      case HOSTS -> copy("/etc/hosts");
      case MACHINE_ID -> copy("/etc/machine-id");
      case MTAB -> put(MTAB, new SharedContent.Link("../proc/self/mounts"));
      case TIMEZONE -> timezone();
      case LOCALE -> one(LOCALES, image.test("/etc/default") ? LOCALES.get(0) : LOCALES.get(1));
      case CERTIFICATES -> one(BUNDLES, BUNDLES.get(0));
      case PRINTERS -> printers();
    }
  }

  private void put(String path, SharedContent content) {
    wanted.put(ImagePath.of(path), content);
  }

  private Optional<SharedContent> read(String path) throws IOException {
    Path file = host.resolve(path.substring(1));
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK;
    try (Descriptor opened =
        Descriptor.opened(
            kernel, kernel.openat(Kernel.AT_FDCWD, HostPath.of(file).value(), flags, 0))) {
      FileStatus status = opened.status();
      // The copy is for all. A daemon that owns what /etc/resolv.conf leads to could have put a
      // link to something else there.
      return status.isRegularFile() && (status.permissions() & ALL_MAY_READ) != 0
          ? Optional.of(new SharedContent.File(ProcFiles.content(kernel, opened.number())))
          : Optional.empty();
    }
  }

  private void copy(String path) throws IOException {
    read(path).ifPresent(content -> put(path, content));
  }

  /** The first that the host has is shown at all that the image has. */
  private void one(List<String> places, String otherwise) throws IOException {
    for (String place : places) {
      Optional<SharedContent> content = read(place);
      if (content.isPresent()) {
        List<String> there = places.stream().filter(image).toList();
        (there.isEmpty() ? List.of(otherwise) : there)
            .forEach(target -> put(target, content.get()));
        return;
      }
    }
  }

  /**
   * The name of the zone is what some programs look for, so where the image knows the zone it is a
   * link as usual, and else a copy. What a link of the image leads to is never written: it is the
   * zone of that name.
   */
  private void timezone() throws IOException {
    Optional<String> zone = zone();
    boolean isKnown = zone.isPresent() && image.test(ZONES + zone.get());
    if (isKnown) {
      put("/etc/localtime", new SharedContent.Link(ZONES + zone.get()));
    } else {
      copy("/etc/localtime");
    }
    if (zone.isPresent() && image.test("/etc/timezone")) {
      put(
          "/etc/timezone",
          new SharedContent.File((zone.get() + "\n").getBytes(StandardCharsets.UTF_8)));
    }
  }

  private Optional<String> zone() throws IOException {
    Path file = host.resolve("etc/localtime");
    if (!Files.isSymbolicLink(file)) {
      return Optional.empty();
    }
    String text = Files.readSymbolicLink(file).toString();
    int zones = text.indexOf("/zoneinfo/");
    return zones < 0
        ? Optional.empty()
        : Optional.of(text.substring(zones + "/zoneinfo/".length()));
  }

  /** Without settings, CUPS clients look for the socket of the host, which the image has not. */
  private void printers() throws IOException {
    Optional<SharedContent> settings = read("/etc/cups/client.conf");
    if (settings.isPresent()) {
      put("/etc/cups/client.conf", settings.get());
    } else if (Files.exists(host.resolve("run/cups/cups.sock"))) {
      put(
          "/etc/cups/client.conf",
          new SharedContent.File("ServerName localhost\n".getBytes(StandardCharsets.UTF_8)));
    }
  }
}
