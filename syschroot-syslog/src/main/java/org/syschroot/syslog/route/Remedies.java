// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.path.OsString;

/** What an administrator can do for an image's log, on this host: the best first. */
final class Remedies {
  static final String START_DAEMON = "start the syslog daemon of the host";

  private final LogView view;

  Remedies(LogView view) {
    this.view = view;
  }

  /** Returns all that can be done. */
  List<String> all() {
    List<String> all = new ArrayList<>();
    if (!view.onHost().isLive()) {
      all.add(START_DAEMON);
    }
    all.addAll(better());
    return List.copyOf(all);
  }

  /** Returns all that can be done, after something else that has to be done first. */
  List<String> after(String first) {
    List<String> all = new ArrayList<>();
    all.add(first);
    all.addAll(all());
    return List.copyOf(all);
  }

  /** Returns the ways that last. */
  List<String> better() {
    List<String> ways = new ArrayList<>();
    mounts().ifPresent(ways::add);
    if (!view.nativeDev()) {
      daemon().ifPresent(ways::add);
      ways.add("or run the relay: \"syschroot syslog relay " + view.image() + "\"");
    }
    return List.copyOf(ways);
  }

  /** The native socket is best seen with the directory that it is in. */
  private Optional<String> mounts() {
    Optional<OsString> link = view.onHost().link();
    if (link.isPresent()) {
      Optional<String> directory = directory(link.get());
      return directory.map(
          path ->
              "add " + (view.nativeDev() ? "" : "\"standard\" and ") + quoted(path) + toMounts());
    }
    return view.nativeDev() ? Optional.empty() : Optional.of("add \"standard\"" + toMounts());
  }

  private String toMounts() {
    return " to the mounts of " + view.image() + ", and mount them";
  }

  private static String quoted(String path) {
    return '"' + path + '"';
  }

  private static Optional<String> directory(OsString link) {
    String text = link.toString();
    String path = text.startsWith("/") ? text : "/dev/" + text;
    int slash = path.lastIndexOf('/');
    return slash > 0 && !path.contains("/../")
        ? Optional.of(path.substring(0, slash))
        : Optional.empty();
  }

  private Optional<String> daemon() {
    String program =
        view.onHost().socket().flatMap(DevLog.Socket::holder).map(SocketHolder::program).orElse("");
    return switch (program) {
      case "rsyslogd" -> Optional.of(configuration("rsyslog"));
      case "syslog-ng" -> Optional.of(configuration("syslog-ng"));
      default -> Optional.empty();
    };
  }

  private String configuration(String daemon) {
    return "or let the daemon listen in the image; its configuration: \"syschroot syslog config "
        + daemon
        + " "
        + view.image()
        + "\"";
  }
}
