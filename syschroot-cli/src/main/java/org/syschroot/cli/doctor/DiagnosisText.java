// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.syschroot.doctor.finding.Diagnosis;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.finding.PrivilegedFile;
import org.syschroot.doctor.finding.Severity;
import org.syschroot.text.Escaped;

/**
 * Diagnoses for people to read: what to do first comes first, each finding on a line of 80 columns
 * with what to do about it, and what several images have in common once.
 */
final class DiagnosisText {
  private static final int COLUMNS = 80;
  private static final int MOST_IMAGES = 3;
  private static final String IMAGE = "IMAGE";
  private static final String PLAIN = "\033[0m";

  private final List<Diagnosis> all;
  private final boolean verbose;
  private final boolean quiet;
  private final boolean colors;
  private final StringBuilder text = new StringBuilder();

  private DiagnosisText(List<Diagnosis> all, boolean verbose, boolean quiet, boolean colors) {
    this.all = quiet ? all.stream().map(DiagnosisText::withoutNotices).toList() : all;
    this.verbose = verbose;
    this.quiet = quiet;
    this.colors = colors;
  }

  /**
   * Returns the text.
   *
   * @param verbose whether causes and places are told, and nothing is shortened
   * @param quiet whether notices are left out, and images without a finding
   */
  static String of(List<Diagnosis> all, boolean verbose, boolean quiet, boolean colors) {
    return new DiagnosisText(all, verbose, quiet, colors).build();
  }

  /** The same finding of some images. */
  private record Common(Finding finding, List<Diagnosis> images) {
    boolean isOfOne() {
      return images.size() == 1;
    }
  }

  private String build() {
    add(Severity.ERROR, "To do first", "error");
    add(Severity.WARNING, "To do then", "warning");
    add(Severity.NOTICE, "Good to know", "notice");
    addProposals();
    if (!quiet) {
      all.stream()
          .filter(diagnosis -> diagnosis.findings().isEmpty())
          .forEach(diagnosis -> text.append(name(diagnosis)).append(": nothing found\n"));
    }
    if (verbose) {
      for (Diagnosis diagnosis : all) {
        diagnosis.privilegedFiles().forEach(file -> text.append(line(name(diagnosis), file)));
      }
    } else if (text.length() > 0 && all.stream().anyMatch(one -> !one.findings().isEmpty())) {
      text.append("Causes and places: syschroot doctor --verbose\n");
    }
    return text.toString();
  }

  /** Leaves out what notices propose too. */
  private static Diagnosis withoutNotices(Diagnosis diagnosis) {
    List<Finding> findings =
        diagnosis.findings().stream()
            .filter(finding -> finding.severity() != Severity.NOTICE)
            .toList();
    return new Diagnosis(diagnosis.image(), findings, diagnosis.privilegedFiles());
  }

  private static String name(Diagnosis diagnosis) {
    return diagnosis.image().name().toString();
  }

  private void add(Severity severity, String title, String word) {
    List<Common> findings = common(severity);
    if (findings.isEmpty()) {
      return;
    }
    text.append(title + " (" + findings.size() + " " + word);
    text.append(findings.size() == 1 ? "):\n" : "s):\n");
    findings.forEach(this::add);
  }

  private List<Common> common(Severity severity) {
    Map<Finding, Common> findings = new LinkedHashMap<>();
    for (Diagnosis diagnosis : all) {
      for (Finding finding : diagnosis.findings()) {
        if (finding.severity() == severity) {
          findings
              .computeIfAbsent(
                  withoutImage(finding, diagnosis), key -> new Common(finding, new ArrayList<>()))
              .images()
              .add(diagnosis);
        }
      }
    }
    return List.copyOf(findings.values());
  }

  /** Returns what is the same for another image. */
  private static Finding withoutImage(Finding finding, Diagnosis diagnosis) {
    return Finding.of(finding.severity(), finding.id())
        .effect(withoutImage(finding.effect(), diagnosis))
        .cause(withoutImage(finding.cause(), diagnosis))
        .remedy(withoutImage(finding.remedy(), diagnosis))
        .build();
  }

  private static String withoutImage(String words, Diagnosis diagnosis) {
    return words
        .replace(diagnosis.image().root().toString(), "ROOT")
        .replaceAll(
            "(syschroot [a-z-]+( -q)?) \\Q" + name(diagnosis) + "\\E(?=[ ;,]|$)", "$1 " + IMAGE);
  }

  private void add(Common common) {
    Finding finding = common.finding();
    Diagnosis first = common.images().get(0);
    String head = images(common) + ": " + finding.severity() + " " + finding.id() + ": ";
    String line = head + Escaped.line(finding.effect());
    text.append(colored(finding.severity(), cut(line))).append('\n');
    if (verbose) {
      addField("why", List.of(finding.cause()));
    }
    String remedy = common.isOfOne() ? finding.remedy() : withoutImage(finding.remedy(), first);
    addField("fix", List.of(remedy));
    if (verbose) {
      common.images().forEach(image -> addField("at", pathsOf(image, finding)));
    }
  }

  private static List<String> pathsOf(Diagnosis image, Finding like) {
    return image.findings().stream()
        .filter(one -> one.id().equals(like.id()) && one.severity() == like.severity())
        .flatMap(one -> one.paths().stream())
        .distinct()
        .toList();
  }

  private String images(Common common) {
    return names(common.images().stream().map(DiagnosisText::name).toList());
  }

  private String names(List<String> names) {
    if (verbose || names.size() <= MOST_IMAGES) {
      return String.join(", ", names);
    }
    return names.get(0) + " and " + (names.size() - 1) + " others";
  }

  private String cut(String line) {
    return verbose || line.codePointCount(0, line.length()) <= COLUMNS
        ? line
        : line.substring(0, line.offsetByCodePoints(0, COLUMNS - 3)) + "...";
  }

  private String colored(Severity severity, String line) {
    if (!colors || severity == Severity.NOTICE) {
      return line;
    }
    return (severity == Severity.ERROR ? "\033[31m" : "\033[33m") + line + PLAIN;
  }

  private void addField(String label, List<String> lines) {
    for (String line : lines) {
      if (!line.isEmpty()) {
        text.append(String.format("    %-4s %s\n", label + ":", Escaped.line(line)));
      }
    }
  }

  /** What is the same for several images is told once. */
  private void addProposals() {
    Map<String, List<String>> images = new LinkedHashMap<>();
    for (Diagnosis diagnosis : all) {
      for (String line : diagnosis.proposedSettings()) {
        add(images, "settings that fix this: " + line, diagnosis);
      }
      if (!diagnosis.proposedMounts().isEmpty()) {
        String mounts =
            diagnosis.proposedMounts().stream()
                .map(mount -> "\"" + Escaped.line(mount) + "\"")
                .collect(Collectors.joining(", "));
        add(images, "add to mounts: " + mounts, diagnosis);
      }
    }
    images.forEach((what, names) -> text.append(names(names) + ": " + what + "\n"));
  }

  private static void add(Map<String, List<String>> images, String what, Diagnosis diagnosis) {
    images.computeIfAbsent(what, key -> new ArrayList<>()).add(name(diagnosis));
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
