// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Carries out {@link RequiresCommand}. */
final class CommandCondition implements ExecutionCondition {
  private static final String ADMINISTRATORS = ":/usr/local/sbin:/usr/sbin:/sbin";

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    List<String> missing = new ArrayList<>();
    AnnotationSupport.findAnnotation(context.getElement(), RequiresCommand.class)
        .ifPresent(
            required -> {
              for (String command : required.value()) {
                if (!isThere(command)) {
                  missing.add(command);
                }
              }
            });
    return missing.isEmpty()
        ? Requirement.met("has all commands")
        : Requirement.notMet(context, "it needs the commands " + missing);
  }

  private static boolean isThere(String command) {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin") + ADMINISTRATORS;
    for (String directory : path.split(":")) {
      if (!directory.isEmpty() && Files.isExecutable(Path.of(directory, command))) {
        return true;
      }
    }
    return false;
  }
}
