// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.embedding;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.plan.Identity;
import org.syschroot.plan.Limit;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.spawn.SwitchedProcess;

/** Runs make in an image, as the page on embedding shows it. */
public final class RunMake {
  private RunMake() {}

  /**
   * Runs make.
   *
   * @param config such as {@code /etc/syschroot}
   * @param log takes make's output
   * @return make's exit status
   */
  public static int run(Path config, File log) throws IOException, InterruptedException {
    Syschroot syschroot = Syschroot.load(config);
    Image sl5 = syschroot.image("sl5");

    SwitchedProcess make =
        syschroot
            .prepare(
                SwitchRequest.in(sl5)
                    .command("make", "-j4")
                    .directory("/home/alice/src")
                    .environment(Map.of("V", "1"))
                    .identity(new Identity(1000, 1000, List.of(1000, 27))))
            .redirectOutput(Redirect.to(log))
            .redirectErrorStream(true)
            .limit(Limit.CPU_SECONDS, 3600)
            .start();
    int status = make.waitFor();
    return status;
  }
}
