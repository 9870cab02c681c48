// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.junit;

import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Carries out {@link InImage}. */
final class ImageExtension implements ExecutionCondition, ParameterResolver {
  ImageExtension() {}

  private static Optional<String> own(ExtensionContext context) {
    return AnnotationSupport.findAnnotation(context.getElement(), InImage.class)
        .map(InImage::value);
  }

  /** Returns the name of the nearest annotation: of the test, its class, or one around that. */
  private static Optional<String> name(ExtensionContext context) {
    return own(context).or(() -> context.getParent().flatMap(ImageExtension::name));
  }

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<String> name = own(context);
    if (name.isEmpty()) {
      return ConditionEvaluationResult.enabled("no image is given");
    }
    try {
      ImageSite.of(context).image(name.get());
      return ConditionEvaluationResult.enabled("the image " + name.get() + " exists");
    } catch (ImageSite.Missing missing) {
      return ImageSite.skipped(missing, context);
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == TestImage.class
        && !AnnotationSupport.isAnnotated(context.getElement(), InEachImage.class);
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    try {
      ImageSite site = ImageSite.of(context);
      return site.forTest(site.image(name(context).orElseThrow()), context);
    } catch (ImageSite.Missing missing) {
      throw new ParameterResolutionException(String.valueOf(missing.getMessage()), missing);
    }
  }
}
