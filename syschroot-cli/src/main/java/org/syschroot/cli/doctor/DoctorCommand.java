// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import com.google.gson.JsonArray;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.syschroot.batch.JobDirectories;
import org.syschroot.batch.JobSpool;
import org.syschroot.batch.SchedulerFiles;
import org.syschroot.caller.CurrentProcess;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.FailureMessages;
import org.syschroot.cli.frame.Json;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.doctor.Doctor;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.checks.StandardChecks;
import org.syschroot.doctor.files.Budget;
import org.syschroot.doctor.files.ByteText;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Diagnosis;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.finding.Severity;
import org.syschroot.doctor.host.HostFacts;
import org.syschroot.doctor.host.HostFactsReader;
import org.syschroot.doctor.upkeep.BrokenSiteCode;
import org.syschroot.doctor.upkeep.JobDirectoriesMissed;
import org.syschroot.doctor.upkeep.JobSpools;
import org.syschroot.doctor.upkeep.LauncherStates;
import org.syschroot.doctor.upkeep.LenientTrust;
import org.syschroot.doctor.upkeep.MountStates;
import org.syschroot.doctor.upkeep.UnreachableLog;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxSocketProbe;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.kernel.TreeCalls;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;
import org.syschroot.rules.SiteCodeException;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot doctor}: what will go wrong in the images. */
public final class DoctorCommand extends Subcommand {
  private static final int LONGEST_TIME = 86_400;

  private final OptionSpec json = Options.flag("Print JSON.", "--json");
  private final OptionSpec nagios =
      Options.flag(
          "Print one line and exit as Nagios expects: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.",
          "--nagios");
  private final OptionSpec timeLimit =
      Options.value(
          "--time-limit",
          "SECONDS",
          "Spend at most this many seconds on each image, 1 to 86400 (default: 120). Skipped"
              + " checks are findings.");
  private final PositionalParamSpec names =
      Options.parameters("[IMAGE...]", "Names or aliases of images (default: all).");
  private final Kernel kernel;

  public DoctorCommand(Console console, Kernel kernel) {
    super("doctor", "Check images for problems", console, kernel);
    details("Prints each problem with its cause and what to do. Nothing is changed.");
    exitStatus(
        "0    no finding is an error", "1    a finding is an error", "3    no image is configured");
    this.kernel = kernel;
    spec().addOption(json).addOption(nagios).addOption(timeLimit).addPositional(names);
  }

  @Override
  protected int run() throws IOException {
    if (Options.isSet(json) && Options.isSet(nagios)) {
      throw wrongUsage("--json and --nagios exclude each other");
    }
    Duration longest = timeLimit();
    if (!Options.isSet(nagios)) {
      Site site = site();
      return site.unlessReported(report(diagnose(site, longest)));
    }
    try {
      Site site = site();
      return NagiosLine.print(console, diagnose(site, longest), site.reported());
    } catch (IOException e) {
      return NagiosLine.unknown(console, FailureMessages.of(e));
    } catch (RuntimeException | Error e) {
      return NagiosLine.unknown(console, e.toString());
    }
  }

  private int report(List<Diagnosis> all) throws IOException {
    if (Options.isSet(json)) {
      JsonArray array = new JsonArray();
      all.forEach(diagnosis -> array.add(DiagnosisJson.of(diagnosis)));
      console.print(Json.text(array));
    } else {
      boolean colors = console.hasColors(CurrentProcess.of(kernel).asStarted().environment());
      // Escaped already, but for the colors.
      console.print(
          OsString.of(DiagnosisText.of(all, console.isVerbose(), console.isQuiet(), colors)));
    }
    boolean good = all.stream().allMatch(diagnosis -> diagnosis.count(Severity.ERROR) == 0);
    return good ? ExitStatus.OK : ExitStatus.NO;
  }

  private Duration timeLimit() {
    String text = Options.text(timeLimit);
    if (text == null) {
      return Budget.STANDARD_TIME;
    }
    if (!text.matches("[1-9][0-9]{0,4}") || Integer.parseInt(text) > LONGEST_TIME) {
      throw wrongUsage("--time-limit: " + text + " is not a number from 1 to " + LONGEST_TIME);
    }
    return Duration.ofSeconds(Integer.parseInt(text));
  }

  private List<Diagnosis> diagnose(Site site, Duration longest) throws IOException {
    LenientTrust trust = new LenientTrust(site.trust());
    BrokenSiteCode siteCode = new BrokenSiteCode();
    ImageCatalog catalog = site.catalog(trust);
    TreeCalls calls = LinuxTreeCalls.running();
    HostFacts facts =
        HostFactsReader.read(
            SystemFiles.ofHost(kernel, calls, Budget.standard()),
            callersEnvironment(),
            site.effectiveUid());
    JobDirectories jobDirectories = new JobDirectories(SchedulerFiles.running());
    JobSpool jobSpool = new JobSpool(SchedulerFiles.running());
    Doctor doctor =
        StandardChecks.doctor()
            .plus(
                List.of(
                    trust,
                    siteCode,
                    new MountStates(site::knownMounts),
                    new LauncherStates(site.access()),
                    new JobDirectoriesMissed(
                        one -> jobDirectories.missedBy(one.image(), one.mounts())),
                    new JobSpools(
                        one -> jobSpool.missingIn(one.image(), one.mounts()),
                        one -> jobSpool.readOnlyIn(one.image(), one.mounts())),
                    new UnreachableLog(kernel, new LinuxSocketProbe())));
    List<Diagnosis> all = new ArrayList<>();
    List<Image> images = images(site, catalog);
    for (Image image : images) {
      console.progress(
          "examining "
              + image.name()
              + (images.size() > 1 ? " [" + (all.size() + 1) + "/" + images.size() + "]" : ""));
      SystemFiles host = SystemFiles.ofHost(kernel, calls, Budget.of(longest, System::nanoTime));
      all.add(diagnose(site, trust, siteCode, doctor, facts, host, image));
    }
    console.endProgress();
    return all;
  }

  /** Whatever fails for one image is said of that image, and the others are looked at. */
  private Diagnosis diagnose(
      Site site,
      LenientTrust trust,
      BrokenSiteCode siteCode,
      Doctor doctor,
      HostFacts facts,
      SystemFiles host,
      Image image) {
    try {
      return diagnose(plannedMounts(site, trust, siteCode, image), doctor, facts, host, image);
    } catch (IOException e) {
      return new Diagnosis(image, List.of(notExamined(FailureMessages.of(e))), List.of());
    } catch (RuntimeException | Error e) {
      return new Diagnosis(image, List.of(notExamined(e.toString())), List.of());
    }
  }

  private static Finding notExamined(String reason) {
    return Finding.error("check-incomplete")
        .effect("the image could not be checked")
        .cause(reason)
        .remedy("correct what \"why\" names, then run syschroot doctor again")
        .build();
  }

  /** This JVM's own environment is not that of whoever called. */
  private Map<String, String> callersEnvironment() throws IOException {
    Map<String, String> variables = new HashMap<>();
    for (OsString entry : CurrentProcess.of(kernel).asStarted().environment()) {
      int equals = entry.indexOf('=');
      if (equals > 0) {
        String name = ByteText.of(entry.slice(0, equals));
        variables.putIfAbsent(name, ByteText.of(entry.slice(equals + 1, entry.length())));
      }
    }
    return variables;
  }

  private List<Image> images(Site site, ImageCatalog catalog) throws IOException {
    List<Image> images = new ArrayList<>();
    for (String name : Options.texts(names)) {
      images.add(site.image(catalog, ByteStrings.readable(name)));
    }
    return images.isEmpty() ? site.some(site.images(catalog)) : images;
  }

  private MountSelection plannedMounts(
      Site site, LenientTrust trust, BrokenSiteCode siteCode, Image image) throws IOException {
    try {
      return site.plannedMounts(image);
    } catch (SiteCodeException e) {
      if (e.getCause() instanceof UntrustedException) {
        trust.refuse(global().config().resolve("lib").toString(), String.valueOf(e.getMessage()));
      } else {
        siteCode.failed(e);
      }
      return site.syschroot().site().withoutSiteCode().mountsOf(image);
    }
  }

  private Diagnosis diagnose(
      MountSelection mounts, Doctor doctor, HostFacts facts, SystemFiles host, Image image)
      throws IOException {
    Examination examination;
    try {
      examination = Examination.of(image, mounts, kernel, LinuxTreeCalls.running(), host, facts);
    } catch (KernelException e) {
      return new Diagnosis(image, List.of(rootMissing(image, e)), List.of());
    }
    return doctor.examine(examination);
  }

  private static Finding rootMissing(Image image, KernelException failure) {
    return Finding.error("image-root-missing")
        .effect("the image cannot be entered (exit status 125)")
        .cause("its root " + image.root() + " cannot be read: " + failure.reason())
        .remedy(
            "create the image with \"syschroot create\", or correct root in its configuration"
                + " file")
        .path(image.root().toString())
        .build();
  }
}
