// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.FailureMessages;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.OwnProcess;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.images.Bootstrap;
import org.syschroot.images.DebootstrapImage;
import org.syschroot.images.HalfMade;
import org.syschroot.images.HostImage;
import org.syschroot.images.HostImageReport;
import org.syschroot.images.ImageFile;
import org.syschroot.images.Making;
import org.syschroot.images.NewImage;
import org.syschroot.kernel.Kernel;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot create}: makes an image and its configuration file. */
public final class CreateCommand extends Subcommand {
  /** What fits on a line of any terminal. */
  private static final int LINE = 79;

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

  public CreateCommand(Console console, Kernel kernel) {
    super("create", "Makes an image and its configuration file.", console, kernel);
    spec().addPositional(name);
    List.of(root, programs, suite, architecture, mirror, description).forEach(spec()::addOption);
  }

  @Override
  protected int run() throws IOException {
    String wantedSuite = Options.text(suite);
    if (Options.texts(programs).isEmpty() == (wantedSuite == null)) {
      throw wrongUsage("exactly one of --from-host PROGRAM... and --debootstrap SUITE is needed");
    }
    if (wantedSuite == null
        && (Options.text(architecture) != null || Options.text(mirror) != null)) {
      throw wrongUsage("--arch and --mirror go with --debootstrap");
    }
    Interruption interruption = Interruption.ofThisThread(site().kernel());
    try {
      make(wantedSuite);
      return ExitStatus.OK;
    } catch (IllegalArgumentException e) {
      throw wrongUsage(e.getMessage());
    } catch (IOException e) {
      if (interruption.happened()) {
        console.error(FailureMessages.of(e));
        interruption.endByIt();
      }
      throw e;
    }
  }

  private void make(@Nullable String wantedSuite) throws IOException {
    NewImage image = image(site());
    // What we were started with, since our own environment is empty; proxies matter here.
    Map<String, String> environment = OwnProcess.variables(site().kernel());
    Optional<Bootstrap> bootstrap = Optional.empty();
    if (wantedSuite != null && site().effectiveUid() != 0) {
      throw new IOException(
          "--debootstrap: only root can install a system, whose files belong to several users: use"
              + " --from-host, or ask an administrator to create it");
    }
    if (wantedSuite != null) {
      bootstrap = Optional.of(new Bootstrap(wantedSuite, optional(architecture), optional(mirror)));
      image = image.withPersonality(bootstrap.get().personality());
    }
    Site site = site();
    requireFree(site, image);
    Path file;
    try (Making making = Making.begin(site.kernel(), site.trust(), image, this::tellOfLeftover)) {
      if (bootstrap.isPresent()) {
        debootstrap(image, bootstrap.get(), environment);
      } else {
        fromHost(image, environment.get("PATH"));
      }
      file = making.finish();
    } finally {
      console.endProgress();
    }
    console.line("image " + image.name() + ": " + image.root() + ", settings in " + file);
  }

  /** A name that is claimed already would select neither image, or not the new one. */
  private static void requireFree(Site site, NewImage image) throws IOException {
    Optional<Image> owner = site.catalog().find(image.name().value());
    Path system = site.directories().system();
    if (!image.configDirectory().equals(system)
        && (owner.isPresent() || Files.exists(ImageFile.of(image, system)))
        && !Files.exists(ImageFile.of(image))) {
      throw new IOException(
          image.name() + " is a name of an image of the system: choose another name");
    }
    if (owner.isPresent() && !owner.get().name().equals(image.name())) {
      throw new IOException(
          image.name()
              + " is an alias of the image "
              + owner.get().name()
              + ": choose another name");
    }
  }

  private void tellOfLeftover(HalfMade leftover) {
    console.notice(
        "deleted " + leftover.root() + ", which a create that did not end had left half made");
  }

  private void progress(String doing, String what) {
    if (console.isVerbose()) {
      console.detail(what);
    } else {
      String line = doing + ": " + what;
      console.progress(line.length() > LINE ? line.substring(0, LINE) : line);
    }
  }

  private static Optional<String> optional(OptionSpec option) {
    return Optional.ofNullable(Options.text(option)).map(ByteStrings::readable);
  }

  private NewImage image(Site site) throws IOException {
    Optional<String> directory = optional(root);
    if (directory.isEmpty()) {
      throw wrongUsage("--root DIR is missing: name the directory to make the image in");
    }
    try {
      NewImage image =
          NewImage.of(
              new ImageName(ByteStrings.readable(Options.required(name))),
              Path.of(directory.get()),
              site.directories().forNew());
      Optional<String> home = homeToMount(site);
      if (home.isPresent()) {
        image = image.withMounts(List.of("standard", home.get()));
      }
      Optional<String> text = optional(description);
      return text.isPresent() ? image.withDescription(text.get()) : image;
    } catch (IllegalArgumentException e) {
      throw wrongUsage(e.getMessage());
    }
  }

  /**
   * Returns the home directory of an ordinary user, whose image is for nobody else. An image of
   * root is for many, and where their files are is the administrator's to say.
   */
  private static Optional<String> homeToMount(Site site) throws IOException {
    if (site.effectiveUid() == 0) {
      return Optional.empty();
    }
    return Optional.ofNullable(OwnProcess.variables(site.kernel()).get("HOME"))
        .filter(home -> home.startsWith("/") && home.indexOf(':') < 0 && home.length() > 1)
        .filter(home -> Files.isDirectory(Path.of(home)))
        .filter(home -> !Path.of(home).startsWith("/tmp"));
  }

  private void fromHost(NewImage image, @Nullable String path) throws IOException {
    HostImageReport report =
        HostImage.searching(path)
            .create(
                image.root(),
                Options.texts(programs).stream().map(ByteStrings::readable).toList(),
                file -> progress("copying", file.toString()));
    console.detail(report.toString());
  }

  private void debootstrap(NewImage image, Bootstrap bootstrap, Map<String, String> environment)
      throws IOException {
    String doing = "installing " + bootstrap.suite();
    String used =
        DebootstrapImage.installed(environment.get("PATH"))
            .withEnvironment(environment)
            .create(image.root(), bootstrap, line -> progress(doing, line));
    console.detail("installed from " + used);
  }
}
