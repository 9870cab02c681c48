// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

  /** The five parts; those that are paths as lines. */
  private static List<String> parts(StartFacts facts) {
    EntryParts parts = new EntryParts();
    facts.addTo(parts);
    ByteBuffer all = ByteBuffer.wrap(parts.bytes());
    List<String> found = new ArrayList<>();
    while (all.hasRemaining()) {
      byte[] part = new byte[all.getInt()];
      all.get(part);
      found.add(new String(part, StandardCharsets.ISO_8859_1));
    }
    return found;
  }

  private List<String> pathsOf(String part) {
    return part.isEmpty() ? List.of() : List.of(part.replace(directory.toString(), "").split("\0"));
  }

  private List<String> shell() throws NotCachedException {
    StartFacts facts = facts(LATER);
    facts.contentInImage(root, OsString.of("/bin/sh"));
    return parts(facts);
  }

  @Test
  void fileInImage_behindLinks_listsEachLinkAndTheFileWithinTheImage() throws Exception {
    List<String> parts = shell();
    assertThat(pathsOf(parts.get(0))).containsExactly("/image/usr", "/image/usr/bin");
    assertThat(pathsOf(parts.get(2)))
        .containsExactly("/image/bin", "/image/usr/bin/sh", "/image/usr/bin/dash");
    assertThat(parts.get(1)).hasSize(2 * 28);
    assertThat(parts.get(3)).hasSize(3 * 60);
    assertThat(parts.get(4)).isEmpty();
  }

  @Test
  void fileInImage_anythingThatLeadsThereChanged_isOther() throws Exception {
    List<String> before = shell();
    Path dash = directory.resolve("image/usr/bin/dash");
    FileTime time = Files.getLastModifiedTime(dash);
    Files.writeString(dash, "bash");
    Files.setLastModifiedTime(dash, time); // the time of change still tells
    List<String> changed = shell();
    assertThat(changed).isNotEqualTo(before);
    Files.delete(directory.resolve("image/usr/bin/sh"));
    Files.createSymbolicLink(directory.resolve("image/usr/bin/sh"), Path.of("dash"));
    assertThat(shell()).isNotEqualTo(changed);
    Files.delete(dash);
    assertThat(pathsOf(shell().get(4))).containsExactly("/image/usr/bin/dash");
  }

  @Test
  void directory_contentChanged_isTheSameIdentityButOtherPermissionsAreNot() throws Exception {
    StartFacts before = facts(LATER);
    before.identity(root);
    Files.createFile(directory.resolve("image/new"));
    StartFacts filled = facts(LATER);
    filled.identity(root);
    assertThat(parts(filled)).isEqualTo(parts(before));
    Files.setPosixFilePermissions(
        directory.resolve("image"), PosixFilePermissions.fromString("rwxrwxrwx"));
    StartFacts open = facts(LATER);
    open.identity(root);
    assertThat(parts(open)).isNotEqualTo(parts(before));
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
  void contentSince_changedSinceAMomentOfItsOwn_isRefused() throws Exception {
    Instant before = Instant.now().minusSeconds(1);
    OsString file = HostPath.of(Files.writeString(directory.resolve("jar"), "a")).value();
    facts(LATER).contentSince(file, Instant.now().plusSeconds(1));
    assertThatThrownBy(() -> facts(LATER).contentSince(file, before))
        .isInstanceOf(NotCachedException.class)
        .hasMessageContaining("just been changed");
  }

  @Test
  void content_missing_isListedAsSuch() throws Exception {
    StartFacts facts = facts(LATER);
    facts.content(HostPath.of(directory.resolve("none/deeper")).value());
    assertThat(pathsOf(parts(facts).get(4))).containsExactly("/none");
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
