// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.OwnProcess;
import org.syschroot.cli.start.ArchiveRehearsal;
import org.syschroot.cli.start.HeadStart;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.path.OsString;

/** One call of the command: finds out what was asked for, byte for byte. Not instantiable. */
public final class Invocation {
  public static final String COMMAND = "syschroot";
  private static final List<OsString> REHEARSE = List.of(OsString.of("rehearse"));

  private Invocation() {}

  /**
   * Runs the command.
   *
   * @param count the number of its arguments
   * @return the exit status
   */
  static int run(int count) throws IOException {
    HeadStart.begin();
    Console console = Console.ofProcess();
    List<OsString> raw = OwnProcess.arguments(count);
    Kernel kernel = LinuxKernel.running();
    int status =
        raw.equals(REHEARSE)
            ? new ArchiveRehearsal(kernel, Commands::execute).run()
            : execute(raw, OwnProcess.invokedAs(), console, kernel);
    console.flush();
    return status;
  }

  /**
   * Runs the command.
   *
   * @param arguments the arguments
   * @param invokedAs the name it was called by: any other than {@code syschroot} selects an image
   * @return the exit status
   */
  private static int execute(
      List<OsString> arguments, String invokedAs, Console console, Kernel kernel) {
    List<OsString> words = new ArrayList<>();
    if (!invokedAs.equals(OwnProcess.COMMAND)) {
      words.addAll(List.of(OsString.of("run"), OsString.of("--"), OsString.of(invokedAs)));
    }
    words.addAll(arguments);
    return Commands.execute(words, console, kernel);
  }
}
