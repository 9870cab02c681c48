// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.util.Collection;
import java.util.Optional;
import org.syschroot.host.DefaultPersonality;
import org.syschroot.host.ElfPersonality;
import org.syschroot.image.Image;
import org.syschroot.image.Launchers;
import org.syschroot.image.Personality;
import org.syschroot.image.SubmitSettings;

/** The settings of an image as JSON, under the keys of the configuration. */
final class ImageJson {
  private ImageJson() {}

  /** Returns the settings, with the domain read from the image if they name none. */
  static JsonObject of(Image image, DefaultPersonality personalities) {
    JsonObject json = of(image);
    if (image.personality().isPresent()) {
      return json;
    }
    JsonObject origins = json.getAsJsonObject("origins");
    try {
      Optional<Personality> domain = personalities.of(image);
      if (domain.isPresent()) {
        json.add("personality", strings(domain.get().names()));
        origins.addProperty("personality", ElfPersonality.ORIGIN);
      }
    } catch (IOException unreadable) {
      // The settings can be shown all the same; a switch will fail, and say why.
      origins.addProperty("personality", "cannot be read: " + unreadable.getMessage());
    }
    return json;
  }

  private static JsonObject of(Image image) {
    JsonObject json = new JsonObject();
    json.addProperty("name", image.name().toString());
    json.addProperty("description", image.description());
    json.addProperty("root", image.place().toString());
    json.add("aliases", strings(image.aliases()));
    json.add(
        "personality",
        image.personality().isPresent()
            ? strings(image.personality().get().names())
            : JsonNull.INSTANCE);
    json.add(
        "shell",
        image.shell().isPresent()
            ? new JsonPrimitive(image.shell().get().toString())
            : JsonNull.INSTANCE);
    json.addProperty("cwd", image.directoryPolicy().toString());
    json.add("users", strings(image.users()));
    json.add("groups", strings(image.groups()));
    json.add("mounts", strings(image.mounts().steps()));
    json.addProperty("no-new-privileges", image.noNewPrivileges());
    json.addProperty("layer", image.layer().map(Object::toString).orElse("none"));
    json.add(
        "trusted-owners",
        strings(image.trustedOwners().stream().map(Integer::toUnsignedLong).sorted().toList()));
    json.addProperty("root-mount", image.rootMount());
    json.add("drop-capabilities", strings(image.droppedCapabilities()));
    json.add(
        "nofile",
        image.openFiles().isPresent()
            ? new JsonPrimitive(image.openFiles().getAsLong())
            : JsonNull.INSTANCE);
    json.add(
        "accounts",
        image.consistency().accounts().isPresent()
            ? new JsonPrimitive(image.consistency().accounts().get().toString())
            : JsonNull.INSTANCE);
    json.add("consistent", strings(image.consistency().items()));
    json.addProperty("cached-starts", image.cachedStarts());
    json.addProperty("prompt", image.prompt());
    json.add("environment", environment(image));
    json.add(
        "launchers",
        image.launchers().<JsonElement>map(ImageJson::launchers).orElse(JsonNull.INSTANCE));
    json.add(
        "submit", image.submit().<JsonElement>map(ImageJson::submit).orElse(JsonNull.INSTANCE));
    JsonObject origins = new JsonObject();
    image.origins().forEach((key, place) -> origins.addProperty(key, place.toString()));
    json.add("origins", origins);
    return json;
  }

  private static JsonObject environment(Image image) {
    JsonObject set = new JsonObject();
    image
        .environment()
        .set()
        .forEach((name, value) -> set.addProperty(name.toString(), value.toString()));
    JsonObject environment = new JsonObject();
    environment.add("set", set);
    environment.add("unset", strings(image.environment().unset()));
    return environment;
  }

  private static JsonObject launchers(Launchers launchers) {
    JsonObject json = new JsonObject();
    json.addProperty("directory", launchers.directory().toString());
    json.add("names", strings(launchers.names()));
    json.addProperty("mounts", launchers.kind().toString());
    json.addProperty("without-mounts", launchers.withoutMounts());
    json.addProperty(
        "without-privilege", launchers.rootlessIfUnprivileged() ? "rootless" : "refuse");
    return json;
  }

  private static JsonObject submit(SubmitSettings submit) {
    JsonObject json = new JsonObject();
    json.addProperty("scheduler", submit.scheduler());
    json.add("commands", strings(submit.commands()));
    submit
        .definition()
        .ifPresent(
            definition -> {
              JsonObject own = new JsonObject();
              own.add("command", strings(definition.command()));
              own.addProperty("launcher", definition.place().toString());
              json.add("definition", own);
            });
    return json;
  }

  private static JsonArray strings(Collection<?> values) {
    JsonArray array = new JsonArray();
    values.forEach(value -> array.add(value.toString()));
    return array;
  }
}
