// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.junit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;

/** The images of a test run, or why there are none. Immutable. */
final class ImageSite {
  static final String CONFIG = "syschroot.config";
  static final String REQUIRED = "syschroot.required";
  private static final String DEFAULT_CONFIG = "/etc/syschroot";
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(ImageSite.class);

  private final Syschroot syschroot;

  private ImageSite(Syschroot syschroot) {
    this.syschroot = syschroot;
  }

  /** Tells why tests in images cannot run. */
  static final class Missing extends Exception {
    private static final long serialVersionUID = 1;

    Missing(String reason) {
      super(reason);
    }
  }

  /** Returns the images of the configuration directory, which is read once. */
  static ImageSite of(ExtensionContext context) throws Missing {
    Path config =
        Path.of(context.getConfigurationParameter(CONFIG).orElse(DEFAULT_CONFIG)).toAbsolutePath();
    Object found = context.getRoot().getStore(NAMESPACE).computeIfAbsent(config, ImageSite::read);
    if (found instanceof ImageSite imageSite) {
      return imageSite;
    }
    throw new Missing((String) found);
  }

  private static Object read(Path config) {
    try {
      if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
        return "only root can enter images: run the tests as root";
      }
      return new ImageSite(Syschroot.load(config));
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Returns an image of a name or alias. */
  Image image(String name) throws Missing {
    try {
      return syschroot.image(name);
    } catch (NoSuchElementException e) {
      throw new Missing(String.valueOf(e.getMessage()));
    }
  }

  /** Returns all images, at least one. */
  List<Image> images() throws Missing {
    List<Image> images = syschroot.catalog().all();
    if (images.isEmpty()) {
      throw new Missing("no images are configured; create one with: syschroot create");
    }
    return images;
  }

  /** Returns what a test is given, whose commands are reported to it. */
  TestImage forTest(Image image, ExtensionContext context) {
    return new TestImage(syschroot, image, result -> report(result, context));
  }

  private static void report(CommandResult result, ExtensionContext context) {
    Map<String, String> entry = new LinkedHashMap<>();
    entry.put("image", result.image());
    entry.put("command", String.join(" ", result.command()));
    entry.put("exit status", String.valueOf(result.exitStatus()));
    // A report entry has no empty values.
    if (!result.output().isBlank()) {
      entry.put("output", result.output());
    }
    if (!result.error().isBlank()) {
      entry.put("error", result.error());
    }
    context.publishReportEntry(entry);
    System.out.println(result);
  }

  /**
   * Returns that a test is skipped.
   *
   * @throws IllegalStateException if tests in images must run
   */
  static ConditionEvaluationResult skipped(Missing missing, ExtensionContext context) {
    String reason = missing.getMessage();
    if (context.getConfigurationParameter(REQUIRED).map(Boolean::parseBoolean).orElse(false)) {
      throw new IllegalStateException(reason);
    }
    return ConditionEvaluationResult.disabled(reason);
  }
}
