// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogRelayTest {
  @Test
  void run_image_isServedAndTheSocketRemovedAtTheEnd(@TempDir Path folder) throws Exception {
    Path root = folder.toRealPath().resolve("image");
    Files.createDirectories(root.resolve("dev"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    LogRelay.run(
        InputStream.nullInputStream(),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        folder.resolve("native").toString(),
        "sl5=" + root);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("SERVING: image sl5: " + root.resolve("dev/log"))
        .contains("AWAY: ")
        .contains("image=sl5, received=0");
    assertThat(root.resolve("dev/log")).doesNotExist();
  }
}
