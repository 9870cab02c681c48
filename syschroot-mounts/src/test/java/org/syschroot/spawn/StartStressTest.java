// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.testing.Dose;
import org.syschroot.testing.ProcFiles;

/** A JVM that starts commands for long has no more of anything. {@code -Pstress} does 100 000. */
final class StartStressTest {
  private static final int STARTS = Dose.of(2000, 100_000);

  @TempDir static Path directory;

  @Test
  void starts_destroyedInterruptedAndWithoutHeap_leaveWhatWasAfterTheFirstThousand()
      throws Exception {
    ProcFiles.assumeRootAndBusybox();
    long seed = System.nanoTime();
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx64m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-XX:-UseDynamicNumberOfCompilerThreads",
                // What the second compiler takes for as long as it learns would hide what is lost.
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                StartStress.class.getName(),
                Files.createDirectory(directory.resolve("images")).toString(),
                Integer.toString(STARTS),
                Long.toString(seed))
            .redirectErrorStream(true)
            .start();
    String output = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    System.out.println(output);
    assertThat(jvm.waitFor()).as("seed %d: %s", seed, output).isZero();
  }
}
