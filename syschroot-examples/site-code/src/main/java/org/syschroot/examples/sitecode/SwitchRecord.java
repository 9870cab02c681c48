// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.sitecode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;

/**
 * Writes a line about every command that {@code syschroot run} or a program with the library starts
 * in an image, where the directory for it exists. A command that cannot be recorded is not started:
 * a listener that throws before the start ends it. Immutable.
 */
public final class SwitchRecord implements SwitchListener {
  private final Path file;

  /** Creates the listener, for the command that finds it. */
  public SwitchRecord() {
    this(Path.of("/var/log/syschroot/switches.log"));
  }

  SwitchRecord(Path file) {
    this.file = file;
  }

  @Override
  public void beforeStart(SwitchPlan plan) {
    KernelStep last = plan.steps().get(plan.steps().size() - 1);
    if (!(last instanceof KernelStep.Execute execute)
        || !Files.isDirectory(file.resolveSibling("."))) {
      return;
    }
    try {
      FileChannel record =
          FileChannel.open(
              file,
              Set.of(
                  StandardOpenOption.CREATE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
      try (record) {
        record.write(ByteBuffer.wrap(line(execute).getBytes(StandardCharsets.UTF_8)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot record this command in " + file, e);
    }
  }

  private static String line(KernelStep.Execute execute) {
    OsString command = execute.candidates().get(0).arguments().get(0);
    return Instant.now().truncatedTo(ChronoUnit.SECONDS)
        + " "
        + value(execute, "SYSCHROOT_IMAGE=")
        + " "
        + value(execute, "USER=")
        + " "
        + command
        + "\n";
  }

  private static String value(KernelStep.Execute execute, String prefix) {
    return execute.environment().stream()
        .map(OsString::toString)
        .filter(entry -> entry.startsWith(prefix))
        .map(entry -> entry.substring(prefix.length()))
        .findFirst()
        .orElse("-");
  }
}
