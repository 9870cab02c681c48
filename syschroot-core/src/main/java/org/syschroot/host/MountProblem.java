// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.host;

import java.util.Optional;
import org.syschroot.image.ImageName;
import org.syschroot.mountplan.MountStatus;

/**
 * What is wrong with a planned mount, in the same words for whoever needs it. Immutable.
 *
 * @param fact what is wrong
 * @param advice what to do
 */
public record MountProblem(String fact, String advice) {

  /** Returns the problem of a mount, or empty if it is there as planned, or not planned. */
  public static Optional<MountProblem> of(ImageName image, MountStatus status) {
    if (status.planned().isEmpty()) {
      return Optional.empty();
    }
    String place = status.target() + " in the image is ";
    return switch (status.state()) {
      case MISSING ->
          problem(status.target() + " is not mounted", "as root: " + command("mount", image));
      case FOREIGN ->
          problem(
              place + "not the configured mount " + status.text() + ": " + status.detail(),
              "unmount it first");
      case STALE ->
          problem(
              place + "stale: " + status.detail(),
              command("umount", image) + " and " + command("mount", image) + " mount it again");
      case MOUNTED, EXTRA -> Optional.empty();
    };
  }

  private static Optional<MountProblem> problem(String fact, String advice) {
    return Optional.of(new MountProblem(fact, advice));
  }

  private static String command(String name, ImageName image) {
    return "\"syschroot " + name + " " + image + "\"";
  }

  /** Returns fact and advice. */
  public String text() {
    return fact + "; " + advice;
  }

  /**
   * Returns fact, consequence and advice.
   *
   * @param consequence such as "so jobs would fail"
   */
  public String text(String consequence) {
    return fact + ", " + consequence + ": " + advice;
  }
}
