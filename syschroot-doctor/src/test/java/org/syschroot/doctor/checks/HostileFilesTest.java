// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.doctor.files.BudgetSpentException;
import org.syschroot.doctor.glibc.LibraryCache;

/** Files of an image that are small enough to be read, and whose content is too much. */
@Timeout(60)
class HostileFilesTest {
  private PreparedImage image;

  @BeforeEach
  void prepare(@TempDir Path folder) throws IOException {
    image = PreparedImage.withGlibc(folder);
    Files.createDirectories(image.root.resolve("etc/ld.so.conf.d"));
  }

  private void write(String path, String text) throws IOException {
    Files.writeString(image.root.resolve(path), text);
  }

  private static String lines(int count, String line) {
    return IntStream.range(0, count)
        .mapToObj(number -> line.replace("N", Integer.toString(number)))
        .collect(Collectors.joining("\n"));
  }

  @Test
  void accounts_moreThanTheLimit_isTooMuch() {
    assertThat(PasswdFile.accounts(lines(100_000, "uN:x:N:N::/:/bin/sh"))).hasSize(100_000);
    assertThatThrownBy(() -> PasswdFile.accounts(lines(100_001, "uN:x:N:N::/:/bin/sh")))
        .isInstanceOf(BudgetSpentException.class)
        .hasMessage("/etc/passwd has more than 100000 accounts");
  }

  @Test
  void accounts_linesWithManyFields_areReadAsBefore() {
    assertThat(PasswdFile.accounts("a:x:1:2:g:/h:/bin/sh:" + ":".repeat(1_000_000)))
        .containsExactly(new PasswdFile.Account("a", 1, 2, "/h", "/bin/sh"));
    assertThat(PasswdFile.accounts("\n".repeat(8_000_000))).isEmpty();
  }

  @Test
  void groups_moreMembersThanTheLimit_isTooMuch() {
    String members = "m,".repeat(150_000);
    assertThat(PasswdFile.groups("a:x:1:" + members)).hasSize(1);
    assertThatThrownBy(() -> PasswdFile.groups("a:x:1:" + members + "\nb:x:2:" + members))
        .isInstanceOf(BudgetSpentException.class);
  }

  @Test
  void hosts_moreNamesThanTheLimit_isTooMuch() {
    assertThatThrownBy(() -> HostNames.hosts(lines(100_001, "10.0.0.1 hN")))
        .isInstanceOf(BudgetSpentException.class);
  }

  @Test
  void resolver_manyServers_keepsThoseThatMayCount() {
    assertThat(HostNames.resolver(lines(500_000, "nameserver N"))).hasSizeLessThan(2_000);
  }

  @Test
  void services_bracketsThatNeverClose_endAtOnce() {
    assertThat(NameServices.parse("hosts: " + "[".repeat(4_000_000) + "\npasswd: files"))
        .containsOnlyKeys("passwd");
  }

  @Test
  void directories_filesThatIncludeOneAnother_areReadOnce() throws IOException {
    String includes = "include /etc/ld.so.conf.d/*.conf\n".repeat(100) + "/lib/N\n";
    write("etc/ld.so.conf", includes);
    for (int i = 0; i < 300; i++) {
      write("etc/ld.so.conf.d/" + i + ".conf", includes.replace("N", "" + i));
    }
    assertThat(new LoaderSettings(image.examination().inside()).directories()).hasSize(301);
  }

  @Test
  void directories_moreIncludesThanTheLimit_isTooMuch() throws IOException {
    write("etc/ld.so.conf", lines(1_001, "include /etc/N/*"));
    assertThatThrownBy(() -> new LoaderSettings(image.examination().inside()).directories())
        .isInstanceOf(BudgetSpentException.class)
        .hasMessageContaining("more than 1000 includes");
  }

  @Test
  void printers_settingsOfBlankLines_endAtOnce() throws IOException {
    image.library("libcups.so.2", SmallElf.of(SmallElf.EM_X86_64));
    image.onHost("file etc/cups/client.conf ServerName here");
    Files.createDirectory(image.root.resolve("etc/cups"));
    write("etc/cups/client.conf", "\n".repeat(4_000_000) + " ".repeat(3_000_000));
    assertThat(image.ids(new Printers())).containsExactly("warning printers-differ");
  }

  @Test
  void cache_entriesThatShareOneLongString_areNotKept() {
    assertThat(LibraryCache.parse(HostileCache.of(40_000, 4_000))).isEmpty();
    assertThat(LibraryCache.parse(HostileCache.of(1_000, 4_000)).orElseThrow().libraries())
        .hasSize(1_000);
  }
}
