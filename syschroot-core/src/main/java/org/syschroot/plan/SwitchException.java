// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.KernelException;

/** A switch that could not be made. The message names the image, the step and the errno. */
public final class SwitchException extends IOException {
  private static final long serialVersionUID = 1;

  /** What stood in the way, as a shell would report it. */
  public enum Kind {
    /** Anything but the two others. */
    FAILED(125),
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

  /** Creates the failure of an image's switch before any step was taken. */
  public SwitchException(ImageName image, String message) {
    super(image + ": " + message);
    this.image = image;
    this.kind = Kind.FAILED;
    this.step = null;
  }

  /** Creates the failure of what had to be done before any step could be taken. */
  public SwitchException(ImageName image, String message, IOException cause) {
    super(image + ": " + message + ": " + cause.getMessage(), cause);
    this.image = image;
    this.kind = Kind.FAILED;
    this.step = null;
  }

  /** Creates the failure of a step. */
  public SwitchException(
      ImageName image, Kind kind, KernelStep step, String message, IOException cause) {
    super(image + ": " + message, cause);
    this.image = image;
    this.kind = kind;
    this.step = step;
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
