// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.CompressorException;
import org.apache.commons.compress.compressors.CompressorStreamFactory;
import org.eclipse.packager.rpm.FileFlags;
import org.eclipse.packager.rpm.RpmTag;
import org.eclipse.packager.rpm.RpmVersion;
import org.eclipse.packager.rpm.build.BuilderContext;
import org.eclipse.packager.rpm.build.BuilderOptions;
import org.eclipse.packager.rpm.build.FileInformation;
import org.eclipse.packager.rpm.build.RpmBuilder;
import org.eclipse.packager.rpm.deps.RpmDependencyFlags;

/**
 * Makes the RPM package from the Debian package, so that both have the same files. What is for
 * Debian's tools alone is left out, and what has another place on Fedora and its relatives goes
 * there.
 */
public final class RpmPackage {
  private static final String RELEASE = "1";
  private static final String DEBIANS_ZSH = "/usr/share/zsh/vendor-completions";
  private static final String ZSH = "/usr/share/zsh/site-functions";

  private final Path deb;
  private final Path scripts;
  private final Instant time;

  private RpmPackage(Path deb, Path scripts, Instant time) {
    this.deb = deb;
    this.scripts = scripts;
    this.time = time;
  }

  /**
   * Writes the package.
   *
   * @param arguments the Debian package, the RPM package to write, the directory of its scripts,
   *     the release's version, the machine as {@code uname -m} has it, and the release's time as
   *     {@code 2026-11-24T00:00:00Z}
   */
  public static void main(String[] arguments) throws IOException {
    new RpmPackage(Path.of(arguments[0]), Path.of(arguments[2]), Instant.parse(arguments[5]))
        .write(Path.of(arguments[1]), arguments[3], arguments[4]);
  }

  private void write(Path rpm, String version, String machine) throws IOException {
    // A hyphen separates version and release; a tilde sorts before the release itself.
    RpmVersion full = new RpmVersion(version.replace('-', '~'), RELEASE);
    BuilderOptions options = new BuilderOptions();
    options.setOpenOptions(
        new StandardOpenOption[] {
          StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING
        });
    try (RpmBuilder builder = new RpmBuilder("syschroot", full, machine, rpm, options)) {
      describe(builder.getInformation());
      require(builder);
      builder.setHeaderCustomizer(
          header -> header.putInt(RpmTag.BUILDTIME, (int) time.getEpochSecond()));
      builder.setPostTransactionScript(script("posttrans"));
      builder.setPreRemoveScript(script("preun"));
      builder.setPostRemoveScript(script("postun"));
      addFiles(builder.newContext(), configurationFiles());
      builder.build();
    }
  }

  private static void describe(RpmBuilder.PackageInformation information) {
    information.setSummary("Run commands in other Linux systems as if nothing else had changed");
    information.setDescription(
        """
        A site runs one native Linux and keeps other complete systems, such as an
        older release, as trees of files on the same machine. syschroot becomes a
        command in such a system and keeps the user, directory, environment, terminal,
        open files, limits and process id: as little isolation as possible.

        Mounts are made per command in a namespace of its own, or at boot. Ordinary
        users enter by small launchers that need neither Java nor a set-user-ID bit.""");
    information.setLicense("Apache-2.0");
    information.setGroup("System Environment/Base");
    information.setPackager("syschroot authors <syschroot@packages.invalid>");
    information.setBuildHost("localhost");
  }

  private static void require(RpmBuilder builder) {
    // The epoch is that of the JDKs of Fedora and its relatives.
    builder.addRequirement(
        "java-headless", "1:17", RpmDependencyFlags.GREATER, RpmDependencyFlags.EQUAL);
    builder.addRequirement("/usr/bin/perl", "");
    builder.addRequirement("libc.so.6(GLIBC_2.34)(64bit)", "");
    builder.addSuggests("bash-completion", "");
  }

  private String script(String name) throws IOException {
    return Files.readString(scripts.resolve(name));
  }

  private Set<String> configurationFiles() throws IOException {
    Set<String> files = new HashSet<>();
    try (TarArchiveInputStream control = member("control.tar")) {
      TarArchiveEntry entry;
      while ((entry = control.getNextEntry()) != null) {
        if (entry.getName().equals("./conffiles")) {
          new String(control.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .map(String::strip)
              .forEach(files::add);
        }
      }
    }
    return files;
  }

  private void addFiles(BuilderContext context, Set<String> configuration) throws IOException {
    try (TarArchiveInputStream data = member("data.tar")) {
      TarArchiveEntry entry;
      while ((entry = data.getNextEntry()) != null) {
        String path = entry.getName().replaceFirst("^\\.?/", "/").replaceFirst("/$", "");
        if (isDebians(path)) {
          continue;
        }
        String place = path.replace(DEBIANS_ZSH, ZSH);
        short mode = (short) (entry.getMode() & 07777);
        if (entry.isSymbolicLink()) {
          context.addSymbolicLink(
              place,
              entry.getLinkName(),
              information -> file(information, "", (short) 0777, false));
        } else if (entry.isFile()) {
          boolean kept = configuration.contains(path);
          context.addFile(
              place, data.readAllBytes(), information -> file(information, place, mode, kept));
        } else if (path.contains("/syschroot")
            || path.equals("/etc/bash_completion.d")
            || path.startsWith("/usr/share/zsh")
            || path.startsWith("/usr/share/fish")) {
          // All others belong to the system; those of shells to the shell, if it is there.
          context.addDirectory(place, information -> file(information, "", mode, false));
        }
      }
    }
  }

  private static boolean isDebians(String path) {
    return path.startsWith("/usr/share/lintian/") || path.endsWith("/changelog.Debian.gz");
  }

  private void file(FileInformation information, String place, short mode, boolean kept) {
    information.setTimestamp(time);
    information.setMode(mode);
    Set<FileFlags> flags = EnumSet.noneOf(FileFlags.class);
    if (kept) {
      flags.add(FileFlags.CONFIGURATION);
      flags.add(FileFlags.NOREPLACE);
    }
    if (place.startsWith("/usr/share/doc/") || place.startsWith("/usr/share/man/")) {
      flags.add(FileFlags.DOC);
    }
    information.setFileFlags(flags);
  }

  /** Opens an archive of the Debian package, deb(5), however it is compressed. */
  private TarArchiveInputStream member(String name) throws IOException {
    InputStream file = Files.newInputStream(deb);
    ArArchiveInputStream members = new ArArchiveInputStream(file);
    ArArchiveEntry entry;
    while ((entry = members.getNextEntry()) != null) {
      if (entry.getName().startsWith(name)) {
        try {
          return new TarArchiveInputStream(
              new CompressorStreamFactory()
                  .createCompressorInputStream(new BufferedInputStream(members)));
        } catch (CompressorException e) {
          members.close();
          throw new IOException(deb + ": " + entry.getName() + ": " + e.getMessage(), e);
        }
      }
    }
    members.close();
    throw new IOException(deb + " has no " + name);
  }
}
