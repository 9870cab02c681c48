// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks tests that need commands of the native system, found along {@code PATH} or in the
 * administrator's directories. Elsewhere they are skipped and the reason is printed, or they fail
 * if {@code -Dsyschroot.tests.mustRun=true} is set.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(CommandCondition.class)
public @interface RequiresCommand {
  /** The names of the commands, all of which are needed. */
  String[] value();
}
