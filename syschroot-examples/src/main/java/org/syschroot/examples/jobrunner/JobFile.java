// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.syschroot.plan.Identity;
import org.syschroot.plan.Limit;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/**
 * Reads a job from TOML. For one file.
 *
 * <pre>{@code
 * image = "sl5"
 * command = ["make", "-j4", "check"]
 * directory = "/home/alice/src"      # default: /
 * timeout-seconds = 600              # default: 3600
 * uid = 1000                         # with gid and groups; default: the runner's
 * gid = 1000
 * groups = [27]
 *
 * [environment]
 * HOME = "/home/alice"
 *
 * [limits]                           # soft and hard, see getrlimit(2)
 * cpu-seconds = 60
 * open-files = 256
 * }</pre>
 */
final class JobFile {
  private static final List<String> KEYS =
      List.of(
          "image",
          "command",
          "directory",
          "timeout-seconds",
          "uid",
          "gid",
          "groups",
          "environment",
          "limits");
  private static final long DEFAULT_TIMEOUT_SECONDS = 3600;

  private final TomlParseResult toml;

  private JobFile(TomlParseResult toml) {
    this.toml = toml;
  }

  /**
   * Returns the job that a text describes.
   *
   * @throws JobFormatException if it describes none
   */
  static Job parse(String text) throws JobFormatException {
    TomlParseResult toml = Toml.parse(text);
    if (toml.hasErrors()) {
      throw new JobFormatException(toml.errors().get(0).toString());
    }
    return new JobFile(toml).job();
  }

  private Job job() throws JobFormatException {
    for (String key : toml.keySet()) {
      if (!KEYS.contains(key)) {
        throw wrong(key, "is no key of a job: allowed are " + String.join(", ", KEYS));
      }
    }
    String directory = value(String.class, "directory", "must be a string").orElse("/");
    if (!directory.startsWith("/")) {
      throw wrong("directory", "must begin with /");
    }
    return new Job(
        value(String.class, "image", "must be a string")
            .orElseThrow(() -> wrong("image", "must name an image: image = \"sl5\"")),
        command(),
        directory,
        environment(),
        limits(),
        Duration.ofSeconds(number("timeout-seconds", 1).orElse(DEFAULT_TIMEOUT_SECONDS)),
        identity());
  }

  private List<String> command() throws JobFormatException {
    List<String> command = elements(String.class, "command", "must be a list of strings");
    if (command.isEmpty() || command.get(0).isEmpty()) {
      throw wrong("command", "must name a program: command = [\"make\", \"-j4\"]");
    }
    return command;
  }

  private Map<String, String> environment() throws JobFormatException {
    Map<String, String> variables = new LinkedHashMap<>();
    for (Map.Entry<String, Object> entry : table("environment").entrySet()) {
      if (entry.getKey().isEmpty() || entry.getKey().indexOf('=') >= 0) {
        throw wrong("environment", "has a variable without a name, or with = in it");
      }
      variables.put(
          entry.getKey(), as(String.class, "environment", entry.getValue(), "must have strings"));
    }
    return variables;
  }

  private Map<Limit, Long> limits() throws JobFormatException {
    Map<Limit, Long> limits = new EnumMap<>(Limit.class);
    for (Map.Entry<String, Object> entry : table("limits").entrySet()) {
      long value = as(Long.class, "limits", entry.getValue(), "must have whole numbers");
      if (value < 0) {
        throw wrong("limits", "must not be negative");
      }
      limits.put(limit(entry.getKey()), value);
    }
    return limits;
  }

  private Limit limit(String name) throws JobFormatException {
    List<String> known = Arrays.stream(Limit.values()).map(JobFile::key).toList();
    if (!known.contains(name)) {
      String allowed = String.join(", ", known);
      throw wrong("limits", "does not know \"" + name + "\": allowed are " + allowed);
    }
    return Limit.values()[known.indexOf(name)];
  }

  private static String key(Limit limit) {
    return limit.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private Optional<Identity> identity() throws JobFormatException {
    Optional<Long> uid = number("uid", 0);
    Optional<Long> gid = number("gid", 0);
    List<Integer> groups = new ArrayList<>();
    for (long group : elements(Long.class, "groups", "must be a list of numbers")) {
      groups.add((int) inRange("groups", group, 0));
    }
    if (uid.isEmpty() && gid.isEmpty() && groups.isEmpty()) {
      return Optional.empty();
    }
    if (uid.isEmpty() || gid.isEmpty()) {
      throw wrong("uid", "and gid go together: set both, or neither and no groups");
    }
    return Optional.of(new Identity(uid.get().intValue(), gid.get().intValue(), groups));
  }

  private Optional<Long> number(String key, long least) throws JobFormatException {
    Optional<Long> number = value(Long.class, key, "must be a whole number");
    if (number.isPresent()) {
      inRange(key, number.get(), least);
    }
    return number;
  }

  private long inRange(String key, long number, long least) throws JobFormatException {
    if (number < least || number > Integer.MAX_VALUE) {
      throw wrong(key, "must be from " + least + " to " + Integer.MAX_VALUE);
    }
    return number;
  }

  private Map<String, Object> table(String key) throws JobFormatException {
    Optional<TomlTable> table = value(TomlTable.class, key, "must be a table");
    return table.isPresent() ? table.get().toMap() : Map.of();
  }

  private <T> List<T> elements(Class<T> type, String key, String wanted) throws JobFormatException {
    List<T> elements = new ArrayList<>();
    Optional<TomlArray> array = value(TomlArray.class, key, wanted);
    for (Object element : array.isPresent() ? array.get().toList() : List.of()) {
      elements.add(as(type, key, element, wanted));
    }
    return elements;
  }

  private <T> Optional<T> value(Class<T> type, String key, String wanted)
      throws JobFormatException {
    Object value = toml.get(List.of(key));
    return value == null ? Optional.empty() : Optional.of(as(type, key, value, wanted));
  }

  private <T> T as(Class<T> type, String key, Object value, String wanted)
      throws JobFormatException {
    if (!type.isInstance(value)) {
      throw wrong(key, wanted);
    }
    return type.cast(value);
  }

  private JobFormatException wrong(String key, String what) {
    boolean there = toml.contains(List.of(key));
    String place = there ? toml.inputPositionOf(List.of(key)) + ": " : "";
    return new JobFormatException(place + "\"" + key + "\" " + what);
  }
}
