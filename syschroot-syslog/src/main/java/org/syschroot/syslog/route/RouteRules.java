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
          remedies.after("remove it: it takes the place of the socket"));
    }
    if (found instanceof DevLog.Unseen unseen) {
      return none(
          State.UNKNOWN,
          DEV_LOG + "cannot be looked at: " + unseen.reason(),
          List.of("ask again as root"));
    }
    return withoutSocket();
  }

  private String leading() {
    return inImage.link().map(text -> "leads by a link to " + text + ", which ").orElse("");
  }

  private LogRoute withoutSocket() {
    if (inImage.link().isPresent()) {
      return none(
          State.BROKEN,
          DEV_LOG + "is a link to " + inImage.link().get() + ", which is not there in the image",
          remedies.all());
    }
    if (view.nativeDev()) {
      return none(
          State.BROKEN,
          "the native /dev is mounted in the image, and has no log: no daemon of the native system"
              + " listens there",
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
              DEV_LOG + "is a socket that this user may not write to: " + mode(socket),
              List.of("let its listener make it with mode 0666"),
              socket.holder());
      default ->
          new LogRoute(
              LogWay.OTHER_LISTENER,
              State.UNKNOWN,
              DEV_LOG + "is a socket that takes neither datagrams nor a stream",
              List.of("find out who made it: \"ss -xap\" of iproute2 lists the listeners"),
              socket.holder());
    };
  }

  private LogRoute dead(DevLog.Socket socket) {
    if (inImage.sameSocketAs(view.onHost())) {
      return new LogRoute(
          nativeWay(socket),
          State.BROKEN,
          DEV_LOG + "is the native system's socket, and there nobody listens either",
          List.of(Remedies.START_DAEMON),
          Optional.empty());
    }
    if (socket.mountedAlone()) {
      return new LogRoute(
          LogWay.BOUND_SOCKET,
          State.BROKEN,
          "the socket that is mounted at /dev/log is stale: its daemon has ended, or was restarted and"
              + " has made another one since",
          remedies.after(
              "for now, mount it anew: \"syschroot umount IMAGE\" and \"syschroot mount IMAGE\""
                  .replace("IMAGE", view.image().toString())),
          Optional.empty());
    }
    return none(
        State.BROKEN,
        DEV_LOG + "is a socket that nobody listens on: its daemon or relay has ended",
        remedies.after("start again what listened there"));
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
    String who = holder.map(SocketHolder::toString).orElse("a process that only root can name");
    if (role == SocketHolder.Role.RELAY) {
      return working(LogWay.RELAY, who + " listens in the image and forwards lines", holder);
    }
    boolean isNative = inImage.sameSocketAs(view.onHost());
    boolean isDaemon = role != SocketHolder.Role.OTHER && holder.get().inNativeSystem();
    if (socket.mountedAlone() && (isNative || isDaemon)) {
      return new LogRoute(
          LogWay.BOUND_SOCKET,
          State.FRAGILE,
          "the native socket itself is mounted at /dev/log: lines reach "
              + who
              + " until it is restarted and makes another one",
          remedies.better(),
          holder);
    }
    if (isNative) {
      return working(
          nativeWay(socket),
          nativeWay(socket) == LogWay.NATIVE_DEV
              ? "the native /dev is mounted in the image, with the socket of " + who
              : DEV_LOG + "leads to the native system's socket, of " + who,
          holder);
    }
    if (isDaemon) {
      return working(LogWay.ADDITIONAL_SOCKET, who + " listens on a socket in the image", holder);
    }
    return new LogRoute(
        LogWay.OTHER_LISTENER,
        State.UNKNOWN,
        who + " listens in the image: " + whatThatMeans(holder),
        holder.isEmpty() ? List.of("ask again as root") : List.of(),
        holder);
  }

  private static String whatThatMeans(Optional<SocketHolder> holder) {
    if (holder.isPresent() && !holder.get().inNativeSystem()) {
      return "it runs in a root directory of its own, so lines go where its configuration says";
    }
    return "whether lines get to the native log is its affair";
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
    advice.add("let its listener make it with mode 0666");
    advice.addAll(route.advice());
    return new LogRoute(
        route.way(),
        State.FRAGILE,
        route.explanation() + "; not every user may write to it: " + mode(socket),
        advice,
        route.listener());
  }

  private static String mode(DevLog.Socket socket) {
    return String.format(
        "mode %04o, owner %s",
        socket.file().permissions(), Integer.toUnsignedString(socket.file().uid()));
  }
}
