// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.config.SettingTable.Located;
import org.syschroot.host.SchedulerSupport;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.EnvironmentChanges;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.LauncherKind;
import org.syschroot.image.Launchers;
import org.syschroot.image.Origin;
import org.syschroot.image.Personality;
import org.syschroot.image.SchedulerDefinition;
import org.syschroot.image.SubmitSettings;
import org.syschroot.kernel.Accounts;
import org.syschroot.kernel.Capability;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.Layer;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * The settings of one image, each from its own file or else from the defaults. A key in the image's
 * file replaces the default as a whole: lists are not joined.
 */
final class ImageSettings {
  private static final List<String> KEYS =
      List.of(
          "description",
          "root",
          "aliases",
          "personality",
          "shell",
          "cwd",
          "users",
          "groups",
          "mounts",
          "no-new-privileges",
          "drop-capabilities",
          "nofile",
          "accounts",
          "consistent",
          "cached-starts",
          "prompt",
          "layer",
          "trusted-owners",
          "root-mount",
          "environment",
          "launchers",
          "submit");
  private static final List<String> NOT_FOR_DEFAULTS = List.of("root", "aliases", "launchers");
  private static final List<String> ENVIRONMENT_KEYS = List.of("set", "unset");
  private static final List<String> SUBMIT_KEYS = List.of("scheduler", "commands", "definition");
  private static final List<String> LAUNCHER_KEYS =
      List.of("directory", "names", "mounts", "without-mounts", "without-privilege");

  private final SettingTable own;
  private final @Nullable SettingTable defaults;
  private final SchedulerSupport schedulers;

  /**
   * Creates the settings.
   *
   * @param schedulers knows the names of schedulers that are allowed; each is if it knows none
   */
  ImageSettings(SettingTable own, @Nullable SettingTable defaults, SchedulerSupport schedulers) {
    this.own = own;
    this.defaults = defaults;
    this.schedulers = schedulers;
  }

  static void checkDefaults(SettingTable defaults) throws ConfigException {
    List<String> allowed = new ArrayList<>(KEYS);
    allowed.removeAll(NOT_FOR_DEFAULTS);
    defaults.allowOnly(allowed);
  }

  /** Returns the table that a key's value comes from. */
  private SettingTable from(String key) {
    return !own.has(key) && defaults != null ? defaults : own;
  }

  Image toImage(ImageName name) throws ConfigException {
    own.allowOnly(KEYS);
    HostPath root = root();
    Image.Builder image =
        Files.isRegularFile(root.toPath()) ? Image.ofFile(name, root) : Image.builder(name, root);
    description(image);
    aliases(image);
    personality(image);
    shell(image);
    directoryPolicy(image);
    image.users(SettingTable.texts(from("users").strings("users", false)));
    image.groups(SettingTable.texts(from("groups").strings("groups", false)));
    if (from("mounts").has("mounts")) {
      image.mounts(mounts(from("mounts").strings("mounts", false)));
    }
    image.noNewPrivileges(from("no-new-privileges").bool("no-new-privileges").orElse(false));
    image.droppedCapabilities(capabilities());
    openFiles(image);
    image.consistency(
        ConsistencySettings.read(
            from("accounts").string("accounts"), from("consistent").strings("consistent", false)));
    image.cachedStarts(from("cached-starts").bool("cached-starts").orElse(true));
    image.prompt(from("prompt").bool("prompt").orElse(true));
    layer(image);
    trustedOwners(image);
    image.rootMount(from("root-mount").bool("root-mount").orElse(false));
    image.environment(environment());
    launchers(image);
    submit(image);
    return image.origins(origins()).build();
  }

  /**
   * Returns the aliases and commands that the file claims, whatever else is wrong with it: its own
   * name is not among them.
   */
  Set<String> claimedNames() {
    Set<String> names = new LinkedHashSet<>(own.stringsIn("aliases"));
    names.addAll(own.stringsIn("submit", "commands"));
    return names;
  }

  private Map<String, Origin> origins() {
    Map<String, Origin> origins = new LinkedHashMap<>();
    for (String key : KEYS) {
      if (from(key).has(key)) {
        origins.put(key, from(key).origin(key));
      }
    }
    return origins;
  }

  private HostPath root() throws ConfigException {
    Optional<Located> root = own.string("root");
    if (root.isEmpty()) {
      throw new ConfigException(
          own.start(),
          "\"root\" is missing: set the directory or file of the image: root = \"/...\"");
    }
    try {
      HostPath path = HostPath.of(root.get().text());
      if (path.isRoot()) {
        throw new ConfigException(
            root.get().origin(), "root \"/\" is the host itself, not an image");
      }
      return path;
    } catch (IllegalArgumentException e) {
      throw new ConfigException(root.get().origin(), "root " + e.getMessage());
    }
  }

  private void description(Image.Builder image) throws ConfigException {
    Optional<Located> text = from("description").string("description");
    if (text.isPresent()) {
      image.description(text.get().text());
    }
  }

  private void aliases(Image.Builder image) throws ConfigException {
    List<ImageName> aliases = new ArrayList<>();
    for (Located alias : own.strings("aliases", false)) {
      try {
        aliases.add(new ImageName(alias.text()));
      } catch (IllegalArgumentException e) {
        throw alias.refuse(e);
      }
    }
    image.aliases(aliases);
  }

  private void personality(Image.Builder image) throws ConfigException {
    List<Located> names = from("personality").strings("personality", true);
    if (names.isEmpty()) {
      return;
    }
    try {
      image.personality(Personality.of(SettingTable.texts(names)));
    } catch (IllegalArgumentException e) {
      throw names.get(0).refuse(e);
    }
  }

  private void shell(Image.Builder image) throws ConfigException {
    Optional<Located> shell = from("shell").string("shell");
    if (shell.isPresent()) {
      try {
        image.shell(ImagePath.of(shell.get().text()));
      } catch (IllegalArgumentException e) {
        throw new ConfigException(shell.get().origin(), "shell " + e.getMessage());
      }
    }
  }

  private void directoryPolicy(Image.Builder image) throws ConfigException {
    Optional<Located> cwd = from("cwd").string("cwd");
    if (cwd.isPresent()) {
      image.directoryPolicy(
          DirectoryPolicy.of(cwd.get().text())
              .orElseThrow(
                  () ->
                      new ConfigException(
                          cwd.get().origin(),
                          "cwd \""
                              + cwd.get().text()
                              + "\" is unknown: allowed are "
                              + DirectoryPolicy.names())));
    }
  }

  private static MountPlan mounts(List<Located> specifications) throws ConfigException {
    MountPlan.Builder plan = MountPlan.builder();
    for (Located specification : specifications) {
      try {
        plan.add(mount(specification.text()));
      } catch (IllegalArgumentException e) {
        throw specification.refuse(e);
      }
    }
    return plan.build();
  }

  private static MountPlan mount(String text) {
    return switch (text) {
      case "standard" -> MountPlan.standard();
      case "desktop" -> MountPlan.desktop();
      case "name-services" -> MountPlan.nameServices();
      default -> MountPlan.empty().plus(BindMount.parse(OsString.of(text)));
    };
  }

  private Set<Capability> capabilities() throws ConfigException {
    Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
    for (Located name : from("drop-capabilities").strings("drop-capabilities", false)) {
      if (name.text().equals("all")) {
        return EnumSet.allOf(Capability.class);
      }
      capabilities.add(
          Capability.of(name.text())
              .orElseThrow(
                  () ->
                      new ConfigException(
                          name.origin(),
                          "\""
                              + name.text()
                              + "\" is not a capability: allowed are \"all\" and the names of"
                              + " capabilities(7), such as \"sys_module\"")));
    }
    return capabilities;
  }

  private void openFiles(Image.Builder image) throws ConfigException {
    SettingTable table = from("nofile");
    OptionalLong soft = table.integer("nofile");
    if (soft.isPresent()) {
      try {
        image.openFiles(soft.getAsLong());
      } catch (IllegalArgumentException e) {
        throw new ConfigException(table.origin("nofile"), "nofile " + e.getMessage());
      }
    }
  }

  private void layer(Image.Builder image) throws ConfigException {
    Optional<Located> layer = from("layer").string("layer");
    if (layer.isEmpty() || layer.get().text().equals("none")) {
      return;
    }
    if (layer.get().text().equals(Layer.THROW_AWAY_WORD)) {
      image.layer(Layer.THROW_AWAY);
      return;
    }
    try {
      image.layer(Layer.keptIn(HostPath.of(layer.get().text())));
    } catch (IllegalArgumentException e) {
      throw new ConfigException(
          layer.get().origin(),
          "layer \""
              + layer.get().text()
              + "\" is unknown: allowed are none, throw-away, and the pathname of a directory");
    }
  }

  private void trustedOwners(Image.Builder image) throws ConfigException {
    Set<Integer> uids = new LinkedHashSet<>();
    for (Located owner : from("trusted-owners").strings("trusted-owners", false)) {
      String text = owner.text();
      Optional<Integer> uid = Accounts.ofHost().uid(text);
      if (uid.isEmpty()) {
        throw new ConfigException(
            owner.origin(), "\"" + text + "\" is no user of this host: name a user or a number");
      }
      uids.add(uid.get());
    }
    image.trustedOwners(uids);
  }

  private void launchers(Image.Builder image) throws ConfigException {
    Optional<SettingTable> table = own.table("launchers");
    if (table.isEmpty()) {
      return;
    }
    table.get().allowOnly(LAUNCHER_KEYS);
    Optional<Located> directory = table.get().string("directory");
    if (directory.isEmpty()) {
      throw new ConfigException(
          own.origin("launchers"),
          "\"directory\" is missing: set the directory of the launchers: directory = \"/...\"");
    }
    HostPath place;
    try {
      place = HostPath.of(directory.get().text());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(directory.get().origin(), "directory " + e.getMessage());
    }
    List<String> names = new ArrayList<>();
    for (Located name : table.get().strings("names", false)) {
      try {
        Launchers.checkName(name.text());
      } catch (IllegalArgumentException e) {
        throw name.refuse(e);
      }
      if (names.contains(name.text())) {
        throw new ConfigException(name.origin(), "\"" + name.text() + "\" is named twice");
      }
      names.add(name.text());
    }
    image.launchers(
        new Launchers(
            place,
            names,
            table.get().bool("without-mounts").orElse(false),
            launcherKind(table.get()),
            rootlessIfUnprivileged(table.get())));
  }

  private static boolean rootlessIfUnprivileged(SettingTable table) throws ConfigException {
    Optional<Located> word = table.string("without-privilege");
    if (word.isPresent() && !List.of("refuse", "rootless").contains(word.get().text())) {
      throw new ConfigException(
          word.get().origin(),
          "without-privilege \""
              + word.get().text()
              + "\" is unknown: allowed are refuse and rootless");
    }
    return word.isPresent() && word.get().text().equals("rootless");
  }

  private static LauncherKind launcherKind(SettingTable table) throws ConfigException {
    Optional<Located> mounts = table.string("mounts");
    if (mounts.isEmpty()) {
      return LauncherKind.BOOT;
    }
    return LauncherKind.of(mounts.get().text())
        .filter(kind -> kind != LauncherKind.ROOTLESS)
        .orElseThrow(
            () ->
                new ConfigException(
                    mounts.get().origin(),
                    "mounts \""
                        + mounts.get().text()
                        + "\" is unknown: allowed are boot and entry"));
  }

  private void submit(Image.Builder image) throws ConfigException {
    Optional<SettingTable> table = from("submit").table("submit");
    if (table.isEmpty()) {
      return;
    }
    table.get().allowOnly(SUBMIT_KEYS);
    Optional<Located> name = table.get().string("scheduler");
    if (name.isEmpty()) {
      throw new ConfigException(
          from("submit").origin("submit"), "\"scheduler\" is missing" + allowedSchedulers());
    }
    String scheduler = name.get().text();
    List<String> known = schedulers.names();
    Optional<SchedulerDefinition> definition =
        DefinitionSettings.definition(table.get(), name.get(), known);
    if (definition.isEmpty() && !known.isEmpty() && !known.contains(scheduler)) {
      throw new ConfigException(
          name.get().origin(), "scheduler \"" + scheduler + "\" is unknown" + allowedSchedulers());
    }
    List<String> commands = new ArrayList<>();
    for (Located command : table.get().strings("commands", false)) {
      try {
        SubmitSettings.checkCommand(command.text());
      } catch (IllegalArgumentException e) {
        throw command.refuse(e);
      }
      commands.add(command.text());
    }
    image.submit(new SubmitSettings(scheduler, commands, definition));
  }

  private String allowedSchedulers() {
    List<String> known = schedulers.names();
    return known.isEmpty() ? "" : ": allowed are " + String.join(", ", known);
  }

  private EnvironmentChanges environment() throws ConfigException {
    Optional<SettingTable> table = from("environment").table("environment");
    if (table.isEmpty()) {
      return EnvironmentChanges.NONE;
    }
    table.get().allowOnly(ENVIRONMENT_KEYS);
    Map<OsString, OsString> set = new LinkedHashMap<>();
    Optional<SettingTable> values = table.get().table("set");
    if (values.isPresent()) {
      for (String name : values.get().keys()) {
        checkVariable(name, values.get().origin(name));
        Located value = values.get().string(name).orElseThrow();
        set.put(OsString.of(name), OsString.of(value.text()));
      }
    }
    Set<OsString> unset = new LinkedHashSet<>();
    for (Located name : table.get().strings("unset", false)) {
      checkVariable(name.text(), name.origin());
      unset.add(OsString.of(name.text()));
    }
    return new EnvironmentChanges(set, unset);
  }

  private static void checkVariable(String name, Origin origin) throws ConfigException {
    if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
      throw new ConfigException(
          origin,
          "\"" + name + "\" is not the name of a variable: it must not be empty or contain \"=\"");
    }
  }
}
