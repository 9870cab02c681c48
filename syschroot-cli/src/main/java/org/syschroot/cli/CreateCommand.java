// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.cli.create.Bootstrap;
import org.syschroot.cli.create.DebootstrapImage;
import org.syschroot.cli.create.HostImage;
import org.syschroot.cli.create.HostImageReport;
import org.syschroot.cli.create.ImageFile;
import org.syschroot.cli.create.NewImage;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.OsString;
import org.syschroot.plan.Caller;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot create}: makes an image and its configuration file. */
final class CreateCommand extends Subcommand {
  private final PositionalParamSpec name =
      Options.parameter("NAME", "The name that will select the image.");
  private final OptionSpec root =
      Options.value("--root", "DIR", "The directory to make the image in.");
  private final OptionSpec programs =
      Options.several(
          "--from-host",
          "PROGRAM",
          "Copy these programs of the native system, and the libraries they need.");
  private final OptionSpec suite =
      Options.value(
          "--debootstrap",
          "SUITE",
          "Install a Debian or Ubuntu system of this suite, such as bookworm.");
  private final OptionSpec architecture =
      Options.value(
          "--arch", "ARCH", "Its architecture, such as i386 (default: the native system's).");
  private final OptionSpec mirror =
      Options.value(
          "--mirror", "URL", "The archive to install from (default: the native system's).");
  private final OptionSpec description =
      Options.value("--description", "TEXT", "What to say of the image in lists.");

  CreateCommand(Console console, Kernel kernel) {
    super("create", "Makes an image and its configuration file.", console, kernel);
    spec().addPositional(name);
    List.of(root, programs, suite, architecture, mirror, description).forEach(spec()::addOption);
  }

  @Override
  int run() throws IOException {
    String wantedSuite = Options.text(suite);
    if (Options.texts(programs).isEmpty() == (wantedSuite == null)) {
      throw wrongUsage("exactly one of --from-host PROGRAM... and --debootstrap SUITE is needed");
    }
    if (wantedSuite == null
        && (Options.text(architecture) != null || Options.text(mirror) != null)) {
      throw wrongUsage("--arch and --mirror go with --debootstrap");
    }
    NewImage image = image();
    Map<String, String> environment = callersEnvironment();
    try {
      if (wantedSuite == null) {
        ImageFile.requireAbsent(image);
        fromHost(image, environment.get("PATH"));
      } else {
        Bootstrap bootstrap = new Bootstrap(wantedSuite, optional(architecture), optional(mirror));
        image = image.withPersonality(bootstrap.personality());
        ImageFile.requireAbsent(image);
        debootstrap(image, bootstrap, environment);
      }
    } catch (IllegalArgumentException e) {
      throw wrongUsage(e.getMessage());
    }
    Path file = ImageFile.write(image);
    console.line("image " + image.name() + ": " + image.root() + ", settings in " + file);
    return ExitStatus.OK;
  }

  private static Optional<String> optional(OptionSpec option) {
    return Optional.ofNullable(Options.text(option)).map(ByteStrings::readable);
  }

  private NewImage image() {
    Optional<String> directory = optional(root);
    if (directory.isEmpty()) {
      throw wrongUsage("--root DIR is missing: name the directory to make the image in");
    }
    try {
      NewImage image =
          NewImage.of(
              new ImageName(ByteStrings.readable(Options.required(name))),
              Path.of(directory.get()),
              global().config());
      Optional<String> text = optional(description);
      return text.isPresent() ? image.withDescription(text.get()) : image;
    } catch (IllegalArgumentException e) {
      throw wrongUsage(e.getMessage());
    }
  }

  /** What we were started with, since our own environment is empty; proxies matter here. */
  private Map<String, String> callersEnvironment() throws IOException {
    Caller caller = OwnProcess.caller(site().kernel());
    Map<String, String> variables = new HashMap<>();
    for (OsString entry : caller.environment()) {
      int equals = entry.indexOf('=');
      if (equals > 0 && entry.toUtf8().isPresent()) {
        String text = entry.toUtf8().get();
        variables.put(text.substring(0, text.indexOf('=')), text.substring(text.indexOf('=') + 1));
      }
    }
    return variables;
  }

  private void fromHost(NewImage image, @Nullable String path) throws IOException {
    HostImageReport report =
        HostImage.searching(path)
            .create(
                image.root(),
                Options.texts(programs).stream().map(ByteStrings::readable).toList(),
                file -> console.detail("copied " + file));
    console.detail(report.toString());
  }

  private void debootstrap(NewImage image, Bootstrap bootstrap, Map<String, String> environment)
      throws IOException {
    console.notice("installing " + bootstrap.suite() + " in " + image.root() + ", about a minute");
    String used =
        DebootstrapImage.installed(environment.get("PATH"))
            .withEnvironment(environment)
            .create(image.root(), bootstrap, console::detail);
    console.detail("installed from " + used);
  }
}
