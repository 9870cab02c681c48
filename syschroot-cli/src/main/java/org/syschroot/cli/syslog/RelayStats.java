// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.syschroot.syslog.relay.RelayCounters;

/** How the counters of a relay are shown. */
final class RelayStats {
  private static final Map<String, ToLongFunction<RelayCounters>> NUMBERS = new LinkedHashMap<>();

  static {
    NUMBERS.put("received", RelayCounters::received);
    NUMBERS.put("forwarded", RelayCounters::forwarded);
    NUMBERS.put("queued", RelayCounters::queued);
    NUMBERS.put("queued-bytes", RelayCounters::queuedBytes);
    NUMBERS.put("dropped", RelayCounters::dropped);
    NUMBERS.put("truncated", RelayCounters::truncated);
    NUMBERS.put("without-sender", RelayCounters::withoutSender);
    NUMBERS.put("reconnects", RelayCounters::reconnects);
    NUMBERS.put("connections", RelayCounters::connections);
    NUMBERS.put("serving", RelayCounters::serving);
  }

  private RelayStats() {}

  /** Returns a line an image, {@code IMAGE received=N forwarded=N ...}. */
  static String text(List<RelayCounters> counters) {
    StringBuilder text = new StringBuilder();
    for (RelayCounters one : counters) {
      text.append(one.image());
      NUMBERS.forEach(
          (name, number) ->
              text.append(' ').append(name).append('=').append(number.applyAsLong(one)));
      text.append('\n');
    }
    return text.toString();
  }

  /** Returns one line for all. */
  static String line(List<RelayCounters> counters) {
    String served =
        counters.stream()
            .filter(one -> one.serving() > 0)
            .map(one -> one.image().toString())
            .collect(Collectors.joining(" "));
    return "serving "
        + (served.isEmpty() ? "no image" : served)
        + "; "
        + sum(counters, RelayCounters::forwarded)
        + " forwarded, "
        + sum(counters, RelayCounters::queued)
        + " queued, "
        + sum(counters, RelayCounters::dropped)
        + " dropped";
  }

  private static long sum(List<RelayCounters> counters, ToLongFunction<RelayCounters> number) {
    return counters.stream().mapToLong(number).sum();
  }

  static JsonObject json(List<RelayCounters> counters, long pid) {
    JsonObject json = new JsonObject();
    json.addProperty("pid", pid);
    json.addProperty("time", Instant.now().toString());
    JsonArray images = new JsonArray();
    for (RelayCounters one : counters) {
      JsonObject image = new JsonObject();
      image.addProperty("image", one.image().toString());
      NUMBERS.forEach((name, number) -> image.addProperty(name, number.applyAsLong(one)));
      images.add(image);
    }
    json.add("images", images);
    return json;
  }
}
