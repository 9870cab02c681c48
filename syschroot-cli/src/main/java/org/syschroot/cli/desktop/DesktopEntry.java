// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.desktop;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.syschroot.caller.ShellPrompt;
import org.syschroot.image.Image;
import org.syschroot.launcher.Launcher;

/**
 * The text of a desktop entry that opens a terminal in an image, after the <a
 * href="https://specifications.freedesktop.org/desktop-entry-spec/1.5/">Desktop Entry
 * Specification</a>. Immutable.
 *
 * <p>The terminal's title and the prompt name the image, by two variables and without a change to
 * anybody's files: {@code debian_chroot}, which the shell's start files of Debian put into both,
 * and {@code PROMPT_COMMAND}, which bash evaluates before each prompt.
 */
final class DesktopEntry {
  /** The key by which we know our own entries again. */
  static final String MARKER = "X-Syschroot-Image=";

  private static final Map<String, String> NAMES = names();

  private final String text;

  private DesktopEntry(String text) {
    this.text = text;
  }

  /** "IMAGE terminal" in some languages; %s is the image. */
  private static Map<String, String> names() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("", "%s terminal");
    names.put("[de]", "%s-Terminal");
    names.put("[es]", "Terminal de %s");
    names.put("[fr]", "Terminal %s");
    names.put("[it]", "Terminale %s");
    return names;
  }

  /**
   * Returns the entry of an image.
   *
   * @throws DesktopException if it has no launcher, by which an ordinary user could enter it
   */
  static DesktopEntry of(Image image, Path icon) throws DesktopException {
    String name = image.name().value();
    StringBuilder text = new StringBuilder("[Desktop Entry]\nType=Application\nVersion=1.1\n");
    NAMES.forEach(
        (language, form) ->
            text.append("Name")
                .append(language)
                .append('=')
                .append(value(String.format(form, name)))
                .append('\n'));
    if (!image.description().isEmpty()) {
      text.append("Comment=").append(value(image.description())).append('\n');
    }
    text.append("Exec=").append(exec(image)).append('\n');
    text.append("Icon=").append(value(icon.toString())).append('\n');
    text.append("Terminal=true\n");
    text.append("Categories=System;TerminalEmulator;\n");
    text.append("Keywords=shell;prompt;chroot;\n");
    text.append(MARKER).append(name).append('\n');
    return new DesktopEntry(text.toString());
  }

  private static String exec(Image image) throws DesktopException {
    List<Launcher> launchers = Launcher.configured(image);
    List<String> command = new ArrayList<>(List.of("env", ShellPrompt.DEBIAN + "=" + image.name()));
    command.add(ShellPrompt.COMMAND + "=" + ShellPrompt.command(image.name()));
    command.add(ShellPrompt.RIGHT + "=" + ShellPrompt.right(image.name()));
    command.add(launcher(image, launchers));
    return ExecValue.of(command);
  }

  private static String launcher(Image image, List<Launcher> launchers) throws DesktopException {
    for (String wanted : List.of("", "bash", "zsh", "ksh", "tcsh", "csh", "sh")) {
      for (Launcher launcher : launchers) {
        if (launcher.name().orElse("").equals(wanted)) {
          return launcher.path().toString();
        }
      }
    }
    throw new DesktopException(
        image.name()
            + " has no launcher for a shell: add [launchers] to its configuration file, then:"
            + " \"syschroot link "
            + image.name()
            + "\"");
  }

  /** Escapes a value of the type string. */
  private static String value(String text) {
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").strip();
  }

  /** Returns the content of the file. */
  String text() {
    return text;
  }
}
