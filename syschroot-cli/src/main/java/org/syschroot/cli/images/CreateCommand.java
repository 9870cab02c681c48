// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.FailureMessages;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.OwnProcess;
import org.syschroot.cli.frame.Renewals;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.images.Bootstrap;
import org.syschroot.images.DebootstrapImage;
import org.syschroot.images.DnfImage;
import org.syschroot.images.HostImage;
import org.syschroot.images.HostImageReport;
import org.syschroot.images.ImageFile;
import org.syschroot.images.NewImage;
import org.syschroot.images.RpmSystem;
import org.syschroot.images.making.HalfMade;
import org.syschroot.images.making.Making;
import org.syschroot.images.oci.Platform;
import org.syschroot.images.origin.AdoptedTree;
import org.syschroot.images.origin.RunnablePlatform;
import org.syschroot.images.source.ImageSource;
import org.syschroot.images.source.SourceSpelling;
import org.syschroot.kernel.Accounts;
import org.syschroot.kernel.Kernel;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot create}: makes an image and its configuration file. */
public final class CreateCommand extends Subcommand {
  /** What fits on a line of any terminal. */
  private static final int LINE = 79;

  private final PositionalParamSpec name = Options.parameter("NAME", "The name of the new image.");
  private final OptionSpec root =
      Options.value("--root", "DIR", "The root directory of the image; it is created.");
  private final OptionSpec programs =
      Options.several(
          "--from-host",
          "PROGRAM",
          "Copy these programs of the host, with the libraries that they need.");
  private final OptionSpec suite =
      Options.value(
          "--debootstrap", "SUITE", "Install Debian or Ubuntu of this suite, such as bookworm.");
  private final RpmOptions rpm = new RpmOptions();
  private final OptionSpec source =
      Options.value(
          "--from",
          "SOURCE",
          "Copy or unpack a directory, FILE.tar[.gz|.xz|.zst], oci:DIR[:NAME],"
              + " oci-archive:FILE, docker-archive:FILE or docker://HOST/REPOSITORY:TAG.");
  private final OptionSpec adopted =
      Options.value(
          "--adopt",
          "TREE",
          "Use this directory, which contains a Linux system; write"
              + " only the configuration file.");
  private final OptionSpec owners =
      Options.several(
          "--trusted-owner",
          "USER",
          "With --adopt: the tree may also belong to this user, such as that of CVMFS; switches"
              + " set-user-ID programs off.");
  private final OptionSpec architecture =
      Options.value("--arch", "ARCH", "Its architecture, such as i386 (default: the host's).");
  private final OptionSpec mirror =
      Options.value("--mirror", "URL", "The archive to install from (default: the host's).");
  private final OptionSpec description =
      Options.value("--description", "TEXT", "A description for lists.");

  public CreateCommand(Console console, Kernel kernel) {
    super("create", "Create an image", console, kernel);
    details("Creates its root directory and its configuration file.");
    spec().addPositional(name);
    List.of(root, programs, suite).forEach(spec()::addOption);
    rpm.all().forEach(spec()::addOption);
    List.of(source, adopted, owners, architecture, mirror, description).forEach(spec()::addOption);
  }

  @Override
  protected int run() throws IOException {
    checkUsage();
    try {
      Interruption.during(this::make, site().kernel(), console);
      return ExitStatus.OK;
    } catch (IllegalArgumentException e) {
      throw wrongUsage(e);
    }
  }

  private void checkUsage() {
    long ways =
        Stream.of(suite, source, adopted).filter(option -> Options.text(option) != null).count()
            + (Options.texts(programs).isEmpty() ? 0 : 1)
            + (rpm.isChosen() ? 1 : 0);
    if (ways != 1) {
      throw wrongUsage(
          "exactly one of --from SOURCE, --from-host PROGRAM..., --debootstrap SUITE, --dnf and"
              + " --adopt TREE is required");
    }
    if (Options.text(mirror) != null && Options.text(suite) == null) {
      throw wrongUsage("--mirror is only allowed with --debootstrap");
    }
    if (Options.text(architecture) != null
        && Options.text(suite) == null
        && Options.text(source) == null
        && !rpm.isChosen()) {
      throw wrongUsage("--arch is only allowed with --debootstrap, --dnf and --from");
    }
    rpm.complaint()
        .ifPresent(
            complaint -> {
              throw wrongUsage(complaint);
            });
    if (Options.text(adopted) == null && !Options.texts(owners).isEmpty()) {
      throw wrongUsage("--trusted-owner is only allowed with --adopt");
    }
    if (Options.text(adopted) != null && Options.text(root) != null) {
      throw wrongUsage("--root is not allowed with --adopt, which gives the root directory");
    }
  }

  private void make() throws IOException {
    NewImage image = image(site());
    // What we were started with, since our own environment is empty; proxies matter here.
    Map<String, String> environment = OwnProcess.variables(site().kernel());
    Site site = site();
    requireFree(site, image);
    Path file;
    try {
      if (Options.text(adopted) != null) {
        file = adopt(image);
      } else if (Options.text(source) != null) {
        file = fromSource(image, environment);
      } else if (rpm.isChosen()) {
        file = fromPackages(image, environment);
      } else {
        file = fromPrograms(image, environment);
      }
    } finally {
      console.endProgress();
    }
    console.line("image " + image.name() + ": " + image.root() + ", settings in " + file);
    showAccounts(image);
  }

  private Path adopt(NewImage image) throws IOException {
    List<String> users = Options.texts(owners).stream().map(ByteStrings::readable).toList();
    Set<Integer> uids = new HashSet<>();
    for (String user : users) {
      uids.add(
          Accounts.ofHost()
              .uid(user)
              .orElseThrow(() -> wrongUsage("--trusted-owner " + user + ": no such user")));
    }
    AdoptedTree.check(image.root(), uids);
    return ImageFile.writeAdopted(image, users);
  }

  /** The image is made, whatever comes of this: it happens again before each run and mount. */
  private void showAccounts(NewImage image) {
    try {
      Site site = site(); // The catalog of before has no such image.
      new Renewals(site, console).renewIfPossible(site.image(image.name().value()));
    } catch (IOException e) {
      console.notice(FailureMessages.of(e));
    }
  }

  private Making begin(NewImage image) throws IOException {
    return Making.begin(site().kernel(), site().trust(), image, this::tellOfLeftover);
  }

  private Path fromPrograms(NewImage image, Map<String, String> environment) throws IOException {
    String wantedSuite = Options.text(suite);
    if (wantedSuite == null) {
      try (Making making = begin(image)) {
        fromHost(image, environment.get("PATH"));
        return making.finish();
      }
    }
    requireRoot("--debootstrap");
    Bootstrap bootstrap = new Bootstrap(wantedSuite, optional(architecture), optional(mirror));
    if (bootstrap.arch().isPresent()) {
      requireRunnable(Platform.parse(bootstrap.arch().get()));
    }
    try (Making making = begin(image)) {
      debootstrap(image, bootstrap, environment);
      return making.finish();
    }
  }

  private Path fromPackages(NewImage image, Map<String, String> environment) throws IOException {
    requireRoot("--dnf");
    RpmSystem system = rpm.system(optional(architecture));
    if (system.architecture().isPresent()) {
      requireRunnable(system.architecture().get());
    }
    DnfImage dnf = DnfImage.installed(environment.get("PATH")).withEnvironment(environment);
    try (Making making = begin(image)) {
      dnf.create(image.root(), system, line -> progress("installing packages", line));
      return making.finish();
    }
  }

  private void requireRoot(String option) throws IOException {
    if (site().effectiveUid() != 0) {
      throw new IOException(
          option
              + ": only root can create files of several users: use --from-host, or ask the"
              + " administrator to create the image");
    }
  }

  private Path fromSource(NewImage image, Map<String, String> environment) throws IOException {
    SourceSpelling spelling = new SourceSpelling(optional(source).orElseThrow());
    ImageFile.requireAbsent(image);
    try (ImageSource opened = spelling.open(optional(architecture), environment)) {
      if (opened.config().isPresent()) {
        requireRunnable(opened.config().get().platform());
      }
      try (Making making = begin(image)) {
        return new SourceCreation(console, spelling).make(image, opened, making);
      }
    }
  }

  /** Nothing is loaded that could not run here. */
  private void requireRunnable(Platform platform) throws IOException {
    RunnablePlatform.check(platform).ifPresent(console::notice);
  }

  /** A name that is claimed already would select neither image, or not the new one. */
  private static void requireFree(Site site, NewImage image) throws IOException {
    Optional<Image> owner = site.catalog().find(image.name().value());
    Path system = site.directories().system();
    if (!image.configDirectory().equals(system)
        && (owner.isPresent() || Files.exists(ImageFile.of(image, system)))
        && !Files.exists(ImageFile.of(image))) {
      throw new IOException(
          image.name() + " is the name of an image in /etc/syschroot: choose another name");
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
    console.notice("deleted " + leftover.root() + ", left by an interrupted \"syschroot create\"");
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
    Optional<String> directory = optional(adopted).or(() -> optional(root));
    if (directory.isEmpty()) {
      throw wrongUsage("missing option --root DIR: the root directory of the new image");
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
      throw wrongUsage(e);
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
