// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.images.tree.LayerWriter;
import org.syschroot.images.tree.SourceException;
import org.syschroot.images.tree.TreeEntry;
import org.syschroot.images.tree.TreeLimits;
import org.syschroot.images.tree.TreeListing;
import org.syschroot.images.tree.TreeLosses;
import org.syschroot.images.tree.TreeWriter;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.path.HostPath;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresRoot;

/** Archives that want to write elsewhere, or are damaged: an error, and nothing else changes. */
@RequiresRoot
class HostileTarTest {
  @TempDir Path folder;
  private Path outside;
  private Path to;
  private Map<String, String> before;

  @BeforeEach
  void makeWhatMustNotChange() throws Exception {
    outside = Files.createDirectory(folder.resolve("outside"));
    Files.writeString(outside.resolve("file"), "unchanged");
    Files.createDirectory(outside.resolve("directory"));
    to = Files.createDirectory(folder.resolve("to"));
    before = TreeListing.of(outside);
  }

  private void unpack(byte[] archive) throws IOException {
    unpack(archive, new TreeLimits(1000, 1 << 20), true);
  }

  private void unpack(byte[] archive, TreeLimits limits, boolean lowest) throws IOException {
    try (TreeWriter writer =
        TreeWriter.in(
            LinuxKernel.running(), HostPath.of(to.toString()), limits, new TreeLosses())) {
      LayerWriter layer = new LayerWriter(writer, lowest);
      TarReader reader =
          new TarReader(new ReadAhead(Compression.open(new ByteArrayInputStream(archive))));
      for (TreeEntry entry = reader.next(); entry != null; entry = reader.next()) {
        layer.add(entry, reader.content());
      }
      writer.finish();
    }
  }

  private void requireNothingOutside() throws Exception {
    assertThat(TreeListing.of(outside)).isEqualTo(before);
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("outside", "to");
  }

  @ParameterizedTest
  @CsvSource({
    "0, ../outside/file, '', leaves the directory",
    "0, a/../../outside/new, '', leaves the directory",
    "0, .., '', leaves the directory",
    "1, hard, ../outside/file, leaves the directory",
    "1, hard, OUTSIDE/file, No such file",
    "1, hard, none, No such file",
    "1, hard, '', no name",
    "1, hard, /, cannot create /hard",
    "6, /, '', not a directory",
    "2, ., /etc, not a directory",
    "2, link, '', No such file",
    "0, '', '', no name",
    "M, volume, '', several volumes",
  })
  void add_entryThatLeadsOut_isRefused(char type, String name, String link, String message)
      throws Exception {
    String target = link.replace("OUTSIDE", outside.toString());
    byte[] archive = new MadeTar().add(type, name, target, "").bytes();
    assertThatThrownBy(() -> unpack(archive))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining(message);
    requireNothingOutside();
  }

  @ParameterizedTest
  @CsvSource({
    "OUTSIDE, link/file",
    "OUTSIDE/file, link",
    "../outside, link/file",
    "../../../../../../../../OUTSIDE, link/directory/new",
    "/, linkOUTSIDE/file",
    "/proc/self/root, linkOUTSIDE/file",
    "/proc/self/cwd, link/new",
  })
  void add_throughALink_staysInTheTree(String link, String name) throws Exception {
    String target = link.replace("OUTSIDE", outside.toString());
    String path = name.replace("OUTSIDE", outside.toString());
    MadeTar tar =
        new MadeTar()
            .add('5', "chain", "", "")
            .add('2', "chain/link", target, "")
            .add('2', "link", "chain/link", "")
            .pax("path", path)
            .add('0', "x", "", "written");
    try {
      unpack(tar.bytes());
    } catch (SourceException refused) {
      // what leads nowhere in the tree
    }
    requireNothingOutside();
  }

  @Test
  void add_hardLinkToALinkThatLeadsOut_isALinkItself() throws Exception {
    byte[] archive =
        new MadeTar()
            .add('2', "link", outside + "/file", "")
            .add('1', "hard", "link", "")
            .add('0', "hard", "", "written")
            .bytes();
    unpack(archive);
    assertThat(to.resolve("hard")).isRegularFile().hasContent("written");
    requireNothingOutside();
  }

  @Test
  void add_whiteoutsThroughLinks_removeNothingOutside() throws Exception {
    Files.createSymbolicLink(to.resolve("link"), outside);
    Files.createSymbolicLink(to.resolve("up"), Path.of(".."));
    byte[] archive =
        new MadeTar()
            .add('0', "link/.wh.file", "", "")
            .add('0', "link/.wh..wh..opq", "", "")
            .add('0', "up/outside/.wh.file", "", "")
            .add('0', "up/.wh.outside", "", "")
            .bytes();
    try {
      unpack(archive, new TreeLimits(10, 10), false);
    } catch (SourceException refused) {
      // what leads nowhere in the tree
    }
    requireNothingOutside();
  }

  @ParameterizedTest
  @CsvSource({".wh.", ".wh..", ".wh...", "d/.wh.", "d/.wh.."})
  void add_whiteoutOfADirectoryItself_isRefused(String name) {
    byte[] archive = new MadeTar().add('0', name, "", "").bytes();
    assertThatThrownBy(() -> unpack(archive)).hasMessageContaining("whiteout without a name");
  }

  @Test
  void add_longNames_areTakenOrRefused() throws Exception {
    String longest = "x".repeat(255);
    unpack(new MadeTar().pax("path", "d/" + longest).add('0', "x", "", "1").bytes());
    assertThat(to.resolve("d").resolve(longest)).exists();
    assertThatThrownBy(
            () -> unpack(new MadeTar().pax("path", "x".repeat(300)).add('0', "x", "", "").bytes()))
        .hasMessageContaining("ENAMETOOLONG");
    assertThatThrownBy(
            () -> unpack(new MadeTar().pax("path", "a\0b").add('0', "x", "", "").bytes()))
        .hasMessageContaining("NUL");
  }

  @Test
  void next_cutShortAnywhere_isAnError() throws Exception {
    byte[] whole =
        new MadeTar()
            .pax("path", "d/" + "y".repeat(200))
            .add('0', "x", "", "z".repeat(700))
            .add('5', "e", "", "")
            .bytes();
    for (int length = 0; length < whole.length - 512; length += 100) {
      byte[] part = java.util.Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> unpack(part)).hasMessageContaining("cut short");
    }
    requireNothingOutside();
  }

  @Test
  void next_verifiedWithoutItsEnd_isWhole() throws Exception {
    byte[] whole = new MadeTar().add('0', "x", "", "z".repeat(700)).bytes();
    byte[] part = java.util.Arrays.copyOf(whole, 3 * 512);
    TarReader reader = TarReader.ofVerified(new ByteArrayInputStream(part));
    assertThat(reader.next()).isNotNull();
    assertThat(reader.next()).isNull();
    TarReader cut = TarReader.ofVerified(new ByteArrayInputStream(part, 0, part.length - 1));
    assertThat(cut.next()).isNotNull();
    assertThatThrownBy(cut::next).hasMessageContaining("cut short");
  }

  @Test
  void add_moreThanTheLimits_isRefused() {
    byte[] large = new MadeTar().add('0', "x", "", "z".repeat(2000)).bytes();
    assertThatThrownBy(() -> unpack(large, new TreeLimits(10, 1999), true))
        .hasMessageContaining("no space left");
    byte[] many = new MadeTar().add('0', "x", "", "").add('0', "y", "", "").bytes();
    assertThatThrownBy(() -> unpack(many, new TreeLimits(1, 10), true))
        .hasMessageContaining("more than 1 files");
    byte[] label = new MadeTar().add('V', "label", "", 1L << 32, "").bytes();
    assertThatThrownBy(() -> unpack(label)).hasMessageContaining("not a file");
    byte[] header = new MadeTar().add('x', "pax", "", 1L << 32, "").bytes();
    assertThatThrownBy(() -> unpack(header)).hasMessageContaining("extended header of");
  }

  @Test
  void add_hugeSparseFile_takesNoRoom() throws Exception {
    byte[] archive =
        new MadeTar()
            .pax("GNU.sparse.size", Long.toString(1L << 40))
            .pax("GNU.sparse.map", "0,3")
            .add('0', "x", "", "abc")
            .bytes();
    unpack(archive);
    assertThat(to.resolve("x")).hasSize(1L << 40);
    assertThat(Unpacking.room(to.resolve("x"))).isLessThan(1 << 20);
  }

  @ParameterizedTest
  @CsvSource({"10, '5,6'", "10, '5,3,4,3'", "10, '5'", "10, 'a,b'", "2, '0,3'", "10, '-1,3'"})
  void next_mapOfSparseFileThatLies_isRefused(String size, String map) {
    byte[] archive =
        new MadeTar()
            .pax("GNU.sparse.size", size)
            .pax("GNU.sparse.map", map)
            .add('0', "x", "", "abc")
            .bytes();
    assertThatThrownBy(() -> unpack(archive)).hasMessageContaining("damaged");
  }

  @Test
  void unpack_mutatedArchives_neverWriteOutside() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    byte[] original = original();
    int refused = 0;
    int count = Dose.of(400, 20_000);
    for (int i = 0; i < count; i++) {
      byte[] archive = Mutation.of(original, random);
      try {
        unpack(archive, new TreeLimits(200, 1 << 20), i % 2 == 0);
      } catch (SourceException e) {
        refused++;
      }
      if (i % 20 == 19) {
        Unpacking.shell(folder, "rm -rf --one-file-system to; mkdir to");
        requireNothingOutside();
      }
    }
    requireNothingOutside();
    assertThat(refused).isBetween(count / 20, count - count / 20);
  }

  private byte[] original() {
    return new MadeTar()
        .add('5', "d", "", "")
        .add('0', "d/file", "", "content of a file")
        .add('2', "d/link", outside.toString(), "")
        .add('2', "up", "..", "")
        .add('0', "d/link/file", "", "into the link")
        .add('1', "hard", "d/file", "")
        .add('1', "hard2", "d/link", "")
        .pax("path", "a/long/" + "n".repeat(150))
        .add('0', "short", "", "long name")
        .add('L', "././@LongLink", "", "up/outside/file\0")
        .add('0', "short", "", "gnu")
        .pax("GNU.sparse.size", "100000")
        .pax("GNU.sparse.map", "0,3,50000,3")
        .add('0', "sparse", "", "abcdef")
        .pax("SCHILY.xattr.user.a", "b\0\377c")
        .add('0', ".wh.hard", "", "")
        .add('0', "d/.wh..wh..opq", "", "")
        .add('6', "fifo", "", "")
        .add('3', "null", "", "")
        .bytes();
  }
}
