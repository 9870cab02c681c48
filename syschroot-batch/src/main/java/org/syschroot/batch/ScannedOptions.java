// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.path.OsString;

/**
 * The arguments of a scheduler's command, told apart. Immutable.
 *
 * @param arguments all of them
 * @param options the options among them
 * @param firstOperand where the job's script stands; the number of arguments if there is none
 */
record ScannedOptions(List<OsString> arguments, List<Option> options, int firstOperand) {
  ScannedOptions {
    arguments = List.copyOf(arguments);
    options = List.copyOf(options);
  }

  /**
   * An option.
   *
   * @param name without dashes
   * @param value its first value, if it has one
   * @param word where among the arguments the value stands
   * @param offset where in that word it begins
   */
  record Option(String name, Optional<OsString> value, int word, int offset) {
    /** A long name may be shortened, a letter is itself. */
    private boolean is(String letter, String longName) {
      return name.equals(letter) || (name.length() > 2 && longName.startsWith(name));
    }
  }

  /** Returns the last option of a letter or long name that has a value: the one that counts. */
  Optional<Option> last(String letter, String longName) {
    return options.stream()
        .filter(option -> option.is(letter, longName) && option.value().isPresent())
        .reduce((earlier, later) -> later);
  }

  /** Returns the job's script, as the user wrote it. */
  Optional<OsString> script() {
    return firstOperand < arguments.size()
        ? Optional.of(arguments.get(firstOperand))
        : Optional.empty();
  }

  /** Returns the arguments with another value of an option. */
  List<OsString> replace(Option option, OsString value) {
    List<OsString> changed = new ArrayList<>(arguments);
    OsString word = arguments.get(option.word());
    changed.set(option.word(), word.slice(0, option.offset()).plus(value));
    return changed;
  }

  /** Returns the arguments with another script. */
  List<OsString> withScript(OsString script) {
    List<OsString> changed = new ArrayList<>(arguments);
    if (firstOperand < changed.size()) {
      changed.set(firstOperand, script);
    } else {
      changed.add(script);
    }
    return changed;
  }
}
