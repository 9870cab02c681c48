// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AptSourcesTest {
  private FileSystem fileSystem;
  private Path root;

  @BeforeEach
  void createSystem() throws IOException {
    fileSystem = Jimfs.newFileSystem(Configuration.unix());
    root = fileSystem.getPath("/host");
    put("etc/os-release", "# comment\nID=debian\nVERSION_CODENAME=\"woody\"\n");
  }

  @AfterEach
  void closeSystem() throws IOException {
    fileSystem.close();
  }

  private void put(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private String mirror() throws IOException {
    return AptSources.of(root).mirror();
  }

  @Test
  void mirror_oneLineFormat_skipsSourcesUpdatesAndComments() throws IOException {
    put(
        "etc/apt/sources.list",
        """
        # deb http://old.example.org/debian woody main
        deb-src http://src.example.org/debian woody main
        deb http://sec.example.org/debian-security woody-security main
        deb http://sec.example.org/debian-security woody/updates main
        deb http://up.example.org/debian woody-updates main
        deb cdrom:[Debian]/ woody main
        deb [arch=amd64  signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] \
        http://a.example.org/debian/ woody main contrib # the one
        deb http://b.example.org/debian woody main
        """);
    assertThat(mirror()).isEqualTo("http://a.example.org/debian/");
  }

  @Test
  void mirror_deb822Format_isRead() throws IOException {
    put(
        "etc/apt/sources.list.d/debian.sources",
        """
        Types: deb
        URIs: http://sec.example.org/debian-security
        Suites: woody-security
        Components: main

        # the base
        types: deb-src deb
        # a comment in a stanza
        URIs:
         https://a.example.org/debian
         https://b.example.org/debian
        Suites: woody-updates woody
        Components: main
        Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
        """);
    assertThat(mirror()).isEqualTo("https://a.example.org/debian");
  }

  @Test
  void mirror_disabledStanza_isNotUsed() throws IOException {
    put(
        "etc/apt/sources.list.d/a.sources",
        "Enabled: no\nTypes: deb\nURIs: http://a.example.org/debian\nSuites: woody\n"
            + "Components: main\n");
    put("etc/apt/sources.list.d/b.list", "deb http://b.example.org/debian woody main\n");
    put("etc/apt/sources.list.d/a.list.save", "deb http://c.example.org/debian woody main\n");
    assertThat(mirror()).isEqualTo("http://b.example.org/debian");
  }

  @Test
  void mirror_otherSuppliers_areNotUsed() throws IOException {
    put(
        "etc/apt/sources.list.d/a.list",
        """
        deb https://apt.example.org/tool stable main
        deb [signed-by=/etc/apt/keyrings/lab.gpg] https://apt.example.org/lab/debian woody main
        deb https://docker.example.org/linux/debian woody stable
        """);
    put(
        "etc/apt/sources.list.d/inline.sources",
        """
        Types: deb
        URIs: https://inline.example.org/debian
        Suites: woody
        Components: main
        Signed-By:
         -----BEGIN PGP PUBLIC KEY BLOCK-----
         .
         mDMEY865UxYJKwYBBAHaRw8BAQdAd7Z0srwuhlB6JKFkcf4HU4SSS
         -----END PGP PUBLIC KEY BLOCK-----
        """);
    assertNone();
    put("etc/apt/sources.list.d/z.list", "deb http://z.example.org/pub/debian woody main\n");
    assertThat(mirror()).isEqualTo("http://z.example.org/pub/debian");
  }

  @Test
  void mirror_ownCodename_isPreferredAndSuiteNameIsEnough() throws IOException {
    put("etc/apt/sources.list", "deb http://a.example.org/debian stable main\n");
    assertThat(mirror()).isEqualTo("http://a.example.org/debian");
    put("etc/apt/sources.list.d/b.list", "deb http://b.example.org/debian woody main\n");
    assertThat(mirror()).isEqualTo("http://b.example.org/debian");
  }

  @Test
  void mirror_derivative_takesTheArchiveOfItsBase() throws IOException {
    put(
        "etc/os-release",
        "ID=linuxmint\nID_LIKE='ubuntu debian'\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble\n");
    put(
        "etc/apt/sources.list",
        """
        deb http://mint.example.org wilma main upstream
        deb http://u.example.org/ubuntu noble main universe
        """);
    assertThat(mirror()).isEqualTo("http://u.example.org/ubuntu");
  }

  @Test
  void mirror_nothingConfigured_asksForTheOption() throws IOException {
    assertNone();
  }

  private void assertNone() {
    assertThatThrownBy(this::mirror)
        .isInstanceOf(CreateException.class)
        .hasMessage(
            "no archive of Debian or Ubuntu in /etc/apt/sources.list and /etc/apt/sources.list.d: use --mirror URL");
  }

  @Test
  void parseLines_malformed_isLeftOut() {
    assertThat(
            AptEntry.parseLines(
                List.of("", "deb", "deb http://x", "deb [a=b http://x s main", "debx y z main")))
        .isEmpty();
    assertThat(AptEntry.parseStanzas(List.of("no colon", "Types: deb", "", " x", ":"))).isEmpty();
  }
}
