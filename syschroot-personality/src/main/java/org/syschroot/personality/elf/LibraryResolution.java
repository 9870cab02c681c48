// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One run of {@link LibrarySearch}: the steps of glibc's _dl_map_object_deps and _dl_map_object.
 *
 * <p>Mutable and for one thread.
 */
final class LibraryResolution {
  private static final int MAX_OBJECTS = 1024;

  private final SystemTree tree;
  private final Map<String, Optional<ElfFile>> candidates = new HashMap<>();
  // Requested names, sonames and resolved paths, which start with a slash, of what is loaded.
  private final Set<String> loaded = new HashSet<>();
  private final Queue<LoadedObject> queue = new ArrayDeque<>();
  private final List<Library> libraries = new ArrayList<>();
  private final Set<String> notFound = new LinkedHashSet<>();

  LibraryResolution(SystemTree tree) {
    this.tree = tree;
  }

  private record Candidate(Library library, String resolvedPath, ElfFile elf) {}

  LibraryClosure resolve(String path) throws IOException {
    SystemTree.Located located =
        tree.locateFile(path).orElseThrow(() -> new NoSuchFileException(path));
    ElfFile program = ElfFile.read(located.file());
    // The kernel tells ld.so the program's path without symbolic links.
    queue.add(new LoadedObject(program, parent(located.path()), null));
    Optional<Library> loader = findLoader(program);

    Architecture architecture = Architecture.of(program);
    List<String> configured = LdSoConf.directories(tree);
    List<String> defaults = new ArrayList<>(architecture.defaultDirectories());
    if (program.interpreter().filter(name -> name.contains("/ld-musl-")).isPresent()) {
      defaults.add(1, "/usr/local/lib");
    }
    LibrarySearchPath searchPath = new LibrarySearchPath(tree, architecture, configured, defaults);
    for (LoadedObject object = queue.poll(); object != null; object = queue.poll()) {
      for (String name : object.elf().needed()) {
        load(name, object, searchPath);
      }
    }
    return new LibraryClosure(loader, libraries, List.copyOf(notFound));
  }

  private Optional<Library> findLoader(ElfFile program) throws IOException {
    Optional<String> name = program.interpreter();
    if (name.isEmpty()) {
      return Optional.empty();
    }
    Candidate found = name.get().startsWith("/") ? open(name.get(), name.get(), program) : null;
    if (found == null) {
      notFound.add(name.get());
      return Optional.empty();
    }
    // The loader is in the process already when a library asks for it by its soname.
    markLoaded(found);
    return Optional.of(found.library());
  }

  private void load(String name, LoadedObject object, LibrarySearchPath searchPath)
      throws IOException {
    tree.step();
    if (loaded.contains(name)) {
      return;
    }
    Candidate found = searchPath.find(name, object, path -> open(name, path, object.elf()));
    if (found == null) {
      notFound.add(name);
      return;
    }
    boolean another = !loaded.contains(found.resolvedPath());
    markLoaded(found);
    if (another) {
      if (libraries.size() >= MAX_OBJECTS) {
        throw new IOException(name + ": more than " + MAX_OBJECTS + " libraries are needed");
      }
      libraries.add(found.library());
      queue.add(new LoadedObject(found.elf(), parent(found.library().path()), object));
    }
  }

  private void markLoaded(Candidate found) {
    loaded.add(found.library().name());
    loaded.add(found.resolvedPath());
    found.elf().soname().ifPresent(loaded::add);
  }

  private @Nullable Candidate open(String name, String path, ElfFile asker) throws IOException {
    Optional<SystemTree.Located> located = tree.locateFile(path);
    if (located.isEmpty()) {
      return null;
    }
    String resolved = located.get().path();
    Optional<ElfFile> elf = candidates.get(resolved);
    if (elf == null) {
      elf = read(located.get(), asker);
      candidates.put(resolved, elf);
    }
    Library library = new Library(name, path, located.get().file());
    return elf.map(file -> new Candidate(library, resolved, file)).orElse(null);
  }

  private static Optional<ElfFile> read(SystemTree.Located located, ElfFile asker)
      throws IOException {
    try {
      ElfFile elf = ElfFile.read(located.file());
      // All objects match the program, so the answer is the same whoever asks.
      return elf.type() == ElfType.ET_DYN && elf.isLoadableWith(asker)
          ? Optional.of(elf)
          : Optional.empty();
    } catch (ElfFormatException | FileSystemException e) {
      // ldconfig leaves out what is not a library, such as a linker script, or not readable.
      return Optional.empty();
    }
  }

  private static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }
}
