// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.upkeep;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.syschroot.config.FileTrust;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.path.UntrustedException;

/**
 * Accepts configuration that others than root can write, since the doctor only reads, and tells of
 * it as a finding. Code of the site is never loaded this way.
 */
public final class LenientTrust implements FileTrust, Check {
  private final FileTrust strict;
  private final Map<String, String> refused = new LinkedHashMap<>();

  public LenientTrust(FileTrust strict) {
    this.strict = strict;
  }

  @Override
  public void check(Path file) throws IOException {
    try {
      strict.check(file);
    } catch (UntrustedException e) {
      refuse(file.toString(), String.valueOf(e.getMessage()));
    }
  }

  public void refuse(String file, String reason) {
    refused.put(file, reason);
  }

  /** Tells of all files: one that is refused keeps every image from being entered. */
  @Override
  public List<Finding> examine(Examination examination) {
    return refused.entrySet().stream()
        .map(
            file ->
                Finding.error("configuration-writable-by-others")
                    .effect(
                        "syschroot refuses all images (exit status 125), because users other than"
                            + " root could control what it does as root")
                    .cause(file.getValue())
                    .remedy(
                        "give it to root and remove write permission for all others, or move"
                            + " it to a directory that only root can modify")
                    .path(file.getKey())
                    .build())
        .toList();
  }
}
