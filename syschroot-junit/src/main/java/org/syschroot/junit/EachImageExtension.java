// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.junit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;
import org.syschroot.image.Image;

/** Carries out {@link InEachImage}. */
final class EachImageExtension implements TestTemplateInvocationContextProvider {
  EachImageExtension() {}

  /** One invocation: its name, and what gives it an image or skips it. */
  private record Invocation(String name, Extension extension)
      implements TestTemplateInvocationContext {
    @Override
    public String getDisplayName(int index) {
      return name;
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
      return List.of(extension);
    }
  }

  /** Gives the test its image. */
  private record Given(ImageSite site, Image image) implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == TestImage.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return site.forTest(image, context);
    }
  }

  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return AnnotationSupport.isAnnotated(context.getElement(), InEachImage.class);
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    String[] names =
        AnnotationSupport.findAnnotation(context.getElement(), InEachImage.class)
            .orElseThrow()
            .value();
    List<TestTemplateInvocationContext> invocations = new ArrayList<>();
    try {
      ImageSite site = ImageSite.of(context);
      for (String name : names) {
        invocations.add(named(site, name));
      }
      if (names.length == 0) {
        site.images().forEach(image -> invocations.add(given(site, image)));
      }
    } catch (ImageSite.Missing missing) {
      invocations.add(skipped("images", missing));
    }
    return invocations.stream();
  }

  private static Invocation named(ImageSite site, String name) {
    try {
      return given(site, site.image(name));
    } catch (ImageSite.Missing missing) {
      return skipped(name, missing);
    }
  }

  private static Invocation given(ImageSite site, Image image) {
    return new Invocation(image.name().toString(), new Given(site, image));
  }

  private static Invocation skipped(String name, ImageSite.Missing missing) {
    ExecutionCondition condition = context -> ImageSite.skipped(missing, context);
    return new Invocation(name, condition);
  }
}
