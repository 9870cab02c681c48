// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.syschroot.kernel.Kernel;
import org.syschroot.plan.SwitchException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What all subcommands share: the global options, and how a failure is reported. */
public abstract class Subcommand implements Callable<Integer> {
  @SuppressWarnings("this-escape") // it is only kept
  private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);

  private final GlobalOptions global = new GlobalOptions();
  private final Kernel kernel;

  protected final Console console;

  protected Subcommand(String name, String summary, Console console, Kernel kernel) {
    this.console = console;
    this.kernel = kernel;
    spec.name(name).usageMessage().header(summary);
    global.declareIn(spec);
  }

  /** Adds what the help says below the usage: sentences on what the command does. */
  protected final void details(String text) {
    spec.usageMessage().description(text);
  }

  /** Adds the exit statuses that mean an answer to the help: each a number, blanks and a text. */
  protected final void exitStatus(String... answers) {
    spec.usageMessage().footerHeading("Exit status:%n");
    spec.usageMessage()
        .footer(Arrays.stream(answers).map(line -> "  " + line).toArray(String[]::new));
  }

  /** Returns the declaration of the command line, to which a subcommand adds its own options. */
  public final CommandSpec spec() {
    return spec;
  }

  /**
   * Does the work.
   *
   * @return the exit status
   * @throws IOException if it cannot be done; the message is printed
   */
  protected abstract int run() throws IOException;

  @Override
  public final Integer call() {
    global.applyTo(console);
    try {
      return run();
    } catch (SwitchException e) {
      console.failure("", e);
      return e.kind().exitStatus();
    } catch (NoImagesException e) {
      console.error(e.getMessage());
      console.hint("create one with \"syschroot create\", or use --config DIR");
      return ExitStatus.NO_IMAGES;
    } catch (IOException e) {
      console.failure("", e);
      return ExitStatus.FAILED;
    }
  }

  public final GlobalOptions global() {
    return global;
  }

  public final Site site() {
    return new Site(global, kernel, console);
  }

  /**
   * Refuses ordinary users, before anything is tried that only root can do.
   *
   * @param what the words of the command line that ask for it
   */
  protected final void requireRoot(Site site, String what) throws IOException {
    if (site.effectiveUid() != 0) {
      throw new IOException("only root can use \"" + what + "\"\nhint: as root: syschroot " + what);
    }
  }

  /** Returns the refusal of what stands on the command line, with the words of another. */
  public final ParameterException wrongUsage(Exception reason) {
    return wrongUsage(String.valueOf(reason.getMessage()));
  }

  /** Returns the refusal of what stands on the command line. */
  public final ParameterException wrongUsage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
