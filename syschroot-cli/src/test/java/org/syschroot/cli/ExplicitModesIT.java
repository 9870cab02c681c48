// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** What root writes has the mode that is meant, whatever the umask of the root who writes it. */
@InOwnMountNamespace
@RequiresCommand("debootstrap")
class ExplicitModesIT {
  private static final List<String> UMASKS = List.of("000", "077");
  private static final String ROOT = "/mnt/root";

  private TestSite site;

  /**
   * A command and what it writes.
   *
   * @param words of the command, {@code CONFIG} being the directory of the settings
   * @param modes of some of what it writes
   */
  record Writer(List<String> words, Map<String, String> modes) {
    @Override
    public String toString() {
      return String.join(" ", words);
    }
  }

  static List<Writer> writers() {
    String share = "/usr/local/share/";
    return List.of(
        new Writer(
            List.of("uname-wrapper", "deb", "--install"), Map.of(ROOT + "/usr/bin/uname", "755")),
        new Writer(
            List.of("desktop", "deb", "--install"),
            Map.of(
                share + "applications/syschroot-deb.desktop",
                "644",
                share + "icons/hicolor/scalable/apps/syschroot-deb.svg",
                "644")),
        new Writer(
            List.of("link", "bare", "--into", "/mnt/bin", "bash", "bare"),
            Map.of("/mnt/bin/bash", "755", "/mnt/bin/bare", "755")),
        new Writer(
            List.of("link", "bare", "--setuid", "--into", "/mnt/bin"),
            Map.of("/mnt/bin/bare", "4755")),
        new Writer(
            List.of("create", "new", "--root", "/mnt/new", "--from-host", "sh", "cat"),
            Map.of(
                "/mnt/new", "755", "/mnt/new/usr/bin", "755", "CONFIG/images.d/new.toml", "644")),
        new Writer(List.of("mount", "deb"), Map.of("/mnt/layers/deb/upper/srv/place", "755")),
        new Writer(
            List.of("mount", "--install-boot", "deb"),
            Map.of("/etc/systemd/system/syschroot-mounts.service", "644")));
  }

  @BeforeEach
  void makeSite() throws Exception {
    site = TestSite.empty();
    site.image(
        "deb",
        "root = \""
            + ROOT
            + "\"\nmounts = [\"/mnt/data:/srv/place\"]\n"
            + "[launchers]\ndirectory = \"/mnt/bin\"\nnames = [\"bash\"]\n");
    site.image("bare", "root = \"" + ROOT + "\"\nmounts = []\n");
    tmpfs("/mnt");
    overlay(TestImages.deb32().toString(), ROOT, "deb");
    overlay("/etc", "/etc", "etc");
    tmpfs("/usr/local/share");
    tmpfs("/run");
    for (String directory : List.of("/mnt/bin", "/mnt/data")) {
      Files.createDirectory(Path.of(directory));
    }
    MountSite.host("mkdir", "-p", "/etc/systemd/system");
  }

  private static void tmpfs(String place) throws Exception {
    MountSite.host("mount", "-t", "tmpfs", "-o", "mode=755", "none", place);
  }

  private static void overlay(String lower, String place, String name) throws Exception {
    String layer = "/mnt/layers/" + name;
    MountSite.host("mkdir", "-p", layer + "/upper", layer + "/work", place);
    String layers =
        "lowerdir=" + lower + ",upperdir=" + layer + "/upper,workdir=" + layer + "/work";
    MountSite.host("mount", "-t", "overlay", "-o", layers, "none", place);
  }

  @AfterEach
  void removeSite() throws Exception {
    for (String place : List.of("/run", "/usr/local/share", "/etc", "/mnt")) {
      MountSite.host("umount", "--recursive", place);
    }
    site.close();
  }

  @ParameterizedTest
  @MethodSource("writers")
  void written_byAnyUmask_hasItsMode(Writer writer) throws Exception {
    List<String> first = new ArrayList<>();
    for (String umask : UMASKS) {
      if (!umask.equals(UMASKS.get(0))) {
        removeSite();
        makeSite();
      }
      List<String> modes = write(writer, umask);
      for (Map.Entry<String, String> one : writer.modes().entrySet()) {
        assertThat(modes).as("umask %s", umask).contains(one.getValue() + " " + path(one.getKey()));
      }
      assertThat(modes)
          .filteredOn(mode -> !mode.startsWith("1777 ")) // /tmp of an image
          .as("umask %s", umask)
          .noneMatch(mode -> mode.matches("\\d*([2367].|[2367]) .*"));
      List<String> named = modes.stream().map(this::withoutSite).toList();
      if (first.isEmpty()) {
        first.addAll(named);
      }
      assertThat(named).as("umask %s", umask).isEqualTo(first);
    }
  }

  private String path(String name) {
    return name.replace("CONFIG", site.directory().toString());
  }

  private String withoutSite(String line) {
    // The records of mounts are named by the numbers of the root directory.
    return line.replace(site.directory().toString(), "CONFIG")
        .replaceAll("[0-9a-f]+-\\d+\\.", "N.");
  }

  /** Returns modes and paths of all files and directories that are new or changed. */
  private List<String> write(Writer writer, String umask) throws Exception {
    Path before = Files.createFile(Path.of("/mnt/before"));
    List<String> words =
        new ArrayList<>(List.of("sh", "-c", "umask " + umask + "; exec \"$@\"", "sh"));
    words.add(TestImages.command().toString());
    words.addAll(List.of(writer.words().get(0), "--config", site.directory().toString()));
    words.addAll(writer.words().subList(1, writer.words().size()));
    Outcome outcome = Program.of(words).run();
    assertThat(outcome.status()).as("umask %s: %s", umask, outcome).isZero();
    List<String> find =
        new ArrayList<>(List.of("find", "/mnt", "/usr/local/share", "/run", "/etc"));
    find.add(site.directory().toString());
    find.addAll(
        List.of("-path", "/mnt/layers/*/work", "-prune", "-o", "-path", "/mnt/before", "-o"));
    find.addAll(List.of("-cnewer", before.toString(), "(", "-type", "f", "-o", "-type", "d", ")"));
    find.addAll(List.of("-printf", "%m %p\\n"));
    return MountSite.host(find.toArray(String[]::new)).outText().lines().sorted().toList();
  }
}
