// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.mounts.MountInfoText;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

class MountTableTest {
  /** Lines of a Debian host with an image, an NFS home, and a path of another host's history. */
  private static final String CAPTURED =
      """
      27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard,resuid=65534
      24 27 0:6 / /dev rw,relatime shared:2 - devtmpfs devtmpfs rw,size=12334432k,mode=755
      26 24 0:24 / /dev/pts rw,nosuid,noexec shared:3 - devpts devpts rw,mode=600,ptmxmode=000
      29 26 0:26 / /dev/pts rw,relatime shared:4 - devpts devpts rw,mode=600
      60 27 0:45 / /home/my\\040data rw,relatime shared:30 - nfs4 server:/export/my\\040data rw,a b
      61 27 254:0 /home /sysroot/sl5/home rw,relatime shared:31 master:1 - ext4 /dev/vda rw,discard
      62 61 0:46 / /sysroot/sl5/home/x\\134y\\012z rw master:33 propagate_from:3 - tmpfs  rw
      63 27 0:47 / /sysroot/sl50 rw unbindable - tmpfs tmpfs rw
      64 27 0:48 / /sysroot rw - tmpfs none rw
      """;

  private static MountTable captured() throws IOException {
    return MountTable.parse(CAPTURED.getBytes(StandardCharsets.UTF_8));
  }

  private static Optional<Integer> at(String path) throws IOException {
    return captured().at(HostPath.of(path)).map(MountEntry::id);
  }

  private static List<Integer> ids(List<MountEntry> entries) {
    return entries.stream().map(MountEntry::id).toList();
  }

  @Test
  void parse_capturedText_allFields() throws IOException {
    assertThat(captured().byId(60))
        .contains(
            new MountEntry(
                60,
                27,
                OsString.of("0:45"),
                OsString.of("/"),
                OsString.of("/home/my data"),
                OsString.of("rw,relatime"),
                List.of(OsString.of("shared:30")),
                OsString.of("nfs4"),
                OsString.of("server:/export/my data"),
                OsString.of("rw,a b")));
  }

  @Test
  void parse_emptySourceAndEscapes_areUndone() throws IOException {
    MountEntry entry = captured().byId(62).orElseThrow();
    assertThat(entry.target()).isEqualTo(OsString.of("/sysroot/sl5/home/x\\y\nz"));
    assertThat(entry.source()).isEqualTo(OsString.of(""));
    assertThat(entry.optionalFields())
        .containsExactly(OsString.of("master:33"), OsString.of("propagate_from:3"));
  }

  @Test
  void peerGroups_sharedAndSlave() throws IOException {
    MountEntry home = captured().byId(61).orElseThrow();
    assertThat(home.peerGroup()).hasValue(31);
    assertThat(home.masterGroup()).hasValue(1);
    assertThat(captured().byId(63).orElseThrow().peerGroup()).isEmpty();
    assertThat(ids(captured().peers(1))).containsExactly(27);
  }

  @Test
  void children_andTree_parentsFirst() throws IOException {
    MountTable table = captured();
    assertThat(ids(table.children(table.byId(24).orElseThrow()))).containsExactly(26);
    assertThat(ids(table.tree(table.byId(24).orElseThrow()))).containsExactly(24, 26, 29);
    assertThat(ids(table.children(table.byId(29).orElseThrow()))).isEmpty();
  }

  @Test
  void at_stackedMounts_theTopMost() throws IOException {
    assertThat(at("/dev/pts")).contains(29);
    assertThat(at("/")).contains(27);
    assertThat(at("/dev/shm")).isEmpty();
  }

  @Test
  void at_hiddenByLaterMount_isNotSeen() throws IOException {
    assertThat(at("/sysroot")).contains(64);
    assertThat(at("/sysroot/sl50")).isEmpty();
    assertThat(captured().seenAt(HostPath.of("/sysroot/sl50/x")).orElseThrow().id()).isEqualTo(64);
    assertThat(captured().seenAt(HostPath.of("/dev/pts/3")).orElseThrow().id()).isEqualTo(29);
    assertThat(captured().seenAt(HostPath.of("/device")).orElseThrow().id()).isEqualTo(27);
  }

  @Test
  void beneath_comparesComponents() throws IOException {
    assertThat(ids(captured().beneath(HostPath.of("/sysroot/sl5")))).containsExactly(61, 62);
    assertThat(captured().targets()).contains(HostPath.of("/home/my data"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage",
        "1 2 3",
        " 1 0:5 / / rw - a b c",
        "x 1 0:5 / / rw - a b c",
        "4294967296 1 0:5 / / rw - a b c",
        "27 1 0:5 / / rw shared:1",
        "27 1 0:5 / / rw - ext4 /dev/vda"
      })
  void parse_otherText_isRefusedWithTheLine(String line) {
    byte[] text = (CAPTURED + line + "\n").getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> MountTable.parse(text))
        .isInstanceOf(IOException.class)
        .hasMessage("not a line of mountinfo: \"" + line + "\"");
  }

  @Test
  void parse_nothing_isEmpty() throws IOException {
    MountTable table = MountTable.parse(new byte[0]);
    assertThat(table.entries()).isEmpty();
    assertThat(table.seenAt(HostPath.ROOT)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#hundred")
  void parse_printedEntries_areTheSame(SplittableRandom random) throws IOException {
    List<MountEntry> entries = MountInfoText.random(random);
    assertThat(MountTable.parse(MountInfoText.print(entries)).entries()).isEqualTo(entries);
  }

  @Test
  void read_ownTable_hasProc() throws IOException {
    MountTable table = MountTable.read();
    assertThat(table.at(HostPath.of("/proc")).orElseThrow().type()).isEqualTo(OsString.of("proc"));
    assertThat(table.tree(table.at(HostPath.ROOT).orElseThrow())).containsAll(table.entries());
  }
}
