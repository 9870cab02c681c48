// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.List;
import java.util.Optional;

/**
 * How jobs get into an image. Immutable.
 *
 * @param scheduler the name of the scheduler of this site, such as {@code slurm}
 * @param commands names by which syschroot, called through a link, submits to this image, such as
 *     {@code qsub4}
 * @param definition what the site says of a scheduler of its own; empty if it is a known one
 */
public record SubmitSettings(
    String scheduler, List<String> commands, Optional<SchedulerDefinition> definition) {
  /** Creates the settings for a known scheduler. */
  public SubmitSettings(String scheduler, List<String> commands) {
    this(scheduler, commands, Optional.empty());
  }

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if a name is not one of a command
   */
  public SubmitSettings {
    commands = List.copyOf(commands);
    commands.forEach(SubmitSettings::checkCommand);
  }

  /**
   * Checks the name of one command.
   *
   * @throws IllegalArgumentException if it is not one, or syschroot's own
   */
  public static void checkCommand(String name) {
    if (name.equals("syschroot")) {
      throw new IllegalArgumentException("\"syschroot\" is the name of the command itself");
    }
    new ImageName(name);
  }
}
