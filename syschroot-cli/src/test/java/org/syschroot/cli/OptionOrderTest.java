// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.run.RunCommand;
import org.syschroot.kernel.LinuxKernel;

class OptionOrderTest {
  @ParameterizedTest
  @CsvSource({
    "img, img",
    "img cmd -x, img cmd -x",
    "img -- cmd -x, img -- cmd -x",
    "--user bob img cmd, --user bob img cmd",
    "img --user bob cmd, --user bob img cmd",
    "img --user bob -- --user, --user bob img -- --user",
    "img --login --user=bob -- cmd, --login --user=bob img -- cmd",
    "--login img --user bob, --login --user bob img",
    "-- img --user cmd, -- img --user cmd",
    "img -, img -",
  })
  void optionsBeforeImage_optionsAfterIt_areMovedUpToTheCommand(String given, String expected) {
    RunCommand run =
        new RunCommand(
            new Console(OutputStream.nullOutputStream(), OutputStream.nullOutputStream()),
            LinuxKernel.running());

    assertThat(OptionOrder.optionsBeforeImage(given.split(" "), run.spec()))
        .containsExactly(expected.split(" "));
  }
}
