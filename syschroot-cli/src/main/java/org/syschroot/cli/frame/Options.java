// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Declares options and parameters for picocli, and reads their values.
 *
 * <p>In code, not by annotations: reading annotations makes proxies at every start, which takes 20
 * to 30 ms more.
 */
public final class Options {
  private Options() {}

  /** An option without a value. */
  public static OptionSpec flag(String description, String... names) {
    return OptionSpec.builder(names).type(boolean.class).description(description).build();
  }

  /** An option with one value. */
  public static OptionSpec value(String name, String label, String description) {
    return value(label, description, new String[] {name});
  }

  /** An option with one value, for which completion offers words. */
  public static OptionSpec choice(
      String name, String label, String description, List<String> words) {
    return OptionSpec.builder(name)
        .type(String.class)
        .paramLabel(label)
        .description(description)
        .completionCandidates(words)
        .build();
  }

  /** An option with one value and several names. */
  public static OptionSpec value(String label, String description, String[] names) {
    return OptionSpec.builder(names)
        .type(String.class)
        .paramLabel(label)
        .description(description)
        .build();
  }

  /** An option that can be repeated, and takes one value each time. */
  public static OptionSpec repeated(String name, String label, String description) {
    return list(name, label, description).arity("1").build();
  }

  /** As {@link #repeated}, and each value is handed on in the order of the command line. */
  public static OptionSpec ordered(
      String name, String label, String description, Consumer<String> receiver) {
    ITypeConverter<String> converter =
        value -> {
          receiver.accept(value);
          return value;
        };
    return list(name, label, description).arity("1").converters(converter).build();
  }

  /** An option that takes all the words that follow, up to the next option. */
  public static OptionSpec several(String name, String label, String description) {
    return list(name, label, description).arity("1..*").build();
  }

  private static OptionSpec.Builder list(String name, String label, String description) {
    return OptionSpec.builder(name)
        .type(List.class)
        .auxiliaryTypes(String.class)
        .paramLabel(label)
        .description(description);
  }

  /** A parameter that must be there. */
  public static PositionalParamSpec parameter(String label, String description) {
    return PositionalParamSpec.builder()
        .index("0")
        .required(true)
        .type(String.class)
        .paramLabel(label)
        .description(description)
        .build();
  }

  /** All parameters, as many as there are. */
  public static PositionalParamSpec parameters(String label, String description) {
    return PositionalParamSpec.builder()
        .index("0..*")
        .arity("0..*")
        .type(List.class)
        .auxiliaryTypes(String.class)
        .paramLabel(label)
        .hideParamSyntax(true)
        .description(description)
        .build();
  }

  public static boolean isSet(ArgSpec flag) {
    return Boolean.TRUE.equals(flag.getValue());
  }

  /** Returns the value of a parameter that must be there. */
  public static String required(ArgSpec parameter) {
    return Objects.requireNonNull(parameter.<String>getValue());
  }

  /** Returns the value that was given, or null. */
  public static @Nullable String text(ArgSpec option) {
    return option.getValue();
  }

  /** Returns the values that were given, none if there were none. */
  public static List<String> texts(ArgSpec option) {
    List<String> values = option.getValue();
    return values == null ? List.of() : values;
  }
}
