// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.image.SharedItem;

/** What differs in effect from the native system, and the mounts that mend it. */
class LikeTheHostTest {
  private static final String PASSWD =
      "root:x:0:0::/root:/bin/sh\ndaemon:x:1:1::/:/bin/false\nann:x:1000:1000::/home/ann:/bin/sh\n";
  private static final String GROUP = "root:x:0:\nann:x:1000:\ndocker:x:106:ann\nold:x:50:\n";

  private PreparedImage image;

  @BeforeEach
  void prepare(@TempDir Path folder) throws Exception {
    image = PreparedImage.withGlibc(folder);
    image.onHost("file etc/passwd " + PASSWD, "file etc/group " + GROUP);
  }

  /** The proof that these settings mend it is in RemediesIT. */
  private void assertFollowed(Check check, SharedItem item, String... ids) {
    List<Finding> findings = image.findings(check);
    assertThat(findings).extracting(Finding::id).containsExactly(ids);
    assertThat(findings)
        .allSatisfy(
            finding -> {
              assertThat(finding.items()).containsExactly(item);
              assertThat(finding.mounts()).isEmpty();
              assertThat(finding.remedy()).contains("\"", "syschroot sync ");
            });
  }

  private void assertMended(Check check, String... ids) {
    List<Finding> findings = image.findings(check);
    assertThat(findings).extracting(Finding::id).containsExactly(ids);
    findings.stream()
        .flatMap(finding -> finding.mounts().stream())
        .distinct()
        .forEach(mount -> image.mount("HOST" + mount + ":" + mount));
    assertThat(image.findings(check)).as("with the proposed mounts").isEmpty();
  }

  @Test
  void accounts_sameInEffect_findNothing() {
    image.inImage(
        "file etc/passwd root:x:0:0:other name:/root:/bin/sh\nbin:x:2:2::/:/bin/false\n"
            + "ann:x:1000:1000:Ann:/home/ann:/bin/bash\n+::::::\n",
        "file etc/group root:x:0:\nann:*:1000:\ndocker:x:106:\nother:x:51:ann\n");
    assertThat(image.findings(new AccountsDiffer())).isEmpty();
  }

  @Test
  void accounts_missing_areToldWithTheProposal() {
    image.inImage("file etc/passwd root:x:0:0::/root:/bin/sh\n", "file etc/group root:x:0:\n");
    assertThat(image.findings(new AccountsDiffer()).get(1).effect()).contains("ann, docker");
    assertFollowed(new AccountsDiffer(), SharedItem.ACCOUNTS, "account-missing", "group-missing");
  }

  @Test
  void accounts_withOtherNumbers_areToldWithTheProposal() {
    image.inImage(
        "file etc/passwd root:x:0:0::/root:/bin/sh\nann:x:1001:1000::/home/ann:/bin/sh\n",
        "file etc/group ann:x:1000:\nroot:x:0:\nwheel:x:106:\n");
    assertThat(image.findings(new AccountsDiffer()).get(0).effect())
        .contains("ann is 1000:1000 on the host, 1001:1000 in the image");
    assertThat(image.findings(new AccountsDiffer()).get(1).effect())
        .contains("group ID 106 is docker on the host, wheel in the image");
    assertFollowed(new AccountsDiffer(), SharedItem.ACCOUNTS, "account-differs", "group-differs");
  }

  @Test
  void nameServices_missing_areMendedByTheProposal() throws Exception {
    image.onHost(
        "file etc/nsswitch.conf passwd: files systemd sss # x\nhosts: files [NOTFOUND=return]"
            + " dns\n");
    image.onHost("dir var/lib/sss/pipes");
    image.inImage("file etc/nsswitch.conf passwd: files\nhosts: files dns\n");
    assertThat(image.ids(new NameServices()))
        .containsExactly("warning name-service-differs", "warning name-service-socket-missing");
    image.mount("HOST/etc/nsswitch.conf:/etc/nsswitch.conf");
    assertThat(image.ids(new NameServices()))
        .containsExactly(
            "warning name-service-module-missing", "warning name-service-socket-missing");
    image.library("libnss_sss.so.2", SmallElf.of(SmallElf.EM_X86_64));
    assertMended(new NameServices(), "name-service-socket-missing");
  }

  @Test
  void hosts_unknownOrOther_areToldWithTheProposal() {
    image.onHost(
        "file etc/hosts 127.0.0.1 localhost ip6-x\n10.0.0.1 fs1 fs1.example\n10.0.0.2\tfs2\n");
    image.inImage("file etc/hosts 127.0.0.1 localhost\n10.0.0.9 fs1\n10.0.0.2 fs2 # same\n");
    assertThat(image.findings(new HostNames()).get(0).effect())
        .contains("fs1, fs1.example")
        .doesNotContain("fs2");
    assertFollowed(new HostNames(), SharedItem.HOSTS, "hosts-differ");
  }

  @ParameterizedTest
  @CsvSource({
    "'nameserver 10.0.0.1\nsearch a b\n', ' nameserver   10.0.0.1\ndomain x\nsearch a b\n# c\n',"
        + " true",
    "'nameserver 10.0.0.1\n', 'nameserver 10.0.0.2\n', false",
    "'nameserver 10.0.0.1\nnameserver 10.0.0.2\n', 'nameserver 10.0.0.2\nnameserver 10.0.0.1\n',"
        + " false",
    "'nameserver 10.0.0.1\noptions rotate\n', 'nameserver 10.0.0.1\n', false"
  })
  void resolver_settings_areComparedByMeaning(String host, String inImage, boolean same) {
    image.onHost("file etc/resolv.conf " + host);
    image.inImage("file etc/resolv.conf " + inImage);
    if (same) {
      assertThat(image.findings(new HostNames())).isEmpty();
    } else {
      assertFollowed(new HostNames(), SharedItem.RESOLVER, "resolver-differs");
    }
  }

  private static String zone(String rule, String more) {
    return "TZif2" + more + "\n" + rule + "\n";
  }

  @Test
  void timeZones_sameRuleInOtherFile_findNothing() {
    image.onHost("file etc/localtime " + zone("CET-1CEST,M3.5.0,M10.5.0/3", "new"));
    image.inImage("file etc/localtime " + zone("CET-1CEST,M3.5.0,M10.5.0/3", "of 2004"));
    assertThat(image.findings(new TimeZones())).isEmpty();
  }

  @Test
  void timeZones_missingFile_isUtc() {
    image.onHost("file etc/localtime " + zone("UTC0", "x"));
    assertThat(image.findings(new TimeZones())).isEmpty();
  }

  @Test
  void timeZones_otherRule_isToldWithTheProposal() {
    image.onHost("file etc/localtime " + zone("CET-1CEST,M3.5.0,M10.5.0/3", "x"));
    image.inImage("file etc/localtime " + zone("GMT0BST,M3.5.0/1,M10.5.0", "x"));
    assertFollowed(new TimeZones(), SharedItem.TIMEZONE, "time-zone-differs");
  }

  @Test
  void timeZones_zoneThatTheImageHas_isFollowed() throws Exception {
    image.onHost(
        "file usr/share/zoneinfo/Europe/Rome " + zone("CET-1CEST,M3.5.0,M10.5.0/3", "x"),
        "symlink etc/localtime ../usr/share/zoneinfo/Europe/Rome");
    image.inImage("file usr/share/zoneinfo/Europe/Rome " + zone("CET-1CEST,M3.5.0,M10.5.0/3", "y"));
    assertFollowed(new TimeZones(), SharedItem.TIMEZONE, "time-zone-differs");
    image.inImage("symlink etc/localtime ../usr/share/zoneinfo/Europe/Rome");
    assertThat(image.findings(new TimeZones())).isEmpty();
  }

  @Test
  void locales_ofTheCaller_areLookedForInDirectoriesAndArchive() throws Exception {
    image.environment.put("LANG", "de_DE.UTF-8");
    image.environment.put("LC_TIME", "C.UTF-8");
    image.environment.put("LC_ALL", "not/../a/name");
    image.onHost("dir usr/lib/locale/de_DE.utf8", "file etc/default/locale LANG=\"fr_FR.UTF-8\"\n");
    assertThat(image.findings(new Locales()).get(0).cause())
        .contains("de_DE.UTF-8")
        .doesNotContain("fr_FR");
    image.inImage("dir usr/lib/locale/de_DE.utf8");
    assertThat(image.findings(new Locales())).isEmpty();
    Files.delete(image.root.resolve("usr/lib/locale/de_DE.utf8"));
    Files.write(image.root.resolve("usr/lib/locale/locale-archive"), archive("de_DE.utf8"));
    assertThat(image.findings(new Locales())).isEmpty();
    Files.write(image.root.resolve("usr/lib/locale/locale-archive"), archive("de_AT.utf8"));
    assertThat(image.ids(new Locales())).containsExactly("warning locale-missing");
  }

  private static byte[] archive(String name) {
    java.nio.ByteBuffer file =
        java.nio.ByteBuffer.allocate(200).order(java.nio.ByteOrder.nativeOrder());
    file.putInt(0, 0xde020109).putInt(20, 100).putInt(24, name.length() + 1);
    file.put(100, name.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    return file.array();
  }

  @Test
  void printers_otherServer_isToldWithTheProposal() throws Exception {
    image.onHost("file etc/cups/client.conf # x\nServerName print.example\n");
    assertThat(image.findings(new Printers())).as("nothing in the image prints").isEmpty();
    image.library("libcups.so.2", SmallElf.of(SmallElf.EM_X86_64));
    assertFollowed(new Printers(), SharedItem.PRINTERS, "printers-differ");
  }

  @Test
  void printers_socketNotSeen_isToldWithTheProposal() throws Exception {
    image.library("libcups.so.2", SmallElf.of(SmallElf.EM_X86_64));
    image.onHost("file run/cups/cups.sock x");
    assertFollowed(new Printers(), SharedItem.PRINTERS, "printers-differ");
  }

  @Test
  void libraryPaths_sharedDirectorySearchedNativelyOnly_isTold() {
    image.onHost(
        "file etc/ld.so.conf include ld.so.conf.d/*.conf\n",
        "file etc/ld.so.conf.d/site.conf /site/lib\n/native/only\n",
        "dir site/lib");
    assertThat(image.findings(new LibraryPaths())).isEmpty();
    image.mount("HOST/site:/site");
    assertThat(image.findings(new LibraryPaths()))
        .singleElement()
        .satisfies(f -> assertThat(f.paths()).containsExactly("/site/lib"));
    image.inImage("file etc/ld.so.conf /site/lib\n");
    assertThat(image.findings(new LibraryPaths())).isEmpty();
  }

  @Test
  void libraryPaths_libraryOfTheCacheIsGone_isTold() throws Exception {
    image.library("libgone.so.1", SmallElf.of(SmallElf.EM_X86_64));
    Files.delete(image.root.resolve("lib64/libgone.so.1"));
    assertThat(image.ids(new LibraryPaths())).containsExactly("warning library-cache-outdated");
  }

  @Test
  void mountTableFile_ownFileOrNone_isTold() throws Exception {
    image.onHost("file etc/mtab x");
    assertThat(image.ids(new MountTableFile())).containsExactly("notice mtab-missing");
    image.libc("2.18", "", new int[] {2, 6, 32});
    assertThat(image.ids(new MountTableFile())).containsExactly("warning mtab-missing");
    image.inImage("file etc/mtab /dev/sda1 / ext3 rw 0 0");
    assertThat(image.ids(new MountTableFile())).containsExactly("warning mtab-outdated");
    Files.delete(image.root.resolve("etc/mtab"));
    image.inImage("symlink etc/mtab ../proc/self/mounts");
    assertThat(image.findings(new MountTableFile())).isEmpty();
  }
}
