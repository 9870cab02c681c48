// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.caller.Caller;
import org.syschroot.caller.Signals;
import org.syschroot.caller.WorkingDirectory;
import org.syschroot.image.Personality;
import org.syschroot.kernel.ChildSettings;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.ResourceLimit;
import org.syschroot.launcher.LauncherAccess;
import org.syschroot.path.OsString;
import org.syschroot.trust.NewDirectory;
import org.syschroot.trust.WholeFile;

/** Numbers that the kernel takes for something else than what they seem to say. */
class IdentityTest {
  static List<ThrowingCallable> meaningSomethingElse() {
    ResourceLimit limit = new ResourceLimit(1, 1);
    return List.of(
        () -> new Identity(-1, 1, List.of()),
        () -> new Identity(1, -1, List.of()),
        () -> new Identity(1, 1, List.of(1, -1)),
        () -> new Identity(1, 1, Collections.nCopies(65_537, 1)),
        () -> LauncherAccess.forGroup(-1),
        () -> LauncherAccess.forOnly(List.of(-1), List.of()),
        () -> LauncherAccess.forOnly(List.of(), List.of(5, -1)),
        () -> new KernelStep.SetLimit(Limit.OPEN_FILES, -1, false),
        () -> new KernelStep.KeepDescriptors(Set.of(0, -1)),
        () -> new Caller(List.of(), WorkingDirectory.UNNAMED, Set.of(-100), Signals.NONE),
        () ->
            new Caller(
                List.of(), WorkingDirectory.UNNAMED, Set.of(0), Signals.NONE, OptionalLong.of(-1)),
        () -> new Personality(0xffffffffL),
        () -> new Personality(-1),
        () -> new Personality(1L << 32),
        () -> LinuxProcessCalls.running().kill(-1, 0),
        () -> LinuxProcessCalls.running().kill(0, 0),
        () -> LinuxProcessCalls.running().setfsuid(-1),
        () ->
            new ChildSettings(
                Map.of(), 0, 0, Map.of(0, limit), List.of(), OptionalInt.of(-1), false),
        () -> NewDirectory.make(LinuxKernel.running(), -1, OsString.of("x"), 010000),
        () -> WholeFile.replaceIn(LinuxKernel.running(), -1, OsString.of("x"), new byte[0], -1));
  }

  @ParameterizedTest
  @MethodSource("meaningSomethingElse")
  void newValue_numberMeansSomethingElseToTheKernel_isRefused(ThrowingCallable making) {
    assertThatIllegalArgumentException().isThrownBy(making);
  }

  @Test
  void newIdentity_highestNumberOfAUser_isAUser() {
    assertThat(new Identity(-2, -2, List.of(0)))
        .hasToString("uid=4294967294 gid=4294967294 groups=0");
  }
}
