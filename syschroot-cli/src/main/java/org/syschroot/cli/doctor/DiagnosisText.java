// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import java.util.List;
import java.util.stream.Collectors;
import org.syschroot.doctor.Diagnosis;
import org.syschroot.doctor.Finding;
import org.syschroot.doctor.PrivilegedFile;
import org.syschroot.path.Escaped;

/** A diagnosis for people to read. */
final class DiagnosisText {
  private DiagnosisText() {}

  static String of(Diagnosis diagnosis, boolean verbose) {
    String image = diagnosis.image().name().toString();
    StringBuilder text = new StringBuilder();
    for (Finding finding : diagnosis.findings()) {
      add(image, finding, text);
    }
    if (diagnosis.findings().isEmpty()) {
      text.append(image).append(": nothing found\n");
    }
    if (!diagnosis.proposedMounts().isEmpty()) {
      text.append(image)
          .append(": proposal: add to mounts: ")
          .append(
              diagnosis.proposedMounts().stream()
                  .map(mount -> "\"" + Escaped.line(mount) + "\"")
                  .collect(Collectors.joining(", ")))
          .append('\n');
    }
    if (verbose) {
      for (PrivilegedFile file : diagnosis.privilegedFiles()) {
        text.append(line(image, file));
      }
    }
    return text.toString();
  }

  private static void add(String image, Finding finding, StringBuilder text) {
    String effect = Escaped.line(finding.effect());
    text.append(image + ": " + finding.severity() + " " + finding.id() + ": " + effect + "\n");
    addField("why", List.of(finding.cause()), text);
    addField("do", List.of(finding.remedy()), text);
    addField("at", finding.paths(), text);
  }

  private static void addField(String name, List<String> lines, StringBuilder text) {
    for (String line : lines) {
      if (!line.isEmpty()) {
        text.append(String.format("    %-4s %s\n", name + ":", Escaped.line(line)));
      }
    }
  }

  private static String line(String image, PrivilegedFile file) {
    return String.format(
        "%s: privileged %s: %s, of %s:%s, from a package: %s\n",
        image,
        Escaped.line(file.path()),
        String.join(" and ", file.privileges()),
        Integer.toUnsignedString(file.owner()),
        Integer.toUnsignedString(file.group()),
        file.packaged());
  }
}
