// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.syslog.daemon.NativeDaemon;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot syslog config}: configuration by which the native daemon does it itself. */
final class SyslogConfigCommand extends Subcommand {
  private final OptionSpec all = Options.flag("All images of the configuration.", "--all");
  private final PositionalParamSpec words =
      Options.parameters(
          "DAEMON IMAGE...", "rsyslog, syslog-ng or journald, and names or aliases of images.");

  SyslogConfigCommand(Console console, Kernel kernel) {
    super("config", "Print a configuration of the syslog daemon", console, kernel);
    details(
        "With it, the syslog daemon of the host receives the messages of images without a"
            + " relay.");
    spec().addOption(all).addPositional(words);
    spec()
        .usageMessage()
        .customSynopsis("syschroot syslog config rsyslog|syslog-ng|journald (IMAGE...|--all)");
  }

  @Override
  protected int run() throws IOException {
    List<String> given = Options.texts(words).stream().map(ByteStrings::readable).toList();
    Optional<NativeDaemon> daemon =
        given.isEmpty() ? Optional.empty() : NativeDaemon.of(given.get(0));
    if (daemon.isEmpty()) {
      throw wrongUsage("missing argument DAEMON: rsyslog, syslog-ng or journald");
    }
    List<String> names = given.subList(1, given.size());
    if (Options.isSet(all) == !names.isEmpty()) {
      throw wrongUsage("name one or more images, or use --all");
    }
    Site site = site();
    try {
      console.print(daemon.get().configuration(images(site, names)));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage());
    }
    return site.unlessReported(ExitStatus.OK);
  }

  private List<Image> images(Site site, List<String> names) throws IOException {
    if (names.isEmpty()) {
      return site.images();
    }
    List<Image> images = new ArrayList<>();
    for (String name : names) {
      Image image = site.image(name);
      if (!images.contains(image)) {
        images.add(image);
      }
    }
    return images;
  }
}
