// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.syschroot.describe.PlanDescription;
import org.syschroot.describe.StepDescription;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.plan.UserIds;

final class PlanDescriptionTest {
  private static final OsString LATIN1 =
      OsString.ofBytes("caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));

  @Test
  void of_everyKindOfStep_hasItsOwnName() {
    Map<Class<?>, String> names = new HashMap<>();
    List<KernelStep> steps = new ArrayList<>(Plans.everything().steps());
    steps.addAll(
        Plans.plan(SwitchRequest.in(Plans.image().build()).rootless(UserIds.KEPT)).steps());
    steps.add(new KernelStep.Unmount(ImagePath.of("/tmp")));
    steps.add(
        new KernelStep.MountImageFile(
            HostPath.of("/srv/a.squashfs"), HostPath.of("/run/syschroot/images/a")));
    for (KernelStep step : steps) {
      StepDescription description = StepDescription.of(step);
      assertThat(description.name()).matches("[a-z]+(-[a-z]+)*");
      assertThat(description.text()).isNotBlank();
      assertThat(description.systemCalls()).isNotEmpty();
      checkValue(description.toMap());
      names.put(step.getClass(), description.name());
    }
    assertThat(names.keySet())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.asList(KernelStep.class.getPermittedSubclasses()));
    assertThat(names.values()).doesNotHaveDuplicates();
  }

  @Test
  void of_plan_tellsTheMountsThatAreLeftOut() {
    PlanDescription description = PlanDescription.of(Plans.everything());

    assertThat(description.image()).isEqualTo("deb32");
    assertThat(description.root()).isEqualTo("/sysroot/deb32");
    assertThat(description.skippedMounts()).hasSize(1);
    assertThat(description.skippedMounts().get(0))
        .containsEntry("target", "/selinux")
        .containsEntry("reason", "the host has no /selinux");
    checkValue(description.toMap());
  }

  @Test
  void of_bytesThatAreNotUtf8_givesHexadecimalDigits() {
    PlanDescription description =
        PlanDescription.of(Plans.command(List.of(OsString.of("/bin/ls"), LATIN1)));
    StepDescription last = description.steps().get(description.steps().size() - 1);

    assertThat(last.details().get("candidates"))
        .isEqualTo(
            List.of(
                Map.of(
                    "program",
                    "/bin/ls",
                    "arguments",
                    List.of("/bin/ls", Map.of("bytes", "636166e9")))));
    checkValue(description.toMap());
  }

  private static void checkValue(Object value) {
    if (value instanceof Map) {
      ((Map<?, ?>) value).keySet().forEach(key -> assertThat(key).isInstanceOf(String.class));
      ((Map<?, ?>) value).values().forEach(PlanDescriptionTest::checkValue);
    } else if (value instanceof List) {
      ((List<?>) value).forEach(PlanDescriptionTest::checkValue);
    } else {
      assertThat(value).isInstanceOfAny(String.class, Long.class, Boolean.class);
    }
  }
}
