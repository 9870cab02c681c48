// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives tests an image, as a parameter of the type {@link TestImage}. On a class it holds for all
 * its tests, and one on a test counts before it.
 *
 * <pre>{@code
 * @Test
 * @InImage("sl5")
 * void build_onScientificLinux5_succeeds(TestImage sl5) throws Exception {
 *   sl5.run("make", "check").requireSuccess();
 * }
 * }</pre>
 *
 * <p>Where the image is not configured, or the tests do not run as root, the test is skipped with
 * the reason, or fails if the configuration parameter {@code syschroot.required} is true. The
 * parameter {@code syschroot.config} is the configuration directory, {@code /etc/syschroot} by
 * default.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(ImageExtension.class)
public @interface InImage {
  /** The name or an alias of the image. */
  String value();
}
