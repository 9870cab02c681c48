// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.syschroot.doctor.files.ByteText;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.PrivilegedFile;

/**
 * The programs of an image that give a privilege, and which of them its package database knows.
 * Immutable.
 *
 * @param files the programs
 * @param packages those of the files that the database knows, or why that is not known
 */
public record PrivilegedFiles(Map<String, TreeSurvey.Privileged> files, PackagedFiles packages) {
  static PrivilegedFiles of(SystemFiles tree, TreeSurvey survey) {
    Map<String, TreeSurvey.Privileged> files = new HashMap<>();
    String root = tree.shown("/");
    for (TreeSurvey.Privileged file : survey.privileged()) {
      String path = file.hostPath();
      files.put(root.equals("/") ? path : path.substring(root.length()), file);
    }
    return new PrivilegedFiles(files, PackagedFiles.among(files.keySet(), tree));
  }

  /** Returns the paths in the image that the database knows; empty if that is not known. */
  public Optional<Set<String>> packaged() {
    return packages.paths();
  }

  /** Returns the paths in the image of those that the database does not know. */
  public List<String> unknown() {
    return packaged().isEmpty()
        ? List.of()
        : files.keySet().stream()
            .filter(path -> !packaged().get().contains(path))
            .sorted()
            .toList();
  }

  List<PrivilegedFile> described() {
    return files.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(file -> described(file.getKey(), file.getValue()))
        .collect(Collectors.toList());
  }

  private PrivilegedFile described(String path, TreeSurvey.Privileged file) {
    String known = packaged().map(paths -> paths.contains(path) ? "yes" : "no").orElse("unknown");
    return new PrivilegedFile(
        ByteText.shown(file.hostPath()),
        file.privileges(),
        file.status().uid(),
        file.status().gid(),
        known);
  }
}
