// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

class StartFactsTest {
  private static final ReadMoment LATER = new ReadMoment(Instant.now().plusSeconds(60), "");

  @TempDir private Path directory;
  private OsString root;

  @BeforeEach
  void makeImage() throws Exception {
    root = HostPath.of(directory.resolve("image")).value();
    Files.createDirectories(directory.resolve("image/usr/bin"));
    Files.createSymbolicLink(directory.resolve("image/bin"), Path.of("/usr/bin"));
    Files.writeString(directory.resolve("image/usr/bin/dash"), "dash");
    Files.createSymbolicLink(directory.resolve("image/usr/bin/sh"), Path.of("../bin/dash"));
  }

  private StartFacts facts(ReadMoment moment) {
    return new StartFacts(LinuxKernel.running(), LinuxTreeCalls.running(), moment);
  }

  private static String text(StartFacts facts) {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    facts.writeTo(lines);
    return lines.toString(StandardCharsets.UTF_8);
  }

  private String shell() throws NotCachedException {
    StartFacts facts = facts(LATER);
    facts.contentInImage(root, OsString.of("/bin/sh"));
    return text(facts);
  }

  @Test
  void fileInImage_behindLinks_listsEachLinkAndTheFileWithinTheImage() throws Exception {
    assertThat(shell().lines().map(line -> line.split("\t")[0] + line.split("\t")[1]))
        .containsExactly(
            "F" + directory + "/image/bin",
            "D" + directory + "/image/usr",
            "D" + directory + "/image/usr/bin",
            "F" + directory + "/image/usr/bin/sh",
            "F" + directory + "/image/usr/bin/dash");
  }

  @Test
  void fileInImage_anythingThatLeadsThereChanged_isAnotherText() throws Exception {
    String before = shell();
    Path dash = directory.resolve("image/usr/bin/dash");
    FileTime time = Files.getLastModifiedTime(dash);
    Files.writeString(dash, "bash");
    Files.setLastModifiedTime(dash, time); // the time of change still tells
    String changed = shell();
    assertThat(changed).isNotEqualTo(before);
    Files.delete(directory.resolve("image/usr/bin/sh"));
    Files.createSymbolicLink(directory.resolve("image/usr/bin/sh"), Path.of("dash"));
    assertThat(shell()).isNotEqualTo(changed);
    Files.delete(dash);
    assertThat(shell()).endsWith("/dash\t-\n");
  }

  @Test
  void directory_contentChanged_isTheSameIdentityButOtherPermissionsAreNot() throws Exception {
    StartFacts before = facts(LATER);
    before.identity(root);
    Files.createFile(directory.resolve("image/new"));
    StartFacts filled = facts(LATER);
    filled.identity(root);
    assertThat(text(filled)).isEqualTo(text(before));
    Files.setPosixFilePermissions(
        directory.resolve("image"), PosixFilePermissions.fromString("rwxrwxrwx"));
    StartFacts open = facts(LATER);
    open.identity(root);
    assertThat(text(open)).isNotEqualTo(text(before));
  }

  @Test
  void content_changedSinceTheMoment_isRefused() throws Exception {
    ReadMoment before = ReadMoment.now();
    Path file = Files.writeString(directory.resolve("settings"), "a = 1");
    assertThatThrownBy(() -> facts(before).content(HostPath.of(file).value()))
        .isInstanceOf(NotCachedException.class)
        .hasMessageContaining("just been changed");
  }

  @Test
  void content_missing_isListedAsSuch() throws Exception {
    StartFacts facts = facts(LATER);
    facts.content(HostPath.of(directory.resolve("none/deeper")).value());
    assertThat(text(facts)).endsWith("F\t" + directory + "/none\t-\n");
  }

  @Test
  void path_withControlCharacters_isRefused() throws Exception {
    Path odd = Files.createFile(directory.resolve("a\nb"));
    assertThatThrownBy(() -> facts(LATER).content(HostPath.of(odd).value()))
        .isInstanceOf(NotCachedException.class);
  }

  @Test
  void links_inALoop_areRefused() throws Exception {
    Files.createSymbolicLink(directory.resolve("image/loop"), Path.of("loop"));
    assertThatThrownBy(() -> facts(LATER).contentInImage(root, OsString.of("/loop")))
        .isInstanceOf(NotCachedException.class);
  }
}
