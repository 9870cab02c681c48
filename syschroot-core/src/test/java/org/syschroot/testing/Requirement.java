// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What becomes of a test that cannot run here: skipped with its reason printed, or failed. */
final class Requirement {
  private static final String MUST_RUN = "syschroot.tests.mustRun";

  private Requirement() {}

  static ConditionEvaluationResult met(String what) {
    return ConditionEvaluationResult.enabled(what);
  }

  static ConditionEvaluationResult notMet(ExtensionContext context, String reason) {
    if (Boolean.getBoolean(MUST_RUN)) {
      throw new AssertionError(
          context.getDisplayName() + " must run (-D" + MUST_RUN + "=true), but " + reason);
    }
    String test = context.getRequiredTestClass().getSimpleName();
    System.out.println("SKIPPED " + test + ": " + context.getDisplayName() + ": " + reason);
    return ConditionEvaluationResult.disabled(reason);
  }
}
