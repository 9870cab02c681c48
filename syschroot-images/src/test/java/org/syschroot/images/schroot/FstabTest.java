// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.schroot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FstabTest {
  private static final Path FILE = Path.of("/etc/schroot/default/fstab");

  private static Fstab parse(String... lines) {
    return Fstab.parse(FILE, List.of(lines));
  }

  private static List<String> mounts(Fstab table) {
    return table.mounts().stream().map(mount -> mount.text().toString()).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "/home /home none rw,bind 0 0;/home:/home:norbind",
        "/home /home none rw,rbind 0 0;/home",
        "/home\t/u\tnone\trbind\t0\t0;/home:/u",
        "/data /data none ro,rbind,nosuid,nodev,noexec 0 0;/data:/data:ro,nosuid,nodev,noexec",
        "proc /proc proc defaults 0 0;/proc:/proc:norbind",
        "sysfs /sys sysfs defaults 0 0;/sys:/sys:norbind",
        "srv /mnt none rbind 0 0;/srv:/mnt",
        "/srv /mnt none rbind,rslave 0 0;/srv:/mnt",
        "/srv /mnt none rbind,rprivate 0 0;/srv:/mnt:private",
        "/srv /mnt none bind,shared 0 0;/srv:/mnt:norbind,shared",
        "/a\\040b /c\\134d none rbind 0 0;/a b:/c\\\\d"
      })
  void parse_entry_isMountOfAnImage(String line, String mount) {
    Fstab table = parse(line);
    assertThat(table.findings()).isEmpty();
    assertThat(mounts(table)).containsExactly(mount);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "tmpfs /dev/shm tmpfs defaults 0 0;omitted: images have only bind mounts, and this is of"
            + " type tmpfs: mount it on the host, and add its directory to mounts",
        "server:/x /x nfs rw 0 0;omitted: images have only bind mounts, and this is of type nfs:"
            + " mount it on the host, and add its directory to mounts",
        "/home;omitted: \"/home\" has too few fields for fstab(5)"
      })
  void parse_otherFileSystem_isFound(String line, String finding) {
    Fstab table = parse("# fstab", "", line);
    assertThat(table.mounts()).isEmpty();
    assertThat(table.findings()).containsExactly(new ImportNote(FILE, 3, finding));
  }

  @Test
  void parse_unknownOption_isFoundAndTheMountKept() {
    Fstab table = parse("/home /home none rbind,user_xattr,noatime 0 0");
    assertThat(mounts(table)).containsExactly("/home");
    assertThat(table.findings())
        .containsExactly(
            new ImportNote(FILE, 1, "mounts of images have no option user_xattr, noatime"));
  }

  @Test
  void parse_mountThatHidesAnEarlierOne_isLeftOut() {
    Fstab table = parse("/home/x /home/x none bind 0 0", "/home /home none bind 0 0");
    assertThat(mounts(table)).containsExactly("/home/x:/home/x:norbind");
    assertThat(table.findings()).hasSize(1);
    assertThat(table.findings().get(0).line()).isEqualTo(2);
    assertThat(table.findings().get(0).text()).startsWith("omitted: ");
  }
}
