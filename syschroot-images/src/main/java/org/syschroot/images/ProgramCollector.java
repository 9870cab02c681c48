// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.syschroot.personality.elf.ElfFile;
import org.syschroot.personality.elf.Library;
import org.syschroot.personality.elf.LibraryClosure;
import org.syschroot.personality.elf.LibrarySearch;

/**
 * Finds the programs for an image with all that they need to start, and keeps count of what is
 * missing, to name it all at once. For one thread.
 */
final class ProgramCollector {
  private static final List<String> NAME_SERVICES =
      List.of("libnss_files.so.2", "libnss_dns.so.2", "libnss_compat.so.2");

  private final ProgramSearch search;
  private final CopiedPaths entries;
  private final LibrarySearch librarySearch = LibrarySearch.in(Path.of("/"));
  private final Set<Path> programs = new LinkedHashSet<>();
  // By the file, since some names are links to the same one.
  private final Map<Path, Path> libraries = new LinkedHashMap<>();
  private final Set<Path> libcDirectories = new LinkedHashSet<>();
  private final Set<String> problems = new LinkedHashSet<>();

  ProgramCollector(ProgramSearch search, CopiedPaths entries) {
    this.search = search;
    this.entries = entries;
  }

  /**
   * Adds programs, their interpreters and libraries.
   *
   * @throws CreateException if something is missing; the message names all of it
   */
  void addAll(List<String> names) throws IOException {
    if (names.isEmpty()) {
      throw new CreateException("give at least one program for the image, such as sh");
    }
    for (String name : names) {
      addProgram(name, "");
    }
    if (!problems.isEmpty()) {
      throw new CreateException(
          "cannot create an image from these programs: "
              + String.join("; ", problems)
              + ": install the missing files, or omit the program");
    }
    for (Path directory : libcDirectories) {
      addNameServices(directory);
    }
  }

  List<Path> programs() {
    return List.copyOf(programs);
  }

  List<Path> libraries() {
    return List.copyOf(libraries.values());
  }

  private void addProgram(String name, String purpose) throws IOException {
    Path program = search.find(name).orElse(null);
    if (program == null) {
      problems.add(missing(name) + purpose);
    } else if (programs.add(program)) {
      try {
        entries.add(program);
        if (ElfFile.isElf(program)) {
          addLibraries(program);
        } else {
          addInterpreters(program);
        }
      } catch (IOException e) {
        problems.add("cannot use " + program + ": " + Failures.reason(e));
      }
    }
  }

  private String missing(String name) {
    if (name.startsWith("/")) {
      return Files.exists(Path.of(name))
          ? name + " is not an executable file"
          : "no such program: " + name;
    }
    return name.contains("/")
        ? "\"" + name + "\" is neither a name nor an absolute path"
        : "no such program: " + name + " in " + search;
  }

  private void addLibraries(Path program) throws IOException {
    LibraryClosure closure = librarySearch.closureOf(program.toString());
    for (String name : closure.notFound()) {
      problems.add("no such library: " + name + ", which " + program + " needs");
    }
    add(closure);
  }

  private void add(LibraryClosure closure) throws IOException {
    List<Library> all = new ArrayList<>(closure.libraries());
    closure.loader().ifPresent(all::add);
    for (Library library : all) {
      Path path = Path.of(library.path());
      libraries.putIfAbsent(entries.add(path), path);
      if (library.name().equals("libc.so.6")) {
        libcDirectories.add(path.getParent());
      }
    }
  }

  private void addInterpreters(Path script) throws IOException {
    ScriptLine line = ScriptLine.read(script);
    addProgram(line.interpreter(), ", the interpreter of " + script);
    if (line.programOfEnv().isPresent()) {
      addProgram(line.programOfEnv().get(), ", the interpreter of " + script);
    }
  }

  /** Adds what glibc loads when a name is looked up; since 2.34 some are part of it. */
  private void addNameServices(Path directory) throws IOException {
    for (String name : NAME_SERVICES) {
      Path module = directory.resolve(name);
      if (Files.isRegularFile(module)) {
        LibraryClosure closure = librarySearch.closureOf(module.toString());
        if (closure.isComplete()) {
          libraries.putIfAbsent(entries.add(module), module);
          add(closure);
        }
      }
    }
  }
}
