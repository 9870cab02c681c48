// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.config.ConfigDirectories;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.path.OsString;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options that every subcommand has. */
public final class GlobalOptions {
  private final OptionSpec config =
      Options.value(
          "--config",
          "DIR",
          "Configuration directory (default: /etc/syschroot, for ordinary users also"
              + " ~/.config/syschroot).");
  private final OptionSpec verbose =
      Options.flag("Print each step to standard error.", "-v", "--verbose");
  private final OptionSpec quiet = Options.flag("Print only errors.", "-q", "--quiet");

  private final OptionSpec noColor =
      Options.flag("Print without colors (default: colors on a terminal).", "--no-color");
  private final OptionSpec noSiteCode =
      Options.flag("Do not load extensions (the jars in lib beside images.d).", "--no-site-code");

  public void declareIn(CommandSpec spec) {
    spec.addOption(config)
        .addOption(verbose)
        .addOption(quiet)
        .addOption(noColor)
        .addOption(noSiteCode);
    declareHelpIn(spec);
  }

  public static void declareHelpIn(CommandSpec spec) {
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .type(boolean.class)
            .description("Show this help and exit.")
            .build());
    spec.addOption(
        OptionSpec.builder("-V", "--version")
            .versionHelp(true)
            .type(boolean.class)
            .description("Show the version and exit.")
            .build());
  }

  public void applyTo(Console console) {
    console.beVerbose(Options.isSet(verbose));
    console.beQuiet(Options.isSet(quiet));
    if (Options.isSet(noColor)) {
      console.beColorless();
    }
  }

  /** Returns the directory of the system's configuration. */
  public Path config() {
    String given = Options.text(config);
    return given == null
        ? ConfigDirectories.SYSTEM
        : Path.of(ByteStrings.readable(given)).toAbsolutePath();
  }

  /** Returns all directories of the configuration: the one that is given, and no other. */
  public ConfigDirectories directories(Kernel kernel) throws IOException {
    int uid = LinuxProcessCalls.running().effectiveUid();
    return configIsGiven() || uid == 0
        ? ConfigDirectories.only(config())
        : ConfigDirectories.ofUser(uid, OwnProcess.variables(kernel));
  }

  /** Returns these options as the words of a command line that is called from anywhere. */
  public List<OsString> words(Kernel kernel) throws KernelException {
    List<OsString> words = new ArrayList<>();
    String given = Options.text(config);
    if (given != null) {
      words.add(OsString.of(config.longestName()));
      words.add(ByteStrings.absolute(kernel, given));
    }
    for (OptionSpec flag : List.of(verbose, quiet, noColor, noSiteCode)) {
      if (Options.isSet(flag)) {
        words.add(OsString.of(flag.longestName()));
      }
    }
    return words;
  }

  /** Returns whether the code of the site is to be loaded. */
  public boolean siteCode() {
    return !Options.isSet(noSiteCode);
  }

  public boolean configIsGiven() {
    return Options.text(config) != null;
  }
}
