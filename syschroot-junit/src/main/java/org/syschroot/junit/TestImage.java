// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.junit;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.path.OsString;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.spawn.SwitchedProcess;

/**
 * The image of a test. What its commands write is in the report of the test: as a report entry, and
 * on standard output, which the reports of Maven and Gradle show. Immutable and thread-safe.
 */
public final class TestImage {
  private static final File NOTHING = new File("/dev/null");

  private final Syschroot syschroot;
  private final Image image;
  private final Consumer<CommandResult> report;

  TestImage(Syschroot syschroot, Image image, Consumer<CommandResult> report) {
    this.syschroot = syschroot;
    this.image = image;
    this.report = report;
  }

  /** Returns the name of the image. */
  public String name() {
    return image.name().toString();
  }

  /** Returns the image. */
  public Image image() {
    return image;
  }

  /**
   * Returns the images that the test's configuration directory has, to do more than run commands.
   */
  public Syschroot syschroot() {
    return syschroot;
  }

  /** Returns a request for a command, to be given a directory, variables or a user. */
  public SwitchRequest request(String... command) {
    return SwitchRequest.in(image).command(command);
  }

  /**
   * Runs a command in the directory of the tests, without input, until it ends.
   *
   * @throws SwitchException if it cannot be started
   * @throws InterruptedException if the thread is interrupted, by JUnit's {@code @Timeout} for
   *     example; then the command and all that it has started have been killed
   */
  public CommandResult run(String... command) throws IOException, InterruptedException {
    return run(request(command));
  }

  /**
   * Runs a command without input until it ends.
   *
   * @throws SwitchException if it cannot be started
   * @throws InterruptedException if the thread is interrupted; then the command and all that it has
   *     started have been killed
   */
  public CommandResult run(SwitchRequest request) throws IOException, InterruptedException {
    // Files, since a pipe can be kept open by what the command leaves running.
    Path output = Files.createTempFile("syschroot-", ".output");
    Path error = Files.createTempFile("syschroot-", ".error");
    try {
      SwitchedProcess process =
          syschroot
              .prepare(request)
              .redirectInput(NOTHING)
              .redirectOutput(output.toFile())
              .redirectError(error.toFile())
              .start();
      CommandResult result =
          new CommandResult(
              name(),
              request.command().stream().map(OsString::toString).toList(),
              await(process),
              text(output),
              text(error));
      report.accept(result);
      return result;
    } finally {
      Files.delete(output);
      Files.delete(error);
    }
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  private static int await(SwitchedProcess process) throws InterruptedException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw e;
    }
  }

  /** Returns the name of the image, which is that of the test in reports. */
  @Override
  public String toString() {
    return name();
  }
}
