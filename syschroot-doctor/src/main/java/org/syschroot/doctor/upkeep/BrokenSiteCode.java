// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.upkeep;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.rules.SiteCodeException;

/** Code of the site that cannot be loaded, or fails when it is asked. */
public final class BrokenSiteCode implements Check {
  private final Map<String, SiteCodeException> failures = new LinkedHashMap<>();

  public void failed(SiteCodeException failure) {
    failures.putIfAbsent(String.valueOf(failure.getMessage()), failure);
  }

  @Override
  public List<Finding> examine(Examination examination) {
    return failures.values().stream()
        .map(
            failure ->
                Finding.error("site-code-broken")
                    .effect("run, explain and mount fail (exit status 125)")
                    .cause(String.valueOf(failure.getMessage()))
                    .remedy("correct or remove the jar, or use --no-site-code until then")
                    .path(failure.jar().toString())
                    .build())
        .toList();
  }
}
