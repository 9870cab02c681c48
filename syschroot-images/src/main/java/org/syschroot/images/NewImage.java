// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/**
 * What the configuration file of a new image says. Immutable.
 *
 * @param name the name that selects the image; not null
 * @param root the root directory of the image, absolute; not null
 * @param configDirectory the directory that holds {@code images.d}, such as {@code /etc/syschroot};
 *     not null
 * @param description a text for people, if any; not null
 * @param personality names of {@link Personality}, empty to leave it unchanged; copied; not null
 * @param shell the shell inside the image, if it is not to be chosen at the switch; not null
 * @param mounts the mounts, as in a configuration file; empty for the usual ones; copied; not null
 * @param environment variables to set in the image, in the order of the file; copied; not null
 * @param origin what it was made from, for people; not null
 */
public record NewImage(
    ImageName name,
    Path root,
    Path configDirectory,
    Optional<String> description,
    List<String> personality,
    Optional<ImagePath> shell,
    List<String> mounts,
    Map<String, String> environment,
    Optional<String> origin) {
  /**
   * Checks everything that a configuration file would be refused for.
   *
   * @throws IllegalArgumentException if the root is not absolute, is {@code /} or contains {@code
   *     ..}, if a personality is unknown, or if a text cannot stand in a configuration file
   */
  public NewImage {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(configDirectory, "configDirectory");
    personality = List.copyOf(personality);
    mounts = List.copyOf(mounts);
    if (HostPath.of(root.toString()).isRoot()) {
      throw new IllegalArgumentException("root \"/\" is the host itself, not an image");
    }
    Personality.of(personality);
    requireText("root", root.toString());
    description.ifPresent(text -> requireText("description", text));
    shell.ifPresent(NewImage::text);
    mounts.forEach(mount -> requireText("mounts", mount));
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    environment.forEach((variable, value) -> requireText("variable " + variable, value));
    origin.ifPresent(text -> requireText("origin", text));
  }

  /** Returns an image without the optional settings. */
  public static NewImage of(ImageName name, Path root, Path configDirectory) {
    return new NewImage(
        name,
        root,
        configDirectory,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        List.of(),
        Map.of(),
        Optional.empty());
  }

  /** Returns a copy with a description. */
  public NewImage withDescription(String text) {
    return with(Optional.of(text), personality, shell, mounts, environment, origin);
  }

  /** Returns a copy with a personality. */
  public NewImage withPersonality(List<String> names) {
    return with(description, names, shell, mounts, environment, origin);
  }

  /** Returns a copy with a shell. */
  public NewImage withShell(ImagePath path) {
    return with(description, personality, Optional.of(path), mounts, environment, origin);
  }

  /** Returns a copy with mounts, as in a configuration file. */
  public NewImage withMounts(List<String> specifications) {
    return with(description, personality, shell, specifications, environment, origin);
  }

  /** Returns a copy that sets variables. */
  public NewImage withEnvironment(Map<String, String> variables) {
    return with(description, personality, shell, mounts, variables, origin);
  }

  /** Returns a copy that says what it was made from. */
  public NewImage withOrigin(String text) {
    return with(description, personality, shell, mounts, environment, Optional.of(text));
  }

  private NewImage with(
      Optional<String> text,
      List<String> names,
      Optional<ImagePath> path,
      List<String> specifications,
      Map<String, String> variables,
      Optional<String> source) {
    return new NewImage(
        name, root, configDirectory, text, names, path, specifications, variables, source);
  }

  /** Returns a path as it is, where its toString() is for people. */
  static String text(ImagePath path) {
    return path.value()
        .toUtf8()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "shell " + path + " is not valid UTF-8, which TOML must be"));
  }

  private static void requireText(String what, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(what + " contains a NUL character, which is not allowed");
    }
    // U+FFFD is what Java shows for the bytes of a file name that it cannot decode.
    if (text.indexOf('\ufffd') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException(
          what + " \"" + text + "\" is not valid UTF-8, which TOML must be");
    }
  }
}
