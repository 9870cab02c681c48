// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.origin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.syschroot.images.NewImage;
import org.syschroot.images.oci.ImageConfig;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.trust.ConfinedPath;

/**
 * What an image from a registry says of itself, as settings. Immutable.
 *
 * @param image the image with the settings
 * @param untaken what there is no setting for, a line each
 */
public record ConfigSettings(NewImage image, List<String> untaken) {
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  // They tell of the caller, who stays the same.
  private static final Set<String> OF_CALLER =
      Set.of(
          "HOME",
          "USER",
          "LOGNAME",
          "SHELL",
          "PWD",
          "OLDPWD",
          "SHLVL",
          "TERM",
          "HOSTNAME",
          "TMPDIR");
  private static final Set<String> SHELLS =
      Set.of("sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "csh", "tcsh", "fish");
  private static final Set<String> NARROW = Set.of("386", "arm", "mips", "mipsle", "ppc");
  private static final Set<String> ROOT = Set.of("", "0", "root", "0:0", "root:root");

  /** Copies the lines. */
  public ConfigSettings {
    untaken = List.copyOf(untaken);
  }

  /**
   * Completes an image.
   *
   * @param root the tree, where its shell is looked for
   */
  public static ConfigSettings of(NewImage image, ImageConfig config, Path root)
      throws IOException {
    List<String> untaken = new ArrayList<>();
    Map<String, String> variables = variables(config, untaken);
    NewImage completed = image.withEnvironment(variables);
    if (NARROW.contains(config.platform().architecture())
        && System.getProperty("os.arch").contains("64")) {
      completed = completed.withPersonality(List.of("linux32"));
    }
    String title = config.labels().get("org.opencontainers.image.title");
    if (completed.description().isEmpty() && title != null && title.indexOf('\0') < 0) {
      completed = completed.withDescription(title.strip());
    }
    Optional<ImagePath> shell = shell(config, variables.get("PATH"), root);
    if (shell.isPresent()) {
      completed = completed.withShell(shell.get());
    } else {
      add("Entrypoint", config.entrypoint(), untaken);
      add("Cmd", config.command(), untaken);
    }
    if (!ROOT.contains(config.user())) {
      untaken.add("User " + config.user());
    }
    if (!config.workingDirectory().isEmpty() && !config.workingDirectory().equals("/")) {
      untaken.add("WorkingDir " + config.workingDirectory());
    }
    untaken.addAll(config.others());
    return new ConfigSettings(completed, untaken);
  }

  private static void add(String name, List<String> words, List<String> untaken) {
    if (!words.isEmpty()) {
      untaken.add(name + " " + String.join(" ", words));
    }
  }

  private static Map<String, String> variables(ImageConfig config, List<String> untaken) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String entry : config.environment()) {
      int equals = entry.indexOf('=');
      String name = equals < 0 ? entry : entry.substring(0, equals);
      String value = equals < 0 ? "" : entry.substring(equals + 1);
      if (VARIABLE.matcher(name).matches()
          && !OF_CALLER.contains(name)
          && equals > 0
          && value.indexOf('\0') < 0) {
        variables.put(name, value);
      } else {
        untaken.add("Env " + name);
      }
    }
    return variables;
  }

  private static Optional<ImagePath> shell(ImageConfig config, @Nullable String path, Path root)
      throws IOException {
    if (!config.entrypoint().isEmpty() || config.command().isEmpty()) {
      return Optional.empty();
    }
    String program = config.command().get(0);
    if (!SHELLS.contains(program.substring(program.lastIndexOf('/') + 1))) {
      return Optional.empty();
    }
    String search = path == null ? "/usr/bin:/bin" : path;
    for (String directory : program.startsWith("/") ? new String[] {""} : search.split(":")) {
      String file = directory.isEmpty() ? program : directory + "/" + program;
      if (file.startsWith("/") && !file.contains("..") && isFile(root, ImagePath.of(file))) {
        return Optional.of(ImagePath.of(file));
      }
    }
    return Optional.empty();
  }

  private static boolean isFile(Path root, ImagePath file) throws IOException {
    Kernel kernel = LinuxKernel.running();
    OsString place = HostPath.of(root.toString()).value();
    int directory = kernel.openat(Kernel.AT_FDCWD, place, OpenFlags.O_PATH, 0);
    try {
      kernel.close(new ConfinedPath(kernel).regularFileInImage(directory, file));
      return true;
    } catch (KernelException e) {
      return false;
    } finally {
      kernel.close(directory);
    }
  }
}
