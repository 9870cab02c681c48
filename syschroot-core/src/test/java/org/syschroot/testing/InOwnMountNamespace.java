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
 * Marks test classes that really mount. Each test method, with its {@code @BeforeEach} and
 * {@code @AfterEach}, runs in a thread with a private mount namespace, which processes started from
 * there inherit and which vanishes with the thread. The test fails if the native system's mount
 * table is another one afterwards.
 *
 * <p>Needs root, as {@link RequiresRoot}. In such a thread {@code /proc/thread-self/mountinfo} is
 * the mount table; {@code /proc/self} is the main thread's. Threads that others have started, such
 * as a common pool's, are not in the namespace.
 */
@Documented
@Inherited
@RequiresRoot
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(MountNamespaceExtension.class)
public @interface InOwnMountNamespace {}
