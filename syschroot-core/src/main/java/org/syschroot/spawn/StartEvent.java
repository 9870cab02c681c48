// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.util.List;
import java.util.stream.Collectors;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchPlan;

/** Tells Java's flight recorder, if the JVM has one and it runs, of a command that was started. */
final class StartEvent {
  private static final boolean HAS_RECORDER = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private StartEvent() {}

  /** As the JDK's {@code jdk.ProcessStart}, with the image. */
  @Name("org.syschroot.ProcessStart")
  @Label("Process Start in an Image")
  @Description("A command was started in an image")
  @Category({"Operating System"})
  static final class Started extends Event {
    @Label("Process Identifier")
    long pid;

    @Label("Image")
    String image = "";

    @Label("Command")
    String command = "";
  }

  static void commit(long pid, SwitchPlan plan) {
    if (HAS_RECORDER && FlightRecorder.isInitialized()) {
      Started event = new Started();
      if (event.shouldCommit()) {
        event.pid = pid;
        event.image = plan.image().name().toString();
        event.command = command(plan.steps());
        event.commit();
      }
    }
  }

  private static String command(List<KernelStep> steps) {
    return ((KernelStep.Execute) steps.get(steps.size() - 1))
        .candidates().get(0).arguments().stream()
            .map(OsString::toString)
            .collect(Collectors.joining(" "));
  }
}
