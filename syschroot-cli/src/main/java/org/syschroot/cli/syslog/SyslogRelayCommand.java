// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.syschroot.caller.CurrentProcess;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.ImagesOption;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.OwnProcess;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxSocketDiagnosis;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.syslog.relay.LogSocket;
import org.syschroot.syslog.relay.RelayedImage;
import org.syschroot.syslog.relay.SyslogRelay;
import org.syschroot.syslog.relay.WhenFull;
import org.syschroot.syslog.service.RelayUnit;
import org.syschroot.syslog.service.ServiceNotice;
import picocli.CommandLine.Model.OptionSpec;

/** {@code syschroot syslog relay}: relays {@code /dev/log} of images, in the foreground. */
final class SyslogRelayCommand extends Subcommand {
  private final ImagesOption images = new ImagesOption();
  private final OptionSpec to =
      Options.value("--to", "SOCKET", "The socket of the syslog daemon (default: /dev/log).");
  private final OptionSpec queueMessages =
      Options.value("--queue-messages", "N", "Size of the queue in messages (default: 65536).");
  private final OptionSpec queueBytes =
      Options.value("--queue-bytes", "N", "Size of the queue in bytes (default: 16777216).");
  private final OptionSpec whenFull =
      Options.choice(
          "--when-full",
          "POLICY",
          "When the queue is full: \"block\" makes senders wait (default), \"drop-oldest\" discards the oldest messages.",
          List.of("block", "drop-oldest"));
  private final OptionSpec streams =
      Options.repeated(
          "--stream-socket",
          "PATH",
          "Create another socket in each image, for programs that need a stream socket.");
  private final OptionSpec tag =
      Options.flag("Add the image's name to the tag of each message.", "--tag");
  private final OptionSpec stats =
      Options.value(
          "--stats", "FILE", "Write the counters to FILE as JSON, every 5 seconds and at exit.");
  private final OptionSpec installUnit =
      Options.flag(
          "Write a systemd unit that runs this command line, instead of running it.",
          "--install-unit");

  SyslogRelayCommand(Console console, Kernel kernel) {
    super("relay", "Forward log messages of images", console, kernel);
    details(
        "Forwards what programs in images write to /dev/log to the syslog daemon of the host, until SIGTERM. SIGUSR1 prints the counters.");
    exitStatus("0    done", "3    no image is configured", "125  it failed, for an image at least");
    images.declareIn(spec());
    spec().addOption(to).addOption(queueMessages).addOption(queueBytes).addOption(whenFull);
    spec().addOption(streams).addOption(tag).addOption(stats).addOption(installUnit);
    spec().usageMessage().customSynopsis("syschroot syslog relay [OPTIONS] (IMAGE...|--all)");
  }

  @Override
  protected int run() throws IOException {
    Site site = site();
    if (site.effectiveUid() != 0) {
      throw new IOException(
          "only root can run \"syslog relay\": it creates sockets in images and forwards the"
              + " sender of each message");
    }
    List<Image> chosen = images.chooseSome(this, site);
    RelayEvents events = new RelayEvents(console);
    SyslogRelay.Builder builder = builder(chosen).listener(events);
    @Nullable StatsFile file = statsFile(site);
    if (Options.isSet(installUnit)) {
      return writeUnit(site.kernel());
    }
    for (Image image : chosen) {
      site.checkRoot(image);
    }
    try (SyslogRelay relay = builder.build()) {
      List<OsString> environment = CurrentProcess.of(site.kernel()).asStarted().environment();
      ServiceNotice notice =
          ServiceNotice.of(
              site.kernel(),
              LinuxSocketDiagnosis.running(),
              environment,
              ProcessHandle.current().pid());
      return new RelayService(relay, console, notice, file).run();
    }
  }

  private SyslogRelay.Builder builder(List<Image> chosen) {
    try {
      SyslogRelay.Builder builder = SyslogRelay.builder().tagWithImageName(Options.isSet(tag));
      for (Image image : chosen) {
        builder.image(new RelayedImage(image.name(), image.root(), sockets()));
      }
      @Nullable String socket = Options.text(to);
      if (socket != null) {
        builder.nativeSocket(HostPath.of(ByteStrings.encode(socket)));
      }
      if (Options.text(queueMessages) != null) {
        builder.queueMessages(number(queueMessages));
      }
      if (Options.text(queueBytes) != null) {
        builder.queueBytes(number(queueBytes));
      }
      return builder.whenFull(policy());
    } catch (IllegalArgumentException e) {
      throw wrongUsage(e);
    }
  }

  private List<LogSocket> sockets() {
    List<LogSocket> sockets = new ArrayList<>();
    sockets.add(LogSocket.DEV_LOG);
    for (String path : Options.texts(streams)) {
      sockets.add(new LogSocket(ImagePath.of(ByteStrings.encode(path)), LogSocket.Type.STREAM));
    }
    return sockets;
  }

  private int number(OptionSpec option) {
    String text = Options.required(option);
    try {
      int number = Integer.parseInt(text);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      // Refused below.
    }
    throw wrongUsage(
        option.longestName()
            + " "
            + ByteStrings.readable(text)
            + ": must be an integer from 1 to "
            + Integer.MAX_VALUE);
  }

  private WhenFull policy() {
    @Nullable String text = Options.text(whenFull);
    if (text == null) {
      return WhenFull.BLOCK;
    }
    return WhenFull.of(text)
        .orElseThrow(
            () ->
                wrongUsage(
                    "--when-full "
                        + ByteStrings.readable(text)
                        + ": must be block or drop-oldest"));
  }

  private @Nullable StatsFile statsFile(Site site) throws IOException {
    @Nullable String text = Options.text(stats);
    if (text == null) {
      return null;
    }
    try {
      HostPath path = HostPath.of(ByteStrings.absolute(site.kernel(), text));
      return new StatsFile(site.kernel(), path);
    } catch (IllegalArgumentException e) {
      throw wrongUsage("--stats " + e.getMessage());
    }
  }

  private int writeUnit(Kernel kernel) throws IOException {
    HostPath file =
        RelayUnit.of(HostPath.of("/etc"))
            .write(kernel, OsString.of(OwnProcess.startScript()), words(kernel));
    console.line(file);
    console.notice("to relay now and at boot: systemctl enable --now syschroot-syslog");
    return ExitStatus.OK;
  }

  /** Returns what follows {@code syslog relay} for the same relay, started from anywhere. */
  private List<OsString> words(Kernel kernel) throws IOException {
    List<OsString> words = new ArrayList<>(global().words(kernel));
    for (OptionSpec option : List.of(to, queueMessages, queueBytes, whenFull)) {
      @Nullable String value = Options.text(option);
      if (value != null) {
        words.addAll(List.of(OsString.of(option.longestName()), ByteStrings.encode(value)));
      }
    }
    for (String path : Options.texts(streams)) {
      words.addAll(List.of(OsString.of(streams.longestName()), ByteStrings.encode(path)));
    }
    if (Options.isSet(tag)) {
      words.add(OsString.of(tag.longestName()));
    }
    @Nullable String file = Options.text(stats);
    if (file != null) {
      words.addAll(List.of(OsString.of(stats.longestName()), ByteStrings.absolute(kernel, file)));
    }
    words.addAll(images.words());
    return words;
  }
}
