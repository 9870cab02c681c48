// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.finding;

import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.syschroot.image.Image;
import org.syschroot.image.SharedItem;

/**
 * What was found about an image. Immutable.
 *
 * @param image the image
 * @param findings the worst first
 * @param privilegedFiles all programs of the image that give a privilege, in good order or not
 */
public record Diagnosis(Image image, List<Finding> findings, List<PrivilegedFile> privilegedFiles) {
  /** Copies the lists. */
  public Diagnosis {
    findings = List.copyOf(findings);
    privilegedFiles = List.copyOf(privilegedFiles);
  }

  /** Returns how many findings have a severity. */
  public long count(Severity severity) {
    return findings.stream().filter(finding -> finding.severity() == severity).count();
  }

  /** Returns the lines of the image's configuration file that would mend findings. */
  public List<String> proposedSettings() {
    Set<SharedItem> items = EnumSet.noneOf(SharedItem.class);
    findings.forEach(finding -> items.addAll(finding.items()));
    return ProposedSettings.of(image, items);
  }

  /** Returns the mounts that would mend findings, each once. */
  public Set<String> proposedMounts() {
    Set<String> mounts = new LinkedHashSet<>();
    findings.forEach(finding -> mounts.addAll(finding.mounts()));
    return mounts;
  }
}
