// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.Locale;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.Json;
import org.syschroot.image.Image;
import org.syschroot.syslog.route.ImageLog;
import org.syschroot.syslog.route.LogRoute;
import org.syschroot.syslog.route.SocketHolder;

/** How a route is shown: its line on standard output, what to do about it on standard error. */
final class LogRouteOutput {
  private LogRouteOutput() {}

  static void print(Console console, Image image, ImageLog.Routes routes) {
    LogRoute route = routes.route();
    console.line(
        String.format(
            "%-12s %-8s %s: %s", image.name(), route.state(), route.way(), route.explanation()));
    tell(console, image, routes);
  }

  /** Tells what to do about a route. */
  static void tell(Console console, Image image, ImageLog.Routes routes) {
    routes.route().advice().forEach(advice -> console.notice(image.name() + ": " + advice));
    routes
        .withoutMounts()
        .ifPresent(
            now ->
                console.notice(
                    image.name()
                        + ": this applies to \"syschroot run\", which mounts the filesystems;"
                        + " until you mount them (\"syschroot mount "
                        + image.name()
                        + "\"), programs started by launchers have: "
                        + now.state()
                        + " "
                        + now.way()
                        + ": "
                        + now.explanation()));
  }

  /** Adds the fields {@code "route"} and {@code "route-without-mounts"}. */
  static void addTo(JsonObject json, ImageLog.Routes routes) {
    json.add("route", json(routes.route()));
    json.add("route-without-mounts", JsonNull.INSTANCE);
    routes.withoutMounts().ifPresent(route -> json.add("route-without-mounts", json(route)));
  }

  private static JsonObject json(LogRoute route) {
    JsonObject json = new JsonObject();
    json.addProperty("way", route.way().toString());
    json.addProperty("state", route.state().toString());
    json.addProperty("explanation", route.explanation());
    json.add("advice", Json.of(route.advice()));
    json.add("listener", JsonNull.INSTANCE);
    route.listener().ifPresent(listener -> json.add("listener", json(listener)));
    return json;
  }

  private static JsonObject json(SocketHolder holder) {
    JsonObject json = new JsonObject();
    json.addProperty("pid", holder.pid());
    json.addProperty("program", holder.program());
    json.addProperty("role", holder.role().name().toLowerCase(Locale.ROOT));
    json.addProperty("in-native-system", holder.inNativeSystem());
    return json;
  }
}
