// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.schroot;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.images.schroot.KeyFile.Entry;
import org.syschroot.images.schroot.KeyFile.Group;
import org.syschroot.images.toml.TomlWriter;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.Layer;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/** One chroot of schroot's configuration, on its way to an image. For one thread. */
final class ChrootDefinition {
  private static final String DEFAULT_PROFILE = "default";

  /** Keys that become settings, or are looked at for them. */
  private static final List<String> UNDERSTOOD =
      List.of(
          "type",
          "directory",
          "description",
          "aliases",
          "users",
          "groups",
          "personality",
          "shell",
          "profile",
          "script-config",
          "setup.fstab",
          "setup.copyfiles",
          "setup.nssdatabases",
          "preserve-environment",
          "environment-filter");

  private static final Map<String, String> WITHOUT_COUNTERPART = new LinkedHashMap<>();

  static {
    WITHOUT_COUNTERPART.put(
        "union-type",
        "schroot has no layer for a chroot of this type: what is written in it stays");
    String root =
        "a launcher cannot change the user to root: use a rule of sudo(8) for one command";
    WITHOUT_COUNTERPART.put("root-users", root);
    WITHOUT_COUNTERPART.put("root-groups", root);
    WITHOUT_COUNTERPART.put("command-prefix", "no command prefix: add it to the command itself");
    WITHOUT_COUNTERPART.put("setup.services", "services are not started in an image");
    WITHOUT_COUNTERPART.put("setup.config", "no scripts are run before a command");
    WITHOUT_COUNTERPART.put("message-verbosity", "use --quiet or --verbose");
    WITHOUT_COUNTERPART.put("priority", "without effect, also in schroot");
    WITHOUT_COUNTERPART.put(
        "location", "schroot refuses this key in a chroot of this type: use \"directory\"");
  }

  private final Path file;
  private final Group group;
  private final Profiles profiles;
  private final Set<String> names;
  private final List<ImportNote> findings;

  /**
   * Creates the definition.
   *
   * @param names all names that are taken, to which this adds its aliases
   * @param findings to which this adds what it cannot say
   */
  ChrootDefinition(
      Path file, Group group, Profiles profiles, Set<String> names, List<ImportNote> findings) {
    this.file = file;
    this.group = group;
    this.profiles = profiles;
    this.names = names;
    this.findings = findings;
  }

  /** Returns the image, or nothing if this can be none; then there is a finding that says why. */
  Optional<ImportedImage> toImage() throws IOException {
    String type = group.value("type").orElse("plain");
    if (!type.equals("plain") && !type.equals("directory")) {
      return refuse(
          "type",
          "["
              + group.name()
              + "] is omitted: only the types \"plain\" and \"directory\" can be images, not "
              + type);
    }
    Optional<String> root = group.value("directory");
    if (root.isEmpty()) {
      others();
      return refuse("directory", "[" + group.name() + "] is omitted: it has no directory");
    }
    ImageName name;
    try {
      name = new ImageName(group.name());
      if (HostPath.of(root.get()).isRoot()) {
        return refuse("directory", "[" + group.name() + "] is omitted: / is the host itself");
      }
    } catch (IllegalArgumentException e) {
      return refuse("directory", "[" + group.name() + "] is omitted: " + e.getMessage());
    }
    TomlWriter toml = new TomlWriter();
    toml.comment("From [" + group.name() + "] in " + file + ", line " + group.line());
    group.value("description").ifPresent(text -> toml.string("description", text));
    toml.string("root", root.get());
    List<ImageName> aliases = aliases(toml);
    personality(toml);
    shell(toml);
    access(toml);
    mounts(toml, type.equals("directory"));
    if (hasUnion() && type.equals("directory")) {
      toml.string("layer", Layer.THROW_AWAY_WORD);
    }
    environment(toml);
    others();
    return Optional.of(new ImportedImage(name, aliases, file, group.line(), toml.toString()));
  }

  private void find(String key, String text) {
    findings.add(
        new ImportNote(file, group.entry(key).map(Entry::line).orElse(group.line()), text));
  }

  private Optional<ImportedImage> refuse(String key, String text) {
    find(key, text);
    return Optional.empty();
  }

  private List<ImageName> aliases(TomlWriter toml) {
    List<ImageName> aliases = new ArrayList<>();
    for (String alias : list("aliases")) {
      try {
        ImageName name = new ImageName(alias);
        if (names.add(alias)) {
          aliases.add(name);
        } else {
          find("aliases", "the alias " + alias + " is omitted: it is already in use");
        }
      } catch (IllegalArgumentException e) {
        find("aliases", "the alias is omitted: " + e.getMessage());
      }
    }
    if (!aliases.isEmpty()) {
      toml.strings("aliases", aliases.stream().map(ImageName::value).toList());
    }
    return aliases;
  }

  private void personality(TomlWriter toml) {
    String wanted = group.value("personality").orElse("undefined");
    switch (wanted) {
      case "undefined" -> {}
      case "linux_32bit" -> toml.string("personality", "32bit");
      case "scorvr3" -> toml.string("personality", "scosvr3");
      default -> {
        try {
          Personality.of(List.of(wanted));
          toml.string("personality", wanted);
        } catch (IllegalArgumentException e) {
          find("personality", "omitted: schroot also refuses it: " + e.getMessage());
        }
      }
    }
  }

  private void shell(TomlWriter toml) {
    group
        .value("shell")
        .ifPresent(
            shell -> {
              try {
                toml.string("shell", ImagePath.of(shell).value().toString());
              } catch (IllegalArgumentException e) {
                find("shell", "omitted: " + e.getMessage());
              }
            });
  }

  /** Nobody is named in schroot: nobody may. Nobody is named here: everybody may. */
  private void access(TomlWriter toml) {
    List<String> users = list("users");
    List<String> groups = list("groups");
    if (users.isEmpty() && groups.isEmpty()) {
      users = List.of("root");
    }
    if (!users.isEmpty()) {
      toml.strings("users", users);
    }
    if (!groups.isEmpty()) {
      toml.strings("groups", groups);
    }
  }

  private List<String> list(String key) {
    List<String> words = new ArrayList<>();
    for (String word : group.value(key).map(text -> text.split(",")).orElse(new String[0])) {
      if (word.isEmpty()) {
        continue;
      }
      if (word.matches("\\S+")) {
        words.add(word);
      } else {
        find(key, "\"" + word + "\" is omitted: schroot takes the space as part of the name");
      }
    }
    return words;
  }

  private void mounts(TomlWriter toml, boolean setUp) throws IOException {
    List<String> mounts = new ArrayList<>();
    if (setUp) {
      String profile = profile();
      String fstab = setupFile("setup.fstab", "FSTAB", profile + "/fstab");
      if (fstab.isEmpty()) {
        // No mounts, in so many words.
      } else if (profiles.has(fstab)) {
        Fstab table = profiles.fstab(fstab);
        findings.addAll(table.findings());
        table.mounts().stream().map(BindMount::text).forEach(text -> mounts.add(text.toString()));
      } else {
        find("profile", profiles.file(fstab) + " is missing, so there are no mounts");
      }
      copies(
          setupFile("setup.copyfiles", "COPYFILES", profile + "/copyfiles"),
          "copies this file into the chroot");
      copies(
          setupFile("setup.nssdatabases", "NSSDATABASES", profile + "/nssdatabases"),
          "copies this database");
    }
    toml.strings("mounts", mounts);
  }

  private String profile() {
    Optional<String> old = group.value("script-config");
    if (old.isPresent()) {
      int slash = old.get().lastIndexOf('/');
      return slash < 0 ? DEFAULT_PROFILE : old.get().substring(0, slash);
    }
    return group.value("profile").orElse(DEFAULT_PROFILE);
  }

  /**
   * Returns the name of a file of the setup, an empty one for none: that of the variable in the
   * script-config file, which is the profile's "config" by default; else the value of the key,
   * which may be empty; else the profile's own.
   */
  private String setupFile(String key, String variable, String usual) throws IOException {
    String script = group.value("script-config").orElse(profile() + "/config");
    if (profiles.has(script)) {
      Optional<String> scripted = assigned(script, variable);
      if (scripted.isPresent()) {
        return scripted.get();
      }
    }
    Optional<Entry> entry = group.entry(key);
    if (entry.isEmpty()) {
      return usual;
    }
    if (entry.get().value().startsWith("/")) {
      find(key, key + " is omitted: schroot reads it only from " + profiles.directory());
      return "";
    }
    return entry.get().value();
  }

  /** Returns what a script sets a variable to, as far as that can be told without a shell. */
  private Optional<String> assigned(String script, String variable) throws IOException {
    Optional<String> value = Optional.empty();
    Pattern assignment = Pattern.compile(variable + "=([\"']?)(.*)\\1");
    for (Profiles.Line line : profiles.entries(script)) {
      Matcher found = assignment.matcher(line.text());
      if (!found.matches()) {
        continue;
      }
      if (found.group(2).matches("[^$`\\\\\"'\\s]*")) {
        value = Optional.of(found.group(2));
      } else {
        findings.add(
            new ImportNote(
                profiles.file(script),
                line.number(),
                variable + " is omitted: its value contains shell syntax"));
      }
    }
    return value;
  }

  private void copies(String name, String what) throws IOException {
    if (name.isEmpty() || !profiles.has(name)) {
      return;
    }
    for (Profiles.Line line : profiles.entries(name)) {
      ImportNote finding =
          new ImportNote(
              profiles.file(name),
              line.number(),
              line.text()
                  + ": schroot "
                  + what
                  + " in every session, but nothing is copied into images: update it there, or"
                  + " mount it");
      if (!findings.contains(finding)) {
        findings.add(finding);
      }
    }
  }

  private void environment(TomlWriter toml) {
    Optional<String> preserve = group.value("preserve-environment");
    boolean preserved = preserve.filter("true"::equals).isPresent();
    if (!preserved) {
      find(
          "preserve-environment",
          "["
              + group.name()
              + "] starts with a small environment in schroot, but with that of the caller here:"
              + " use --clear-env, or unset variables");
    }
    Optional<String> filter = group.value("environment-filter");
    if (filter.isPresent()) {
      unset(toml, EnvironmentFilter.parse(filter.get()));
    } else if (preserved) {
      find(
          "preserve-environment",
          "schroot removes LD_.* and others, see schroot.conf(5), but here they stay: unset them"
              + " in [environment]");
    }
  }

  private void unset(TomlWriter toml, EnvironmentFilter filter) {
    for (String pattern : filter.patterns()) {
      find(
          "environment-filter",
          "the pattern " + pattern + " is omitted: \"unset\" takes names of variables");
    }
    if (!filter.names().isEmpty()) {
      toml.table("environment").strings("unset", filter.names());
    }
  }

  private void others() {
    for (String key : group.entries().keySet()) {
      String value = group.value(key).orElse("");
      if (!key.equals(key.strip())) {
        find(
            key,
            "\""
                + key
                + "\" is omitted: schroot takes the blanks as part of the key: write "
                + key.strip()
                + "="
                + value.strip());
        continue;
      }
      if (!value.equals(value.stripTrailing())) {
        find(key, key + ": schroot takes trailing blanks as part of the value: remove them");
      }
      String reason = WITHOUT_COUNTERPART.get(key);
      boolean says = group.value(key).isPresent();
      if (key.equals("union-type") && (!hasUnion() || isDirectory())) {
        continue;
      }
      if (UNDERSTOOD.contains(key) || !says) {
        continue;
      }
      find(key, key + ": " + (reason == null ? "images have no counterpart" : reason));
    }
  }

  private boolean isDirectory() {
    return group.value("type").filter("directory"::equals).isPresent();
  }

  /** A session of schroot throws away what it has written, unless it is of the source chroot. */
  private boolean hasUnion() {
    return group.value("union-type").filter(type -> !type.equals("none")).isPresent();
  }
}
