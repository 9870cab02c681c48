// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.Origin;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** A table of a configuration file that knows where each of its values stands. Immutable. */
final class SettingTable {
  private final TomlText file;
  private final TomlTable table;

  SettingTable(TomlText file, TomlTable table) {
    this.file = file;
    this.table = table;
  }

  /** A text that knows its place, which is looked for only when it is asked for. */
  static final class Located {
    private final String text;
    private final TomlText file;
    private final TomlPosition position;
    private final boolean isElement;

    private Located(String text, TomlText file, TomlPosition position, boolean isElement)
        throws ConfigException {
      this.text = text;
      this.file = file;
      this.position = position;
      this.isElement = isElement;
      // It all ends up in strings of C.
      if (text.indexOf('\0') >= 0) {
        throw new ConfigException(origin(), "contains a NUL character, which is not allowed");
      }
    }

    String text() {
      return text;
    }

    Origin origin() {
      return isElement ? file.originOfElement(position) : file.origin(position);
    }

    ConfigException refuse(IllegalArgumentException reason) {
      return new ConfigException(origin(), String.valueOf(reason.getMessage()));
    }
  }

  Origin origin(String key) {
    return file.origin(table.inputPositionOf(List.of(key)));
  }

  Origin start() {
    return new Origin(file.file(), 1, 1);
  }

  boolean has(String key) {
    return table.contains(List.of(key));
  }

  List<String> keys() {
    return List.copyOf(table.keySet());
  }

  void allowOnly(List<String> allowed) throws ConfigException {
    for (String key : table.keySet()) {
      if (!allowed.contains(key)) {
        throw new ConfigException(
            origin(key), "unknown key \"" + key + "\": allowed are " + String.join(", ", allowed));
      }
    }
  }

  private <T> Optional<T> value(String key, Class<T> type, String wanted) throws ConfigException {
    Object value = table.get(List.of(key));
    if (value == null) {
      return Optional.empty();
    }
    if (!type.isInstance(value)) {
      throw new ConfigException(origin(key), "\"" + key + "\" must be " + wanted);
    }
    return Optional.of(type.cast(value));
  }

  Optional<Located> string(String key) throws ConfigException {
    Optional<String> text = value(key, String.class, "a string");
    return text.isEmpty() ? Optional.empty() : Optional.of(located(text.get(), key));
  }

  private Located located(String text, String key) throws ConfigException {
    return new Located(text, file, table.inputPositionOf(List.of(key)), false);
  }

  Optional<Boolean> bool(String key) throws ConfigException {
    return value(key, Boolean.class, "true or false");
  }

  OptionalLong integer(String key) throws ConfigException {
    Optional<Long> number = value(key, Long.class, "a whole number");
    return number.isPresent() ? OptionalLong.of(number.get()) : OptionalLong.empty();
  }

  Optional<SettingTable> table(String key) throws ConfigException {
    return table(key, "a table");
  }

  Optional<SettingTable> table(String key, String wanted) throws ConfigException {
    Optional<TomlTable> inner = value(key, TomlTable.class, wanted);
    return inner.isPresent() ? Optional.of(new SettingTable(file, inner.get())) : Optional.empty();
  }

  /** Returns the strings of a list, or the one string if that is allowed in its place. */
  List<Located> strings(String key, boolean orOne) throws ConfigException {
    Object value = table.get(List.of(key));
    if (orOne && value instanceof String string) {
      return List.of(located(string, key));
    }
    String wanted = orOne ? "a string or a list of strings" : "a list of strings";
    Optional<TomlArray> array = value(key, TomlArray.class, wanted);
    List<Located> strings = new ArrayList<>();
    if (array.isPresent()) {
      for (int i = 0; i < array.get().size(); i++) {
        TomlPosition position = array.get().inputPositionOf(i);
        if (!(array.get().get(i) instanceof String)) {
          Origin place = file.originOfElement(position);
          throw new ConfigException(place, "\"" + key + "\" must be " + wanted);
        }
        strings.add(new Located(array.get().getString(i), file, position, true));
      }
    }
    return strings;
  }

  /** Returns the strings of a list, whatever else is in it; none where there is no list. */
  List<String> stringsIn(String... path) {
    List<String> strings = new ArrayList<>();
    Object value = valueAt(path);
    if (value instanceof TomlArray tomlArray) {
      for (Object element : tomlArray.toList()) {
        if (element instanceof String string) {
          strings.add(string);
        }
      }
    }
    return strings;
  }

  private @Nullable Object valueAt(String... path) {
    Object value = table;
    for (String key : path) {
      value = value instanceof TomlTable ? ((TomlTable) value).get(List.of(key)) : null;
    }
    return value;
  }

  static List<String> texts(List<Located> located) {
    List<String> texts = new ArrayList<>();
    for (Located each : located) {
      texts.add(each.text());
    }
    return texts;
  }
}
