// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** What a launcher can be called as, so that it runs a command in the end. */
enum LauncherForm {
  /** {@code /bin4/cat FILE}: the launcher of the command itself. */
  COMMAND,
  /** {@code sl5 cat FILE}. */
  IMAGE,
  /** {@code /bin4/sh -c '...'}. */
  SHELL,
  /** A script with {@code #!/bin4/sh}. */
  SCRIPT,
  /** A script with {@code #!/bin4/sh -u}. */
  SCRIPT_WITH_ARGUMENT,
  /** A script with {@code #!/bin4/sh} that another such script runs. */
  SCRIPT_IN_SCRIPT;

  private static final String EXECUTE = "exec \"$@\"\n";

  /** Returns whether the command's caller is a shell, which changes the environment by itself. */
  boolean isThroughAShell() {
    return this != COMMAND && this != IMAGE;
  }

  /** Returns what is to be called, with programs of {@code bin}. */
  List<String> words(String bin, List<String> command, Path directory) throws IOException {
    List<String> words = new ArrayList<>();
    if (this == COMMAND) {
      words.add(bin + "/" + Path.of(command.get(0)).getFileName());
      words.addAll(command.subList(1, command.size()));
      return words;
    }
    if (this == IMAGE) {
      words.add(bin + "/" + TestImages.DEB32);
    } else if (this == SCRIPT_IN_SCRIPT) {
      String inner = script("#!" + bin + "/sh\n" + EXECUTE, directory);
      words.add(script("#!" + bin + "/sh\nexec " + inner + " \"$@\"\n", directory));
    } else {
      words.addAll(shell(bin, EXECUTE, directory));
    }
    words.addAll(command);
    return words;
  }

  /** Returns what shows the environment before a shell has changed it. */
  List<String> environmentWords(String bin, Path directory) throws IOException {
    return isThroughAShell()
        ? shell(bin, "/bin/cat /proc/$$/environ; exit\n", directory)
        : words(bin, List.of("/bin/cat", "/proc/self/environ"), directory);
  }

  private List<String> shell(String bin, String lines, Path directory) throws IOException {
    return switch (this) {
      case SHELL -> List.of(bin + "/sh", "-c", lines, "sh");
      case SCRIPT_WITH_ARGUMENT -> List.of(script("#!" + bin + "/sh -u\n" + lines, directory));
      default -> List.of(script("#!" + bin + "/sh\n" + lines, directory));
    };
  }

  private static String script(String text, Path directory) throws IOException {
    Path file = Files.writeString(Files.createTempFile(directory, "script", ""), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file.toString();
  }
}
