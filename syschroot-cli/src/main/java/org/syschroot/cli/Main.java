// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.path.OsString;

/** Entry point: finds out what was asked for, byte for byte, and hands it to the subcommand. */
public final class Main {
  private static final String COMMAND = "syschroot";
  private static final List<OsString> REHEARSE = List.of(OsString.of("rehearse"));

  private Main() {}

  /**
   * Runs the command and exits.
   *
   * @param decoded the arguments as the JVM decoded them; used only for their number, since
   *     decoding loses bytes
   */
  public static void main(String[] decoded) {
    HeadStart.begin();
    Console console = Console.ofProcess();
    int status;
    try {
      List<OsString> raw = OwnProcess.arguments(decoded.length);
      Kernel kernel = LinuxKernel.running();
      status =
          raw.equals(REHEARSE)
              ? new Rehearsal(kernel).run()
              : execute(raw, OwnProcess.invokedAs(), console, kernel);
    } catch (Throwable e) {
      // Also what no catch expects, such as a jar that cannot be read: the status has to be ours.
      console.error(e.toString());
      status = ExitStatus.FAILED;
    }
    console.flush();
    Runtime.getRuntime().halt(status);
  }

  /**
   * Runs the command.
   *
   * @param arguments the arguments
   * @param invokedAs the name it was called by: any other than {@code syschroot} selects an image
   * @return the exit status
   */
  static int execute(List<OsString> arguments, String invokedAs, Console console, Kernel kernel) {
    List<OsString> words = new ArrayList<>();
    if (!invokedAs.equals(COMMAND)) {
      words.addAll(List.of(OsString.of("run"), OsString.of("--"), OsString.of(invokedAs)));
    }
    words.addAll(arguments);
    return Commands.execute(words, console, kernel);
  }
}
