// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.Syschroot;
import org.syschroot.batch.BatchSchedulers;
import org.syschroot.config.ConfigDirectories;
import org.syschroot.config.FileTrust;
import org.syschroot.host.DefaultPersonality;
import org.syschroot.host.ElfPersonality;
import org.syschroot.image.CatalogProblem;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mounts.ImageAccess;
import org.syschroot.mounts.ImageMounts;
import org.syschroot.mounts.LinuxMountSupport;
import org.syschroot.rules.SiteCodeException;
import org.syschroot.rules.SiteRules;

/** The running system, as the subcommands see it: its images, kernel, mounts and files. */
public final class Site {
  private final GlobalOptions options;
  private final Kernel kernel;
  private final CatalogReport report;
  private final Console console;
  private @Nullable Syschroot syschroot;
  private @Nullable SiteRules withoutSiteCode;

  public Site(GlobalOptions options, Kernel kernel, Console console) {
    this.options = options;
    this.kernel = kernel;
    this.console = console;
    this.report = new CatalogReport(console);
  }

  public Kernel kernel() {
    return kernel;
  }

  /** Returns the directories of the configuration. */
  public ConfigDirectories directories() throws IOException {
    return options.directories(kernel);
  }

  /** Returns whether extensions are looked for. */
  public boolean loadsSiteCode() {
    return options.siteCode();
  }

  public int effectiveUid() throws IOException {
    return LinuxProcessCalls.running().effectiveUid();
  }

  public ImageCatalog catalog() throws IOException {
    return syschroot().catalog();
  }

  /** Returns the library, as the options say. */
  public Syschroot syschroot() throws IOException {
    if (syschroot == null) {
      syschroot = loader().load();
    }
    return syschroot;
  }

  private Syschroot.Loader loader() throws IOException {
    Path directory = options.config();
    if (options.configIsGiven() && !Files.isDirectory(directory)) {
      throw new IOException(
          "--config " + directory + ": not a directory: use the one that contains images.d");
    }
    Syschroot.Loader loader =
        Syschroot.configuredIn(directories())
            .kernel(kernel)
            .mounts(new LinuxMountSupport())
            .schedulers(new BatchSchedulers())
            .warnings(console::error);
    return options.siteCode() ? loader : loader.withoutSiteCode();
  }

  /** Returns all images, and reports what keeps others from being among them. */
  public List<Image> images() throws IOException {
    return images(catalog());
  }

  /** Returns all images of a catalog, and reports what keeps others from being among them. */
  public List<Image> images(ImageCatalog all) {
    report.all(all);
    return all.all();
  }

  /** Tells of what is wrong in the configuration, where the command goes on without it. */
  public void tellOfProblems() throws IOException {
    report.others(catalog(), "");
  }

  /** Returns what {@link #images} reported. */
  public List<CatalogProblem> reported() {
    return report.errors();
  }

  /**
   * Returns the images, for a question about a machine that should have some.
   *
   * @throws NoImagesException if there is none and nothing was reported that could be why
   */
  public List<Image> some(List<Image> images) throws NoImagesException {
    if (images.isEmpty() && reported().isEmpty()) {
      throw new NoImagesException(options.config().resolve("images.d"));
    }
    return images;
  }

  /** Returns {@link ExitStatus#NO} in place of OK if {@link #images} had something to report. */
  public int unlessReported(int status) {
    return status == ExitStatus.OK && !report.errors().isEmpty() ? ExitStatus.NO : status;
  }

  /** Returns the images of a configuration that {@code trust} accepts. */
  public ImageCatalog catalog(FileTrust trust) throws IOException {
    return loader().trust(trust).load().catalog();
  }

  /** Returns what decides whether a file could have been changed by somebody else. */
  public FileTrust trust() throws IOException {
    return FileTrust.ofUser(kernel, effectiveUid());
  }

  /** Returns the image of a name or alias. */
  public Image image(String name) throws IOException {
    return image(catalog(), name);
  }

  /** Returns the image of a name or alias in a catalog. */
  public Image image(ImageCatalog catalog, String name) throws IOException {
    report.others(catalog, name);
    List<CatalogProblem> problems = catalog.problemsWith(name);
    if (!problems.isEmpty()) {
      throw new IOException(problems.get(0).message());
    }
    Optional<Image> image = catalog.find(name);
    if (image.isEmpty()) {
      throw noSuchImage(catalog, name);
    }
    return image.get();
  }

  /** Returns the directories that images are configured in, for people to read. */
  public String imageDirectories() throws IOException {
    ConfigDirectories all = directories();
    String system = all.system().resolve("images.d").toString();
    return all.own().map(own -> system + " or " + own.resolve("images.d")).orElse(system);
  }

  private IOException noSuchImage(ImageCatalog catalog, String name) throws IOException {
    List<String> near = catalog.near(name);
    String advice;
    if (!near.isEmpty()) {
      advice = "did you mean " + String.join(" or ", near) + "?";
    } else if (catalog.all().isEmpty()) {
      advice =
          "there are no images in "
              + imageDirectories()
              + "; create one with: syschroot"
              + " create";
    } else {
      advice = "all images: syschroot list";
    }
    String refused =
        catalog.problems().isEmpty() ? "" : "; it may be configured in a file that was refused";
    return new NoSuchImageException("no such image: " + name + ": " + advice + refused, near);
  }

  /**
   * Checks that the root of an image is there and that only root could have put it there.
   *
   * @throws org.syschroot.config.ConfigException with the place of the setting, if not
   */
  public void checkRoot(Image image) throws IOException {
    ImageAccess.checkRoot(image, kernel, effectiveUid());
  }

  /** Returns the access to the images' mounts and files. */
  public ImageAccess access() throws IOException {
    return new ImageAccess(syschroot(), kernel, effectiveUid());
  }

  /** Returns what tells the execution domain of images whose settings name none. */
  public DefaultPersonality defaultPersonality() {
    return new ElfPersonality(kernel);
  }

  /** Returns the mounts of an image, to be brought up or down or looked at. */
  public ImageMounts mounts(Image image) throws IOException {
    return access().mounts(image);
  }

  /**
   * Returns the mounts of an image as {@link #mounts} does, or as far as they are known if site
   * code is broken, which is reported.
   */
  public ImageMounts knownMounts(Image image) throws IOException {
    checkRoot(image);
    return access().mounts(image, knownSelection(image));
  }

  private MountSelection knownSelection(Image image) throws IOException {
    if (withoutSiteCode == null) {
      try {
        return plannedMounts(image);
      } catch (SiteCodeException e) {
        console.error(e.getMessage() + ": mounts added by extensions are missing");
        withoutSiteCode = syschroot().site().withoutSiteCode();
      }
    }
    return withoutSiteCode.mountsOf(image);
  }

  /** Returns whether {@link #knownMounts} had to do without site code, which is broken. */
  public boolean siteCodeFailed() {
    return withoutSiteCode != null;
  }

  /** Returns what of an image's plan applies here, with what site code has to say of it. */
  public MountSelection plannedMounts(Image image) throws IOException {
    return syschroot().site().mountsOf(image);
  }
}
