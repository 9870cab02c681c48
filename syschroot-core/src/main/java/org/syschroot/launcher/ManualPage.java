// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.time.LocalDate;
import java.time.ZoneOffset;
import org.syschroot.image.Image;

/** The text of the manual page of an image's launcher, in the language of man(7). Immutable. */
final class ManualPage {
  /** What a page of ours begins with; the pathname of its launcher follows. */
  static final String MARK = ".\\\" Written by \"syschroot link\" for the launcher ";

  private static final String TEXT =
      """
      .TH "@NAME@" 1 "@DATE@" syschroot "Launchers of images"
      .SH NAME
      @NAME@ \\- run commands in the image @IMAGE@@DESCRIPTION@
      .SH SYNOPSIS
      .B @NAME@
      [\\fICOMMAND\\fR [\\fIARGUMENT\\fR...]]
      .br
      .B @NAME@ \\-c
      .I STRING
      .SH DESCRIPTION
      Executes
      .I COMMAND
      in the image @IMAGE@, another Linux system with the root directory @ROOT@.
      Without a command, starts a shell of the image; with
      .BR \\-c ,
      the shell executes
      .IR STRING .
      .PP
      The user, the working directory, the environment, the terminal and open files stay what they are.
      The variable
      .B SYSCHROOT_IMAGE
      is the name of the image.
      .PP
      All steps of this launcher, in their order:
      .PP
      .RS 4
      syschroot launcher show @LAUNCHER@
      .RE
      .SH EXIT STATUS
      That of the command; 125 if the image cannot be entered, 126 if the command cannot be executed,
      127 if it is missing in the image.
      .SH SEE ALSO
      .BR syschroot (1),
      .BR syschroot (7)
      """;

  private final Launcher launcher;

  ManualPage(Launcher launcher) {
    this.launcher = launcher;
  }

  /** Returns the first line, by which a page is known to be of this launcher. */
  static String firstLine(String launcher) {
    return MARK + escape(launcher) + "\n";
  }

  @Override
  public String toString() {
    Image image = launcher.image();
    String description = image.description().isBlank() ? "" : " (" + image.description() + ")";
    return firstLine(launcher.path().toString())
        + TEXT.replace("@DATE@", LocalDate.now(ZoneOffset.UTC).toString())
            .replace("@NAME@", escape(launcher.path().value().baseName().toString()))
            .replace("@IMAGE@", escape(image.name().toString()))
            .replace("@ROOT@", escape(image.root().toString()))
            .replace("@LAUNCHER@", escape(launcher.path().toString()))
            .replace("@DESCRIPTION@", escape(description));
  }

  /**
   * A hyphen is one to type, a backslash one to see, and no text has a line of its own. Nowhere
   * does a text begin a line of the page, where a dot would make it a request.
   */
  private static String escape(String text) {
    return text.replaceAll("[\\p{Cntrl}\\s]+", " ").replace("\\", "\\e").replace("-", "\\-");
  }
}
