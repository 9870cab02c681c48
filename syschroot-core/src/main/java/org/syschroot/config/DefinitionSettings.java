// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.config.SettingTable.Located;
import org.syschroot.image.ImageName;
import org.syschroot.image.Origin;
import org.syschroot.image.SchedulerDefinition;
import org.syschroot.path.HostPath;

/** Reads {@code [submit.definition]}: a scheduler of the site's own. */
final class DefinitionSettings {
  private static final List<String> KEYS =
      List.of(
          "command",
          "launcher",
          "option",
          "directive",
          "options",
          "flags",
          "refused",
          "script-on-input",
          "spool",
          "private-directories");

  private DefinitionSettings() {}

  /**
   * Returns the definition in a table {@code [submit]}.
   *
   * @param name the scheduler's name
   * @param known the names of schedulers that need no definition, and cannot have another one
   */
  static Optional<SchedulerDefinition> definition(
      SettingTable submit, Located name, List<String> known) throws ConfigException {
    Optional<SettingTable> table = submit.table("definition");
    if (table.isEmpty()) {
      return Optional.empty();
    }
    if (known.contains(name.text())) {
      throw new ConfigException(
          name.origin(),
          "scheduler \"" + name.text() + "\" is known: choose another name for your definition");
    }
    try {
      new ImageName(name.text());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          name.origin(),
          "\""
              + name.text()
              + "\" is no name of a scheduler: use letters, digits, \"-\" and \"_\"");
    }
    return Optional.of(definition(table.get(), submit.origin("definition")));
  }

  private static SchedulerDefinition definition(SettingTable table, Origin start)
      throws ConfigException {
    table.allowOnly(KEYS);
    Optional<Located> launcher = table.string("launcher");
    Optional<SchedulerDefinition.Place> place =
        launcher.flatMap(text -> SchedulerDefinition.Place.of(text.text()));
    if (place.isEmpty()) {
      throw new ConfigException(
          launcher.map(Located::origin).orElse(start),
          "\"launcher\" must be \"word\", \"text\", \"one-word\" or \"option\"");
    }
    try {
      return new SchedulerDefinition(
          SettingTable.texts(table.strings("command", true)),
          place.get(),
          text(table, "option"),
          text(table, "directive"),
          areWords(table),
          SettingTable.texts(table.strings("flags", false)),
          SettingTable.texts(table.strings("refused", false)),
          table.bool("script-on-input").orElse(false),
          paths(table, "spool"),
          paths(table, "private-directories"));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(start, String.valueOf(e.getMessage()));
    }
  }

  private static String text(SettingTable table, String key) throws ConfigException {
    return table.string(key).map(Located::text).orElse("");
  }

  private static boolean areWords(SettingTable table) throws ConfigException {
    Optional<Located> options = table.string("options");
    if (options.isPresent() && !List.of("letters", "words").contains(options.get().text())) {
      throw new ConfigException(
          options.get().origin(), "\"options\" must be \"letters\" or \"words\"");
    }
    return options.isPresent() && options.get().text().equals("words");
  }

  private static List<HostPath> paths(SettingTable table, String key) throws ConfigException {
    List<HostPath> paths = new ArrayList<>();
    for (Located path : table.strings(key, false)) {
      try {
        paths.add(HostPath.of(path.text()));
      } catch (IllegalArgumentException e) {
        throw path.refuse(e);
      }
    }
    return paths;
  }
}
