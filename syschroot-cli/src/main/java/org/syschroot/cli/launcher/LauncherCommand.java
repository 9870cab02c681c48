// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.launcher;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.syschroot.caller.CurrentProcess;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.FailureMessages;
import org.syschroot.cli.frame.Json;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.CatalogProblem;
import org.syschroot.image.Image;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.launcher.LaunchedProgram;
import org.syschroot.launcher.Launcher;
import org.syschroot.launcher.LauncherFile;
import org.syschroot.launcher.LauncherStatus;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.text.Escaped;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot launcher show}: what a launcher does, from the file itself. */
public final class LauncherCommand extends Subcommand {
  private final OptionSpec listing =
      Options.flag("Print also the instructions and the table.", "--listing");
  private final OptionSpec json = Options.flag("Print JSON.", "--json");
  private final PositionalParamSpec words =
      Options.parameters("show FILE", "\"show\", and the launcher.");

  public LauncherCommand(Console console, Kernel kernel) {
    super("launcher", "Show what a launcher does", console, kernel);
    details("Reads only the file itself.");
    exitStatus("0    the file is intact", "1    the file is damaged or was modified");
    spec().addOption(listing).addOption(json).addPositional(words);
    spec().usageMessage().customSynopsis("syschroot launcher show [--listing] [--json] FILE");
  }

  @Override
  protected int run() throws IOException {
    List<String> given = Options.texts(words);
    if (given.size() != 2 || !given.get(0).equals("show")) {
      throw wrongUsage("missing arguments: syschroot launcher show FILE");
    }
    Site site = site();
    HostPath path = path(site, given.get(1));
    LauncherFile launcher = LauncherFile.read(site.kernel(), path);
    LauncherStatus status;
    try {
      status = status(site, path, launcher);
    } catch (IOException e) {
      // The file says what it does, even to somebody who may not read the configuration.
      status = new LauncherStatus(path, LauncherStatus.State.UNKNOWN, FailureMessages.of(e));
    }
    JsonObject shown = describe(path, launcher, status);
    if (Options.isSet(json)) {
      if (Options.isSet(listing)) {
        shown.add("listing", Json.of(launcher.listing()));
      }
      console.print(Json.text(shown));
    } else {
      for (Map.Entry<String, JsonElement> line : shown.entrySet()) {
        console.print(line(line.getKey(), line.getValue()));
      }
      if (Options.isSet(listing)) {
        console.line("");
        launcher.listing().forEach(console::line);
      }
    }
    return launcher.intact() ? ExitStatus.OK : ExitStatus.NO;
  }

  /** Returns the file of that name; a name without a slash may be that of a command, too. */
  private HostPath path(Site site, String word) throws IOException {
    Kernel kernel = site.kernel();
    try {
      OsString name = ByteStrings.encode(word);
      HostPath file =
          word.startsWith("/") ? HostPath.of(name) : HostPath.of(kernel.getcwd()).resolve(name);
      if (word.contains("/") || isFile(kernel, file)) {
        return file;
      }
      for (String directory : searched(kernel).split(":")) {
        if (directory.startsWith("/")) {
          HostPath command = HostPath.of(ByteStrings.encode(directory)).resolve(name);
          if (isFile(kernel, command)) {
            return command;
          }
        }
      }
      throw new IOException(
          "no such launcher: "
              + ByteStrings.readable(word)
              + "\nhint: give the pathname of its file; all launchers of images: syschroot status");
    } catch (IllegalArgumentException e) {
      throw wrongUsage(e);
    }
  }

  private static boolean isFile(Kernel kernel, HostPath path) throws IOException {
    try {
      int fd = kernel.openat(Kernel.AT_FDCWD, path.value(), OpenFlags.O_PATH, 0);
      try {
        return kernel.fstat(fd).isRegularFile();
      } finally {
        kernel.close(fd);
      }
    } catch (KernelException notThere) {
      return false;
    }
  }

  private static String searched(Kernel kernel) throws IOException {
    return CurrentProcess.of(kernel)
        .asStarted()
        .variable("PATH")
        .map(path -> ByteStrings.decode(List.of(path))[0])
        .orElse("");
  }

  private static LauncherStatus status(Site site, HostPath path, LauncherFile launcher)
      throws IOException {
    String wanted = launcher.plan().image().value();
    List<CatalogProblem> problems = site.catalog().problemsWith(wanted);
    if (!problems.isEmpty()) {
      return new LauncherStatus(path, LauncherStatus.State.OUTDATED, problems.get(0).message());
    }
    Optional<Image> image = site.catalog().find(wanted);
    if (image.isEmpty()) {
      return new LauncherStatus(
          path,
          LauncherStatus.State.OUTDATED,
          "no such image in the configuration: " + launcher.plan().image());
    }
    Optional<String> name =
        launcher.plan().program() instanceof LaunchedProgram.Command command
            ? Optional.of(command.program().value().baseName().toString())
            : Optional.empty();
    return LauncherStatus.of(
        site.access(), new Launcher(image.get(), path, name, Launcher.configuredKind(image.get())));
  }

  private static JsonObject describe(HostPath path, LauncherFile launcher, LauncherStatus status) {
    JsonObject json = new JsonObject();
    json.addProperty("file", path.toString());
    json.addProperty("machine", launcher.machine().toString().toLowerCase(Locale.ROOT));
    json.addProperty("size", launcher.size());
    json.addProperty("image", launcher.plan().image().toString());
    json.addProperty("root", launcher.plan().root().toString());
    json.addProperty("program", launcher.plan().program().accept(new ProgramText()));
    json.addProperty("kind", launcher.plan().kind().toString());
    json.addProperty("privilege", launcher.plan().privilege().toString());
    json.addProperty("capability", launcher.capabilities().map(Object::toString).orElse("none"));
    json.addProperty("owner", launcher.status().map(LauncherCommand::owner).orElse("unknown"));
    json.addProperty("privileged", launcher.hasItsPrivilege());
    json.addProperty("digest", launcher.digest().hex());
    json.addProperty("intact", launcher.intact());
    json.addProperty("state", status.state().toString());
    json.addProperty("detail", status.detail());
    json.add("plan", Json.of(launcher.plan().text().lines().toList()));
    return json;
  }

  private static String owner(FileStatus status) {
    return String.format(
        "%s:%s mode %04o",
        Integer.toUnsignedString(status.uid()),
        Integer.toUnsignedString(status.gid()),
        status.permissions());
  }

  private static final class ProgramText implements LaunchedProgram.Visitor<String> {
    @Override
    public String command(LaunchedProgram.Command command) {
      return command.program().toString();
    }

    @Override
    public String shell(LaunchedProgram.Shell shell) {
      StringBuilder text = new StringBuilder("any command, or ");
      if (!shell.callers().isEmpty()) {
        text.append("the caller's shell if it is one of");
        for (ImagePath one : shell.callers()) {
          text.append(' ').append(one);
        }
        text.append(", or else ");
      }
      return text.append(shell.otherwise()).toString();
    }
  }

  private static String line(String key, JsonElement value) {
    if (value.isJsonArray()) {
      StringBuilder lines = new StringBuilder(key + "\n");
      value
          .getAsJsonArray()
          .forEach(one -> lines.append("  ").append(Escaped.line(one.getAsString())).append('\n'));
      return lines.toString();
    }
    String text = Escaped.line(value.getAsString());
    return String.format("%-11s %s", key, text).stripTrailing() + "\n";
  }
}
