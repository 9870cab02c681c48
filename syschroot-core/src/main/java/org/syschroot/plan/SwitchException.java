// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.KernelException;

/**
 * Thrown if a command cannot be started in an image. The message names the image, the step and the
 * errno.
 *
 * <p>To catch where it matters why: a build server tells "not found" from "not allowed", and shows
 * the hint.
 *
 * <pre>{@code
 * try {
 *   make.start();
 * } catch (SwitchException e) {
 *   log(e.fact() + e.hint().map(hint -> " (" + hint + ")").orElse(""));
 *   int status = e.kind().exitStatus(); // as a shell has it: 125, 126 or 127
 * }
 * }</pre>
 */
public final class SwitchException extends IOException {
  private static final long serialVersionUID = 1;

  /** Reason of the failure, as an exit status of a shell. */
  public enum Kind {
    /** Anything but the others. */
    FAILED(125),
    /** The image is limited to other users and groups. */
    NOT_ALLOWED(125),
    /** The command is there but cannot be executed. */
    NOT_EXECUTABLE(126),
    /** The command is not there. */
    NOT_FOUND(127);

    private final int exitStatus;

    Kind(int exitStatus) {
      this.exitStatus = exitStatus;
    }

    /** Returns the exit status that tells it to the caller. */
    public int exitStatus() {
      return exitStatus;
    }
  }

  private final ImageName image;
  private final Kind kind;
  private final transient @Nullable KernelStep step;
  private final @Nullable String hint;

  /** Creates the failure of an image's switch before any step was taken. */
  public SwitchException(ImageName image, String message) {
    super(image + ": " + message);
    this.image = image;
    this.kind = Kind.FAILED;
    this.step = null;
    this.hint = null;
  }

  /** Creates the failure of an image's switch that is told by its cause alone. */
  public SwitchException(ImageName image, IOException cause) {
    super(image + ": " + cause.getMessage(), cause);
    this.image = image;
    this.kind = Kind.FAILED;
    this.step = null;
    this.hint = null;
  }

  /** Creates the failure of what had to be done before any step could be taken. */
  public SwitchException(ImageName image, String message, IOException cause) {
    super(image + ": " + message + ": " + cause.getMessage(), cause);
    this.image = image;
    this.kind = Kind.FAILED;
    this.step = null;
    this.hint = null;
  }

  private SwitchException(
      ImageName image,
      Kind kind,
      @Nullable KernelStep step,
      String message,
      @Nullable String hint,
      @Nullable IOException cause) {
    super(image + ": " + message, cause);
    this.image = image;
    this.kind = kind;
    this.step = step;
    this.hint = hint;
  }

  /** Returns the failure of an image's switch before any step was taken, with what to do. */
  public static SwitchException withHint(ImageName image, String message, String hint) {
    return new SwitchException(image, Kind.FAILED, null, message, hint, null);
  }

  /** Returns the refusal of a user for whom the image is not, with what to do. */
  public static SwitchException notAllowed(ImageName image, String message, String hint) {
    return new SwitchException(image, Kind.NOT_ALLOWED, null, message, hint, null);
  }

  /** Returns the failure of a step, with what to do. */
  public static SwitchException withHint(
      ImageName image, KernelStep step, String message, String hint, @Nullable IOException cause) {
    return new SwitchException(image, Kind.FAILED, step, message, hint, cause);
  }

  /** Returns the failure to find a command, with what to do. */
  public static SwitchException notFound(
      ImageName image, KernelStep step, String message, String hint, IOException cause) {
    return new SwitchException(image, Kind.NOT_FOUND, step, message, hint, cause);
  }

  /** Returns the failure that a program has reported which took the steps. */
  public static SwitchException reported(ImageName image, Kind kind, String message) {
    int hint = message.indexOf("; ");
    return hint < 0
        ? new SwitchException(image, kind, null, message, null, null)
        : new SwitchException(
            image, kind, null, message.substring(0, hint), message.substring(hint + 2), null);
  }

  /** Creates the failure of a step. */
  public SwitchException(
      ImageName image, Kind kind, KernelStep step, String message, IOException cause) {
    super(image + ": " + message, cause);
    this.image = image;
    this.kind = kind;
    this.step = step;
    this.hint = null;
  }

  /** Returns what failed, and in a second line what to do if that is known. */
  @Override
  public String getMessage() {
    return hint == null ? fact() : fact() + "\nhint: " + hint;
  }

  /** Returns what failed, in one line. */
  public String fact() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** Returns what to do, in one line, or empty if it is part of {@link #fact()} or not known. */
  public Optional<String> hint() {
    return Optional.ofNullable(hint);
  }

  /** Returns the image that was to be entered. */
  public ImageName image() {
    return image;
  }

  /** Returns what stood in the way. */
  public Kind kind() {
    return kind;
  }

  /** Returns the step that failed, or empty if none had been taken. */
  public Optional<KernelStep> step() {
    return Optional.ofNullable(step);
  }

  /** Returns the system call that failed, or empty if none did. */
  public Optional<KernelException> kernelFailure() {
    return getCause() instanceof KernelException
        ? Optional.of((KernelException) getCause())
        : Optional.empty();
  }
}
