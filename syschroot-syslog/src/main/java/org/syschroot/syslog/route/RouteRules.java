// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.syslog.route.LogRoute.State;

/** Concludes the route from what was seen. */
final class RouteRules {
  private static final String DEV_LOG = "/dev/log in the image ";

  private final LogView view;
  private final DevLog inImage;
  private final Remedies remedies;

  RouteRules(LogView view) {
    this.view = view;
    this.inImage = view.inImage();
    this.remedies = new Remedies(view);
  }

  LogRoute route() {
    DevLog.Found found = inImage.found();
    if (found instanceof DevLog.Socket socket) {
      return withSocket(socket);
    }
    if (found instanceof DevLog.NoSocket other) {
      return none(
          State.BROKEN,
          DEV_LOG + leading() + "is " + other.what() + ", not a socket",
          remedies.after("remove it, to make room for the socket"));
    }
    if (found instanceof DevLog.Unseen unseen) {
      return none(
          State.UNKNOWN, DEV_LOG + "cannot be read: " + unseen.reason(), List.of("repeat as root"));
    }
    return withoutSocket();
  }

  private String leading() {
    return inImage.link().map(text -> "is a symbolic link to " + text + ", which ").orElse("");
  }

  private LogRoute withoutSocket() {
    if (inImage.link().isPresent()) {
      return none(
          State.BROKEN,
          DEV_LOG
              + "is a symbolic link to "
              + inImage.link().get()
              + ", which does not exist in the image",
          remedies.all());
    }
    if (view.nativeDev()) {
      return none(
          State.BROKEN,
          "the host's /dev is mounted in the image, but has no socket \"log\": no syslog daemon"
              + " of the host listens",
          remedies.all());
    }
    return none(State.BROKEN, "the image has no /dev/log", remedies.all());
  }

  private static LogRoute none(State state, String explanation, List<String> advice) {
    return new LogRoute(LogWay.NONE, state, explanation, advice, Optional.empty());
  }

  private LogRoute withSocket(DevLog.Socket socket) {
    return switch (socket.answer()) {
      case ACCEPTED -> forAll(socket, live(socket));
      case REFUSED -> dead(socket);
      case DENIED ->
          new LogRoute(
              LogWay.OTHER_LISTENER,
              State.BROKEN,
              DEV_LOG + "is a socket that this user cannot write to: " + mode(socket),
              List.of("configure its daemon to create it with mode 0666"),
              socket.holder());
      default ->
          new LogRoute(
              LogWay.OTHER_LISTENER,
              State.UNKNOWN,
              DEV_LOG + "is a socket of unknown type: neither datagram nor stream",
              List.of("find out which process created it: ss -xap"),
              socket.holder());
    };
  }

  private LogRoute dead(DevLog.Socket socket) {
    if (inImage.sameSocketAs(view.onHost())) {
      return new LogRoute(
          nativeWay(socket),
          State.BROKEN,
          DEV_LOG + "is the socket of the host, but no daemon listens on it",
          List.of(Remedies.START_DAEMON),
          Optional.empty());
    }
    if (socket.mountedAlone()) {
      return new LogRoute(
          LogWay.BOUND_SOCKET,
          State.BROKEN,
          "the socket mounted at /dev/log is stale: its daemon has ended, or was restarted and"
              + " has created a new one",
          remedies.after(
              "for now, mount it again: \"syschroot umount IMAGE\" and \"syschroot mount IMAGE\""
                  .replace("IMAGE", view.image().toString())),
          Optional.empty());
    }
    return none(
        State.BROKEN,
        DEV_LOG + "is a socket without a listener: its daemon or relay has ended",
        remedies.after("restart the daemon or relay that listened on it"));
  }

  private LogWay nativeWay(DevLog.Socket socket) {
    if (socket.mountedAlone()) {
      return LogWay.BOUND_SOCKET;
    }
    return inImage.link().isPresent() || !view.nativeDev()
        ? LogWay.NATIVE_DIRECTORY
        : LogWay.NATIVE_DEV;
  }

  private LogRoute live(DevLog.Socket socket) {
    Optional<SocketHolder> holder = socket.holder();
    SocketHolder.Role role = holder.map(SocketHolder::role).orElse(SocketHolder.Role.OTHER);
    String who = holder.map(SocketHolder::toString).orElse("a process that only root can identify");
    if (role == SocketHolder.Role.RELAY) {
      return working(LogWay.RELAY, who + " listens in the image and forwards messages", holder);
    }
    boolean isNative = inImage.sameSocketAs(view.onHost());
    boolean isDaemon = role != SocketHolder.Role.OTHER && holder.get().inNativeSystem();
    if (socket.mountedAlone() && (isNative || isDaemon)) {
      return new LogRoute(
          LogWay.BOUND_SOCKET,
          State.FRAGILE,
          "the socket of the host is mounted at /dev/log: messages reach "
              + who
              + " until that is restarted and creates a new socket",
          remedies.better(),
          holder);
    }
    if (isNative) {
      return working(
          nativeWay(socket),
          nativeWay(socket) == LogWay.NATIVE_DEV
              ? "the host's /dev is mounted in the image, with the socket of " + who
              : DEV_LOG + "leads to the socket of the host, of " + who,
          holder);
    }
    if (isDaemon) {
      return working(LogWay.ADDITIONAL_SOCKET, who + " listens on a socket in the image", holder);
    }
    return new LogRoute(
        LogWay.OTHER_LISTENER,
        State.UNKNOWN,
        who + " listens in the image: " + whatThatMeans(holder),
        holder.isEmpty() ? List.of("repeat as root") : List.of(),
        holder);
  }

  private static String whatThatMeans(Optional<SocketHolder> holder) {
    if (holder.isPresent() && !holder.get().inNativeSystem()) {
      return "it has another root directory, so its configuration decides where the messages go";
    }
    return "that program decides where the messages go: check its configuration";
  }

  private static LogRoute working(LogWay way, String explanation, Optional<SocketHolder> listener) {
    return new LogRoute(way, State.WORKS, explanation, List.of(), listener);
  }

  /** A socket that only some may write to does not work, for the others. */
  private static LogRoute forAll(DevLog.Socket socket, LogRoute route) {
    if (socket.isForAll() || route.state() == State.BROKEN) {
      return route;
    }
    List<String> advice = new ArrayList<>();
    advice.add("configure its daemon to create it with mode 0666");
    advice.addAll(route.advice());
    return new LogRoute(
        route.way(),
        State.FRAGILE,
        route.explanation() + "; some users cannot write to it: " + mode(socket),
        advice,
        route.listener());
  }

  private static String mode(DevLog.Socket socket) {
    return String.format(
        "mode %04o, owner %s",
        socket.file().permissions(), Integer.toUnsignedString(socket.file().uid()));
  }
}
