// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Json;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.cli.frame.UsageException;
import org.syschroot.cli.frame.UserOption;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.syslog.route.ImageLog;
import org.syschroot.syslog.route.LogRoute;
import org.syschroot.syslog.trial.LogSender;
import org.syschroot.syslog.trial.LogWatch;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot syslog test}: sends a line from inside an image, and looks for it. */
final class SyslogTestCommand extends Subcommand {
  private static final int DEFAULT_SECONDS = 10;
  private static final int MOST_SECONDS = 3600;

  private final OptionSpec expect =
      Options.repeated(
          "--expect",
          "FILE",
          "Search the message in this file (default: /var/log/syslog, messages, user.log and the"
              + " journal).");
  private final OptionSpec timeout =
      Options.value("--timeout", "SECONDS", "Search for this many seconds (default: 10).");
  private final OptionSpec user =
      Options.value("--user", "NAME", "Send as NAME|UID[:GROUP|GID] (default: the caller).");
  private final OptionSpec json = Options.flag("Print JSON.", "--json");
  private final PositionalParamSpec name =
      Options.parameter("IMAGE", "Name or alias of the image.");

  SyslogTestCommand(Console console, Kernel kernel) {
    super("test", "Send a log message from inside an image", console, kernel);
    details("Reports whether and how it arrived.");
    exitStatus("0    it arrived", "1    it did not");
    spec().addOption(expect).addOption(timeout).addOption(user).addOption(json).addPositional(name);
  }

  @Override
  protected int run() throws IOException {
    Duration longest = longest();
    Site site = site();
    Image image = site.image(ByteStrings.readable(Options.required(name)));
    ImageLog.Routes routes = new ImageLog(site.access(), image).look();
    if (!Options.isSet(json)) {
      LogRouteOutput.print(console, image, routes);
    }
    Verdict verdict =
        routes.route().state() == LogRoute.State.BROKEN
            ? Verdict.not("nothing was sent, because it would be lost")
            : sendAndLook(site, image, routes, longest);
    if (Options.isSet(json)) {
      console.print(Json.text(json(image, routes, verdict)));
    } else {
      String word = verdict.arrived() ? "arrived" : "not arrived";
      console.line(String.format("%-12s %s: %s", image.name(), word, verdict.text()));
    }
    return verdict.arrived() ? ExitStatus.OK : ExitStatus.NO;
  }

  /** Whether the line arrived, and where, or why not. */
  private record Verdict(boolean arrived, String text, String sent, String line) {
    static Verdict not(String text) {
      return new Verdict(false, text, "", "");
    }
  }

  private Duration longest() {
    @Nullable String text = Options.text(timeout);
    if (text == null) {
      return Duration.ofSeconds(DEFAULT_SECONDS);
    }
    if (text.matches("[0-9]{1,4}") && Integer.parseInt(text) <= MOST_SECONDS) {
      return Duration.ofSeconds(Integer.parseInt(text));
    }
    throw wrongUsage("--timeout must be a number of seconds from 0 to " + MOST_SECONDS);
  }

  private Verdict sendAndLook(Site site, Image image, ImageLog.Routes routes, Duration longest)
      throws IOException {
    LogSender sender = sender(site, image);
    LogWatch watch = watch(site);
    String text = LogSender.uniqueText();
    Optional<String> failure = sender.send(text, longest);
    if (failure.isPresent()) {
      return new Verdict(false, failure.get(), sender.toString(), "");
    }
    Optional<LogWatch.Arrival> arrival = watch.await(text, longest);
    if (arrival.isPresent()) {
      return new Verdict(
          true,
          "sent by " + sender + ", found in " + arrival.get().where() + ": " + arrival.get().line(),
          sender.toString(),
          arrival.get().line());
    }
    return new Verdict(false, missing(routes, sender, watch, longest), sender.toString(), "");
  }

  private LogSender sender(Site site, Image image) throws IOException {
    @Nullable String as = Options.text(user);
    try {
      Optional<LogSender.Identification> wanted =
          as == null
              ? Optional.empty()
              : Optional.of(new UserOption(ByteStrings.readable(as), false)::applyTo);
      return LogSender.of(site.access(), image, wanted);
    } catch (UsageException e) {
      throw wrongUsage(e);
    }
  }

  private LogWatch watch(Site site) throws IOException {
    Path here = Path.of(site.kernel().getcwd().toString());
    List<Path> files =
        Options.texts(expect).stream()
            .map(file -> here.resolve(ByteStrings.readable(file)))
            .toList();
    return files.isEmpty() ? LogWatch.ofSystem() : LogWatch.of(files);
  }

  /** Honest about what is known: who took it, not what became of it. */
  private static String missing(
      ImageLog.Routes routes, LogSender sender, LogWatch watch, Duration longest) {
    String taken =
        routes
            .route()
            .listener()
            .map(listener -> listener + " has received it")
            .orElse("an unknown process has received it");
    if (watch.isEmpty()) {
      return "sent by "
          + sender
          + ", and "
          + taken
          + ", but this user cannot read the logs of the host: use --expect FILE";
    }
    return "sent by "
        + sender
        + ", and "
        + taken
        + ", but after "
        + longest.toSeconds()
        + " s it is not in "
        + watch
        + ": check where the daemon writes messages of facility user, then use --expect FILE";
  }

  private static JsonObject json(Image image, ImageLog.Routes routes, Verdict verdict) {
    JsonObject json = new JsonObject();
    json.addProperty("image", image.name().toString());
    LogRouteOutput.addTo(json, routes);
    json.addProperty("sent-by", verdict.sent());
    json.addProperty("arrived", verdict.arrived());
    json.addProperty("explanation", verdict.text());
    json.addProperty("line", verdict.line());
    return json;
  }
}
