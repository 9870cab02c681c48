// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.OutputStream;
import org.syschroot.cli.frame.Console;
import org.syschroot.kernel.LinuxKernel;
import picocli.CommandLine.Model.CommandSpec;

/** What the command line is, for the manual pages and completions that are made from it. */
public final class CommandDeclarations {
  private CommandDeclarations() {}

  /** Returns the declaration of {@code syschroot} with all its subcommands; not to be executed. */
  public static CommandSpec all() {
    OutputStream nowhere = OutputStream.nullOutputStream();
    return Commands.declarations(new Console(nowhere, nowhere), LinuxKernel.running());
  }
}
