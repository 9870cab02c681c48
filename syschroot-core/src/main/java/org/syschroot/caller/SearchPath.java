// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.caller;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.path.OsString;

/**
 * Where a program is looked for by its name, as execvp(3) does. Immutable.
 *
 * @param directories in order; an empty one is the working directory
 */
public record SearchPath(List<OsString> directories) {
  /** Of whom {@code PATH} is not set: confstr(_CS_PATH) with the administrator's directories. */
  public static final SearchPath USUAL =
      of(OsString.of("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));

  private static final OsString SLASH = OsString.of("/");

  /** Copies the list. */
  public SearchPath {
    directories = List.copyOf(directories);
  }

  /** Returns the directories of a value of {@code PATH}. */
  public static SearchPath of(OsString value) {
    return new SearchPath(value.splitAt(':'));
  }

  /** Returns the directories of an environment, {@link #USUAL} if it has no {@code PATH}. */
  public static SearchPath in(List<OsString> environment) {
    Optional<OsString> value = Environment.of(environment).get(OsString.of("PATH"));
    return value.isPresent() ? of(value.get()) : USUAL;
  }

  /** Returns the paths to try for a program, only its own if it has a slash. */
  public List<OsString> programs(OsString name) {
    if (name.indexOf('/') >= 0) {
      return List.of(name);
    }
    List<OsString> programs = new ArrayList<>();
    for (OsString directory : directories) {
      programs.add(directory.isEmpty() ? name : directory.plus(SLASH).plus(name));
    }
    return programs;
  }

  /** Returns the value of {@code PATH}. */
  @Override
  public String toString() {
    return String.join(":", directories.stream().map(OsString::toString).toList());
  }
}
