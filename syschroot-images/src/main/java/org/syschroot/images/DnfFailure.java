// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Listens to dnf, and knows what to do about some of its failures. For one thread. */
final class DnfFailure implements Consumer<String> {
  /** A text of dnf, and what to do then. */
  private record Known(String text, String hint) {}

  private static final List<Known> KNOWN =
      List.of(
          new Known(
              "No match for argument",
              "name packages that the repositories have, each with --package NAME"),
          new Known(
              "Failed to download metadata",
              "look whether a repository has the release RELEASE, and can be reached from here"),
          new Known(
              "nothing provides", "name the file of the repository that has it with --repo too"),
          new Known(
              "GPG check FAILED",
              "look whether gpgkey of the repository is the distribution's key"),
          new Known("more space needed", "make room, or name another root directory"),
          new Known("No space left on device", "make room, or name another root directory"));

  private final Consumer<String> progress;
  private @Nullable Known known;
  private String line = "";

  DnfFailure(Consumer<String> progress) {
    this.progress = progress;
  }

  @Override
  public void accept(String text) {
    if (known == null) {
      known = KNOWN.stream().filter(each -> text.contains(each.text())).findFirst().orElse(null);
      line = text;
    }
    progress.accept(text);
  }

  /** Returns a failure with what is known of it. */
  CreateException explained(CreateException failure, RpmSystem system) {
    if (known == null) {
      return failure;
    }
    String message = String.valueOf(failure.getMessage());
    return new CreateException(
        message
            + (message.contains(line) ? "" : "\n  " + line.strip())
            + "\nhint: "
            + known.hint().replace("RELEASE", system.release()),
        failure);
  }
}
