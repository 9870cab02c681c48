// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.syschroot.cli.CommandDeclarations;
import org.syschroot.mounts.boot.BootFiles;
import org.syschroot.mounts.boot.SyncUnits;
import org.syschroot.path.OsString;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Writes the files of a package that are made from the commands, as a tree beneath {@code usr}. */
public final class PackageFiles {
  private static final String COMMAND = "/usr/bin/syschroot";

  // RFC 1952, 2.3
  private static final int EXTRA_FLAGS = 8;
  private static final byte BEST = 2;

  private final Path usr;
  private final CommandSpec top = CommandDeclarations.all();
  private final CommandSpec completed = CompletionCommands.of(CommandDeclarations.all());
  private final String version;
  private final OffsetDateTime time;

  private PackageFiles(Path usr, String version, OffsetDateTime time) {
    this.usr = usr;
    this.version = version;
    this.time = time;
  }

  /**
   * Writes the files.
   *
   * @param arguments the directory to write to, the release's version, its time as {@code
   *     2026-11-24T00:00:00Z}, and the project's changes
   */
  public static void main(String[] arguments) throws IOException {
    new PackageFiles(Path.of(arguments[0]), arguments[1], OffsetDateTime.parse(arguments[2]))
        .write(Path.of(arguments[3]));
  }

  private void write(Path changes) throws IOException {
    ManualPage.Edition edition =
        new ManualPage.Edition(version, time.format(DateTimeFormatter.ISO_LOCAL_DATE));
    for (CommandSpec command : commands()) {
      ManualPage page = new ManualPage(command, edition, examples(command.name()));
      compressed("share/man/man1/" + page.name() + ".1.gz", page.text());
    }
    for (String page : List.of("syschroot.toml.5", "syschroot.7")) {
      String section = page.substring(page.length() - 1);
      compressed(
          "share/man/man" + section + "/" + page + ".gz",
          resource(page)
              .replace("@DATE@", edition.date())
              .replace("@VERSION@", Roff.escape(version)));
    }
    plain(
        "share/bash-completion/completions/syschroot",
        resource("syschroot.bash")
            .replace("@IMAGES@", resource("images.sh"))
            .replace("@COMMANDS@", BashCompletion.commands(completed))
            .replace("@OPTIONS@", BashCompletion.globalOptions(completed))
            .replace("@DECLARATIONS@", BashCompletion.declarations(completed)));
    plain(
        "share/zsh/site-functions/_syschroot",
        resource("_syschroot")
            .replace("@IMAGES@", resource("images.sh"))
            .replace("@COMMANDS@", ZshCompletion.commands(completed))
            .replace("@OPTIONS@", ZshCompletion.globalOptions(completed))
            .replace("@DECLARATIONS@", ZshCompletion.declarations(completed)));
    plain(
        "share/fish/vendor_completions.d/syschroot.fish",
        resource("syschroot.fish")
            .replace("@IMAGES@", FishCompletion.quoted(resource("images.sh")))
            .replace("@SUBCOMMANDS@", FishCompletion.commands(completed))
            .replace("@COMMANDS@", BashCompletion.commands(completed))
            .replace("@TAKES@", FishCompletion.takes(completed))
            .replace("@OPTIONS@", FishCompletion.globalOptions(completed))
            .replace("@DECLARATIONS@", FishCompletion.declarations(completed)));
    plain("share/zsh/site-functions/_syschroot_launcher", resource("_syschroot_launcher"));
    plain("share/fish/vendor_conf.d/syschroot.fish", resource("launchers.fish"));
    plain(
        "lib/systemd/system/syschroot-mounts.service",
        BootFiles.unit(OsString.of(COMMAND), List.of(OsString.of("--all"))));
    for (Map.Entry<String, String> unit :
        SyncUnits.texts(OsString.of(COMMAND), List.of(OsString.of("--all"))).entrySet()) {
      plain("lib/systemd/system/" + unit.getKey(), unit.getValue());
    }
    compressed("share/doc/syschroot/changelog.gz", Files.readString(changes));
    compressed("share/doc/syschroot/changelog.Debian.gz", debianChanges());
  }

  private List<CommandSpec> commands() {
    List<CommandSpec> commands = new ArrayList<>();
    commands.add(top);
    top.subcommands().values().stream().map(CommandLine::getCommandSpec).forEach(commands::add);
    return commands;
  }

  private static Optional<String> examples(String command) throws IOException {
    String name = "examples/" + command + ".txt";
    return PackageFiles.class.getResource(name) == null
        ? Optional.empty()
        : Optional.of(resource(name));
  }

  private String debianChanges() {
    return "syschroot (%s-1) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- %s  %s\n"
        .formatted(
            version.replace("-SNAPSHOT", "~SNAPSHOT"),
            "syschroot authors <syschroot@packages.invalid>",
            time.format(DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss xx", Locale.ROOT)));
  }

  private static String resource(String name) throws IOException {
    try (InputStream input = PackageFiles.class.getResourceAsStream(name)) {
      if (input == null) {
        throw new IOException("the resource " + name + " is missing");
      }
      return new String(input.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void plain(String file, String text) throws IOException {
    Path path = usr.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  /**
   * Compresses without a time or name in the header, so that the same text gives the same file, and
   * with the mark of the best compression, which Debian's checks look for.
   */
  private void compressed(String file, String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream zip = new BestCompression(bytes)) {
      zip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    byte[] compressed = bytes.toByteArray();
    compressed[EXTRA_FLAGS] = BEST;
    Path path = usr.resolve(file);
    Files.createDirectories(path.getParent());
    Files.write(path, compressed);
  }

  private static final class BestCompression extends GZIPOutputStream {
    BestCompression(OutputStream out) throws IOException {
      super(out);
      def.setLevel(Deflater.BEST_COMPRESSION);
    }
  }
}
