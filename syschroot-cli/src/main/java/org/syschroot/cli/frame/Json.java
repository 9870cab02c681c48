// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import org.syschroot.text.Escaped;

/**
 * How this command prints JSON: indented, with a newline at the end, and with escapes in strings
 * for all that a terminal would obey.
 */
public final class Json {
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().serializeNulls().disableHtmlEscaping().create();

  private Json() {}

  public static String text(JsonElement json) {
    return Escaped.unicode(GSON.toJson(json)) + "\n";
  }

  public static JsonElement of(Object value) {
    return GSON.toJsonTree(value);
  }
}
