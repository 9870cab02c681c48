// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs a test once for each image; it stands in the place of {@code @Test}, and the test has a
 * parameter of the type {@link TestImage}. See {@link InImage} for when it is skipped.
 *
 * <pre>{@code
 * @InEachImage
 * void build_onEachSystem_succeeds(TestImage image) throws Exception {
 *   image.run("make", "check").requireSuccess();
 * }
 * }</pre>
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@TestTemplate
@ExtendWith(EachImageExtension.class)
public @interface InEachImage {
  /** The names of the images, all that are configured by default. */
  String[] value() default {};
}
