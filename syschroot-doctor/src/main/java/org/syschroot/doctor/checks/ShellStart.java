// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.syschroot.doctor.Binary;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.trust.ImageRemedies;

/** A shell whose loader or libraries the image does not have: then hardly any program starts. */
final class ShellStart implements Check {
  private static final List<String> DIRECTORIES =
      List.of("/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64", "/usr/lib32");

  @Override
  public List<Finding> examine(Examination examination) {
    Optional<Binary> shell = examination.binaries().shell();
    if (shell.isEmpty()) {
      return List.of();
    }
    Optional<String> interpreter = shell.get().elf().interpreter();
    if (interpreter.isPresent() && examination.binaries().loader().isEmpty()) {
      return List.of(
          Finding.error("loader-missing")
              .effect(
                  "no program of the image starts: No such file or directory (ENOENT), exit status"
                      + " 126")
              .cause(
                  shell.get().file().path()
                      + " needs the dynamic loader "
                      + interpreter.get()
                      + ", which the image does not have")
              .remedy(ImageRemedies.LOADER_MISSING)
              .path(examination.tree().shown(interpreter.get()))
              .build());
    }
    List<String> missing = missing(examination, shell.get());
    if (missing.isEmpty()) {
      return List.of();
    }
    return List.of(
        Finding.error("shell-library-missing")
            .effect(
                "the shell does not start: \"error while loading shared libraries\", exit status"
                    + " 127")
            .cause(
                shell.get().file().path()
                    + " needs "
                    + String.join(", ", missing)
                    + ", which the image does not have")
            .remedy("install the package of the library in the image, or create the image again")
            .path(shell.get().file().shown())
            .build());
  }

  private static List<String> missing(Examination examination, Binary shell) {
    if (!shell.elf().rpath().isEmpty() || !shell.elf().runpath().isEmpty()) {
      return List.of(); // it may have a directory of its own
    }
    SystemFiles inside = examination.inside();
    Set<String> known = new HashSet<>();
    examination.binaries().libraries().forEach(library -> known.add(library.name()));
    List<String> directories = new ArrayList<>(DIRECTORIES);
    for (String directory : DIRECTORIES) {
      for (String name : inside.list(directory)) {
        if (name.contains("-linux-")) {
          directories.add(directory + "/" + name);
        }
      }
    }
    return shell.elf().needed().stream()
        .filter(name -> !known.contains(name))
        .filter(
            name ->
                directories.stream()
                    .noneMatch(directory -> inside.find(directory + "/" + name).isPresent()))
        .toList();
  }
}
