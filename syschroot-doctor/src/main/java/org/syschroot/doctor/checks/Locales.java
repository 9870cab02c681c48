// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Finding;

/** Locales of the caller, or of the native system's settings, that the image does not have. */
final class Locales implements Check {
  private static final String DIRECTORY = "/usr/lib/locale";
  private static final String ARCHIVE = DIRECTORY + "/locale-archive";
  private static final int ARCHIVE_MAGIC = 0xde020109; // glibc, locarchive.h
  private static final int HEADER = 56;
  private static final int MOST_NAMES = 1 << 20;
  private static final Pattern WITH_CODESET =
      Pattern.compile(
          "(?<language>[A-Za-z]\\w*)\\.(?<codeset>[A-Za-z][A-Za-z0-9-]*)(?<modifier>@\\w+)?");
  private static final List<String> SETTINGS = List.of("/etc/default/locale", "/etc/locale.conf");

  @Override
  public List<Finding> examine(Examination examination) {
    if (examination.binaries().libc().isEmpty()) {
      return List.of();
    }
    Set<String> have = available(examination.inside());
    Set<String> natively = available(examination.host());
    Set<String> missing = new TreeSet<>();
    for (String wanted : wanted(examination)) {
      boolean isNative = isBuiltIn(wanted) || natively.contains(normal(wanted));
      boolean isThere =
          isBuiltIn(wanted) || have.contains(normal(wanted)) || isBuiltInThere(wanted, examination);
      if (isNative && !isThere) {
        missing.add(wanted);
      }
    }
    if (missing.isEmpty()) {
      return List.of();
    }
    return List.of(
        Finding.warning("locale-missing")
            .effect(
                "programs complain \"cannot set locale\" or \"Setting locale failed\", and treat"
                    + " non-ASCII letters as bytes")
            .cause(
                "LANG or LC_* is " + String.join(", ", missing) + ", which the image does not have")
            .remedy(remedy(missing, examination))
            .path(examination.inside().shown(DIRECTORY))
            .build());
  }

  private static String remedy(Set<String> missing, Examination examination) {
    List<String> commands = new ArrayList<>();
    for (String name : missing) {
      Matcher parts = WITH_CODESET.matcher(name);
      if (!parts.matches()) {
        return "create it in the image, on Debian: install locales, and dpkg-reconfigure locales";
      }
      String modifier = parts.group("modifier") == null ? "" : parts.group("modifier");
      commands.add(
          "syschroot run -d / "
              + examination.image().name()
              + " -- localedef -i "
              + parts.group("language")
              + modifier
              + " -f "
              + parts.group("codeset")
              + " "
              + name);
    }
    boolean hasSources = examination.inside().find("/usr/share/i18n/locales").isPresent();
    return (hasSources
            ? ""
            : "install locales (Debian) or glibc-locale-source (Red Hat) in the image, then: ")
        + String.join("; ", commands);
  }

  private static Set<String> wanted(Examination examination) {
    Set<String> wanted = new TreeSet<>();
    for (Map.Entry<String, String> variable : examination.facts().environment().entrySet()) {
      if (variable.getKey().equals("LANG") || variable.getKey().startsWith("LC_")) {
        wanted.add(variable.getValue());
      }
    }
    for (String file : SETTINGS) {
      for (String line : examination.host().text(file).orElse("").split("\n")) {
        if (line.startsWith("LANG=")) {
          wanted.add(line.substring(5).strip().replace("\"", ""));
        }
      }
    }
    wanted.removeIf(name -> !name.matches("[A-Za-z0-9_.@-]+"));
    return wanted;
  }

  private static boolean isBuiltIn(String name) {
    return name.equals("C") || name.equals("POSIX");
  }

  /** glibc has C.UTF-8 in itself since 2.35. */
  private static boolean isBuiltInThere(String name, Examination examination) {
    return normal(name).equals("C.utf8")
        && examination
            .binaries()
            .libc()
            .filter(libc -> !libc.version().isBefore(2, 35))
            .isPresent();
  }

  /** Returns the name as the archive has it: en_US.UTF-8 is en_US.utf8. */
  static String normal(String name) {
    int dot = name.indexOf('.');
    if (dot < 0) {
      return name;
    }
    int at = name.indexOf('@');
    String modifier = at < 0 ? "" : name.substring(at);
    String codeset = name.substring(dot + 1, at < 0 ? name.length() : Math.max(at, dot + 1));
    return name.substring(0, dot)
        + "."
        + codeset.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "")
        + modifier;
  }

  private static Set<String> available(SystemFiles files) {
    Set<String> names = new HashSet<>();
    files.list(DIRECTORY).forEach(name -> names.add(normal(name)));
    Optional<SystemFile> archive =
        files.find(ARCHIVE).filter(file -> file.status().isRegularFile());
    Optional<SeekableByteChannel> opened = archive.flatMap(files::open);
    if (opened.isPresent()) {
      try (SeekableByteChannel channel = opened.get()) {
        names.addAll(archiveNames(channel));
      } catch (IOException e) {
        files.noteUnreadable(archive.get());
      }
    }
    return names;
  }

  /** Reads the table of names: struct locarhead has its offset and length in words 5 and 6. */
  private static List<String> archiveNames(SeekableByteChannel channel) throws IOException {
    List<String> names = new ArrayList<>();
    ByteBuffer header = read(channel, 0, HEADER);
    if (header.limit() < HEADER || header.getInt(0) != ARCHIVE_MAGIC) {
      return names;
    }
    long offset = Integer.toUnsignedLong(header.getInt(20));
    long length = Integer.toUnsignedLong(header.getInt(24));
    ByteBuffer strings = read(channel, offset, (int) Math.min(length, MOST_NAMES));
    String text = StandardCharsets.ISO_8859_1.decode(strings.rewind()).toString();
    for (String name : text.split("\0")) {
      if (!name.isEmpty()) {
        names.add(name);
      }
    }
    return names;
  }

  private static ByteBuffer read(SeekableByteChannel channel, long offset, int length)
      throws IOException {
    int available = (int) Math.max(0, Math.min(length, channel.size() - offset));
    ByteBuffer buffer = ByteBuffer.allocate(available).order(ByteOrder.nativeOrder());
    channel.position(offset);
    while (buffer.hasRemaining() && channel.read(buffer) > 0) {
      // until it is full or the file ends
    }
    return buffer.flip();
  }
}
