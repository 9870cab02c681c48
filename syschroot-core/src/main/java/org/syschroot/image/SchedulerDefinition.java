// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.List;
import java.util.Optional;
import org.syschroot.path.HostPath;

/**
 * A batch scheduler as data: how its command is told to start a job by a launcher. Immutable.
 *
 * @param command its command that submits a job, with words that always come first
 * @param place where the launcher goes
 * @param option the option whose value is the launcher, with {@link Place#OPTION}; else empty
 * @param directive with which a line of a script begins that has options; empty if there is none
 * @param longWords whether an option with one dash is a whole word, as {@code -cwd}; else it is
 *     letters, as of getopt(3)
 * @param flags the names of options without a value, without dashes
 * @param refused the names of options with which a job cannot enter an image
 * @param scriptOnInput whether the job is a script on standard input where no command is given
 * @param spool directories of nodes that jobs need to see in an image
 * @param privateDirectories directories of which each job sees one of its own
 */
public record SchedulerDefinition(
    List<String> command,
    Place place,
    String option,
    String directive,
    boolean longWords,
    List<String> flags,
    List<String> refused,
    boolean scriptOnInput,
    List<HostPath> spool,
    List<HostPath> privateDirectories) {

  /** Where a scheduler's command is told the launcher. */
  public enum Place {
    /** A word before the job's command, whose words stay as they are. */
    WORD("word"),
    /** Words before the job's command, all of which are a text for a shell. */
    TEXT("text"),
    /** In the one word that is the job's command, a text for a shell. */
    ONE_WORD("one-word"),
    /** The value of an option for the job's shell. */
    OPTION("option");

    private final String text;

    Place(String text) {
      this.text = text;
    }

    /** Returns the place of a name in the settings. */
    public static Optional<Place> of(String text) {
      return List.of(values()).stream().filter(place -> place.text.equals(text)).findFirst();
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if there is no command, or an option is missing or too much
   */
  public SchedulerDefinition {
    command = List.copyOf(command);
    flags = List.copyOf(flags);
    refused = List.copyOf(refused);
    spool = List.copyOf(spool);
    privateDirectories = List.copyOf(privateDirectories);
    if (command.isEmpty() || command.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("\"command\" must name the command that submits a job");
    }
    if ((place == Place.OPTION) != option.matches("-[A-Za-z]")) {
      throw new IllegalArgumentException(
          "\"option\" must be a dash and a letter, such as \"-S\", with launcher = \"option\" only");
    }
  }
}
