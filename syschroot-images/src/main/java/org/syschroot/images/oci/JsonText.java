// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.TypeAdapter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.syschroot.images.tree.SourceException;

/** Reads JSON of others, in which anything can be missing or of another type. Not instantiable. */
final class JsonText {
  /** Greater documents are refused, as registries do. */
  static final int LONGEST = 4 << 20;

  private static final TypeAdapter<JsonElement> ELEMENTS = new Gson().getAdapter(JsonElement.class);

  private JsonText() {}

  static JsonObject object(byte[] text, String what) throws SourceException {
    JsonElement element = parse(text, what);
    if (!element.isJsonObject()) {
      throw new SourceException("damaged: " + what + " is not a JSON object");
    }
    return element.getAsJsonObject();
  }

  static JsonElement parse(byte[] text, String what) throws SourceException {
    try {
      return ELEMENTS.fromJson(new String(text, StandardCharsets.UTF_8));
    } catch (IOException | JsonParseException e) {
      throw new SourceException("damaged: " + what + " is not JSON", e);
    }
  }

  static Optional<String> string(JsonObject object, String key) {
    @Nullable JsonElement value = object.get(key);
    boolean isText = value != null && value.isJsonPrimitive();
    return isText ? Optional.of(value.getAsString()) : Optional.empty();
  }

  static String required(JsonObject object, String key) throws SourceException {
    return string(object, key)
        .orElseThrow(() -> new SourceException("damaged: \"" + key + "\" is missing"));
  }

  static long number(JsonObject object, String key) throws SourceException {
    try {
      return Long.parseLong(required(object, key));
    } catch (NumberFormatException e) {
      throw new SourceException("damaged: \"" + key + "\" is not a number", e);
    }
  }

  static Optional<JsonObject> object(JsonObject object, String key) {
    @Nullable JsonElement value = object.get(key);
    boolean isObject = value != null && value.isJsonObject();
    return isObject ? Optional.of(value.getAsJsonObject()) : Optional.empty();
  }

  static List<JsonObject> objects(JsonObject object, String key) {
    List<JsonObject> objects = new ArrayList<>();
    for (JsonElement element : array(object, key)) {
      if (element.isJsonObject()) {
        objects.add(element.getAsJsonObject());
      }
    }
    return objects;
  }

  static List<String> strings(JsonObject object, String key) {
    List<String> strings = new ArrayList<>();
    for (JsonElement element : array(object, key)) {
      if (element.isJsonPrimitive()) {
        strings.add(element.getAsString());
      }
    }
    return strings;
  }

  static Map<String, String> texts(JsonObject object, String key) {
    Map<String, String> texts = new TreeMap<>();
    object(object, key)
        .ifPresent(
            map ->
                map.keySet().forEach(each -> string(map, each).ifPresent(t -> texts.put(each, t))));
    return texts;
  }

  private static JsonArray array(JsonObject object, String key) {
    @Nullable JsonElement value = object.get(key);
    return value != null && value.isJsonArray() ? value.getAsJsonArray() : new JsonArray();
  }
}
