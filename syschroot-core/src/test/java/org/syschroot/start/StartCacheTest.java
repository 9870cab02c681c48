// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.path.HostPath;
import org.syschroot.testing.RequiresRoot;

class StartCacheTest {
  private static final int STRANGER = 54321;

  private final Kernel kernel = LinuxKernel.running();
  private final StartCache cache =
      new StartCache(kernel, LinuxTreeCalls.running(), LinuxProcessCalls.running().effectiveUid());

  @TempDir private Path directory;

  private static final int FIXED_BYTES = 18 + 4 + 509 + 512 + 4;

  private Path starts() {
    return directory.resolve("syschroot/starts");
  }

  private void write(String name, int programBytes) throws IOException, NotCachedException {
    cache.write(
        HostPath.of(starts().resolve(name)),
        new StartEntry(new EntryParts().add(new byte[programBytes])));
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void write_nothingThere_makesPrivateDirectoriesAndTheFile() throws Exception {
    write("a", 5);
    assertThat(mode(starts())).isEqualTo("rwx------");
    assertThat(mode(starts().resolve("a"))).isEqualTo("rw-------");
    String content = Files.readString(starts().resolve("a"));
    assertThat(content).startsWith("syschroot-start 2\n\0\0\0\11").endsWith("\0\0\0\5\0\0\0\0\0");
  }

  @Test
  void write_again_replacesTheFile() throws Exception {
    write("a", 5);
    write("a", 7);
    assertThat(Files.size(starts().resolve("a"))).isEqualTo(FIXED_BYTES + 7);
    try (Stream<Path> files = Files.list(starts())) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void write_tooMany_removesTheOldest() throws Exception {
    int most = StartCache.MOST_ENTRIES;
    for (int i = 0; i < most; i++) {
      write("e" + i, 1);
      FileTime time = FileTime.from(Instant.ofEpochSecond(1000 + i));
      Files.setLastModifiedTime(starts().resolve("e" + i), time);
    }
    write("new", 1);
    write("newer", 1);
    try (Stream<Path> files = Files.list(starts())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .hasSize(most)
          .contains("new", "newer", "e2")
          .doesNotContain("e0", "e1");
    }
  }

  @Test
  void write_linkInPlaceOfAFile_isRefusedAndNothingIsWrittenThrough() throws Exception {
    write("a", 1);
    Path victim = Files.writeString(directory.resolve("victim"), "victim");
    Files.createSymbolicLink(starts().resolve("b"), victim);
    assertThatThrownBy(() -> write("b", 1)).isInstanceOf(IOException.class);
    assertThat(victim).hasContent("victim");
  }

  @Test
  void write_linkInPlaceOfADirectory_isRefused() throws Exception {
    Path other = Files.createDirectory(directory.resolve("other"));
    Files.createSymbolicLink(directory.resolve("syschroot"), other);
    assertThatThrownBy(() -> write("a", 1)).isInstanceOf(IOException.class);
    assertThat(other).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxrwx---", "rwxr-xr-x", "rwx-----x"})
  void write_directoryOpenToOthers_isRefused(String permissions) throws Exception {
    write("a", 1);
    Files.setPosixFilePermissions(starts(), PosixFilePermissions.fromString(permissions));
    assertThatThrownBy(() -> write("b", 1)).isInstanceOf(IOException.class);
    assertThat(starts().resolve("b")).doesNotExist();
  }

  @RequiresRoot
  @Test
  void write_directoryOfSomebodyElse_isRefused() throws Exception {
    for (String name : new String[] {"syschroot", "syschroot/starts"}) {
      write("a", 1);
      Path theirs = directory.resolve(name);
      Files.setAttribute(theirs, "unix:uid", STRANGER, LinkOption.NOFOLLOW_LINKS);
      assertThatThrownBy(() -> write("b", 1)).as(name).isInstanceOf(IOException.class);
      Files.setAttribute(theirs, "unix:uid", 0, LinkOption.NOFOLLOW_LINKS);
    }
  }

  @Test
  void entry_twoParities_areThoseOfRowsOf509And512Bytes() throws Exception {
    byte[] part = new byte[2000];
    part[1500] = 1;
    byte[] bytes = new StartEntry(new EntryParts().add(part)).bytes();
    int first = 18 + 4;
    int place = 4 + 1500; // behind the length of the part
    byte[] expected = new byte[509 + 512];
    expected[place % 509] = 1;
    expected[509 + place % 512] = 1;
    for (int row : new int[] {0, 509}) { // and of that length, 0x7d0
      expected[row + 2] ^= 7;
      expected[row + 3] ^= (byte) 0xd0;
    }
    assertThat(Arrays.copyOfRange(bytes, first, first + expected.length)).isEqualTo(expected);
  }

  @Test
  void entry_tooLarge_isRefused() {
    assertThatThrownBy(() -> new StartEntry(new EntryParts().add(new byte[StartEntry.MOST_BYTES])))
        .isInstanceOf(NotCachedException.class);
  }
}
