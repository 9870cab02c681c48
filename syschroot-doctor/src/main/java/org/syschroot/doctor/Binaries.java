// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.glibc.Glibc;
import org.syschroot.doctor.glibc.LibraryCache;
import org.syschroot.image.Image;
import org.syschroot.path.ImagePath;
import org.syschroot.personality.elf.ElfClass;
import org.syschroot.personality.elf.ElfMachine;

/**
 * What runs in an image: its shell, the loader of that, and all libraries that the loader finds by
 * its cache. Immutable.
 *
 * @param shell the first shell or other common program there is, empty if there is none
 * @param loader what the shell names as its interpreter, if it is there
 * @param libraries by the names that programs ask for; from the default directories if the image
 *     has no cache
 * @param cache the loader's cache, empty if the image has none that can be read
 * @param libc the C library, if it is glibc
 */
public record Binaries(
    Optional<Binary> shell,
    Optional<Binary> loader,
    List<Binary> libraries,
    Optional<LibraryCache> cache,
    Optional<Glibc> libc) {
  private static final String CACHE = "/etc/ld.so.cache";
  private static final int CACHE_LIMIT = 16 << 20;
  private static final int MOST_LIBRARIES = 20_000;
  private static final List<String> PROGRAMS =
      List.of("/bin/sh", "/bin/bash", "/usr/bin/env", "/bin/ls", "/bin/busybox", "/sbin/init");
  private static final List<String> DIRECTORIES =
      List.of("/lib", "/usr/lib", "/lib64", "/usr/lib64");

  /** Copies the list. */
  public Binaries {
    libraries = List.copyOf(libraries);
  }

  static Binaries of(SystemFiles system, Image image) {
    Optional<Binary> shell =
        Stream.concat(image.shell().map(ImagePath::toString).stream(), PROGRAMS.stream())
            .flatMap(path -> read(system, path, path).stream())
            .findFirst();
    Optional<Binary> loader =
        shell
            .flatMap(program -> program.elf().interpreter())
            .filter(path -> path.startsWith("/"))
            .flatMap(path -> read(system, path, path));
    Optional<LibraryCache> cache =
        system
            .find(CACHE)
            .filter(file -> file.status().isRegularFile())
            .flatMap(file -> system.read(file, CACHE_LIMIT))
            .flatMap(LibraryCache::parse);
    List<Binary> libraries = libraries(system, candidates(system, cache));
    return new Binaries(shell, loader, libraries, cache, libc(system, shell, libraries));
  }

  /** Returns the names of libraries by their paths. */
  private static Map<String, String> candidates(SystemFiles system, Optional<LibraryCache> cache) {
    Map<String, String> names = new LinkedHashMap<>();
    if (cache.isPresent()) {
      cache.get().libraries().forEach(entry -> names.putIfAbsent(entry.path(), entry.name()));
      return names;
    }
    for (String directory : DIRECTORIES) {
      for (String name : system.list(directory)) {
        if (name.contains(".so")) {
          names.putIfAbsent(directory + "/" + name, name);
        } else if (name.endsWith("-linux-gnu") || name.contains("-linux-gnu")) {
          for (String library : system.list(directory + "/" + name)) {
            if (library.contains(".so")) {
              names.putIfAbsent(directory + "/" + name + "/" + library, library);
            }
          }
        }
      }
    }
    return names;
  }

  private static List<Binary> libraries(SystemFiles system, Map<String, String> candidates) {
    List<Binary> libraries = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Map.Entry<String, String> candidate : candidates.entrySet()) {
      Optional<SystemFile> file = system.find(candidate.getKey());
      if (file.isPresent() && seen.add(file.get().path()) && libraries.size() < MOST_LIBRARIES) {
        Binary.read(system, candidate.getValue(), file.get()).ifPresent(libraries::add);
      }
    }
    return libraries;
  }

  private static Optional<Glibc> libc(
      SystemFiles system, Optional<Binary> shell, List<Binary> libraries) {
    return libraries.stream()
        .filter(
            library -> library.name().startsWith("libc.so.") || library.name().matches("libc-2.*"))
        .filter(library -> shell.isEmpty() || isLike(library, shell.get()))
        .findFirst()
        .flatMap(library -> Glibc.read(system, library.file()));
  }

  private static boolean isLike(Binary a, Binary b) {
    return a.elf().machineNumber() == b.elf().machineNumber()
        && a.elf().elfClass() == b.elf().elfClass();
  }

  private static Optional<Binary> read(SystemFiles system, String name, String path) {
    return system.find(path).flatMap(file -> Binary.read(system, name, file));
  }

  /** Returns the processor that the image's programs are for, if there are any. */
  public Optional<ElfMachine> machine() {
    return any().map(binary -> binary.elf().machine());
  }

  /** Returns whether the image's programs are for i386. */
  public boolean areI386() {
    return machine().filter(machine -> machine == ElfMachine.EM_386).isPresent();
  }

  /** Returns whether the image's programs have 32-bit addresses. */
  public boolean are32Bit() {
    return any().filter(binary -> binary.elf().elfClass() == ElfClass.ELFCLASS32).isPresent();
  }

  /** Returns the program or, if there is none, a library. */
  public Optional<Binary> any() {
    return shell.or(() -> libraries.stream().findFirst());
  }

  /** Returns those of the libraries that the image's main programs can load. */
  public List<Binary> loadable() {
    Optional<Binary> main = any();
    return libraries.stream().filter(library -> isLike(library, main.orElse(library))).toList();
  }
}
