// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.kernel.LinuxProcessCalls;

class SubordinateIdsTest {
  @TempDir Path directory;

  private IdRanges read(String users, String groups) throws IOException {
    Files.writeString(directory.resolve("subuid"), users);
    Files.writeString(directory.resolve("subgid"), groups);
    for (String program : List.of("newuidmap", "newgidmap")) {
      Path file = directory.resolve(program);
      if (!Files.exists(file)) {
        assertThat(Files.createFile(file).toFile().setExecutable(true)).isTrue();
      }
    }
    return new SubordinateIds(directory, directory).ofCaller();
  }

  private static String me(String rest) {
    return LinuxProcessCalls.running().effectiveUid() + rest;
  }

  @Test
  void ofCaller_linesOfTheCaller_areAllThere() throws IOException {
    IdRanges found =
        read("other:1:2\n" + me(":100:10\n") + me(":500:20\n"), "# none\n" + me(":7:1\n"));

    assertThat(found.users())
        .containsExactly(new IdRanges.Range(100, 10), new IdRanges.Range(500, 20));
    assertThat(found.groups()).containsExactly(new IdRanges.Range(7, 1));
    assertThat(found.countOfUsers()).isEqualTo(30);
    assertThat(found.isEmpty()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {":", ":0:5", ":5:0", ":x:5", ":5", ":5:5:5", ":4294967290:10", ":-1:4"})
  void ofCaller_lineThatIsNone_isNoRange(String rest) throws IOException {
    assertThat(read(me(rest + "\n"), me(":7:1\n")).isEmpty()).isTrue();
  }

  @Test
  void ofCaller_usersWithoutGroups_areOfNoUse() throws IOException {
    assertThat(read(me(":100:10\n"), "").isEmpty()).isTrue();
  }

  @Test
  void ofCaller_withoutThePrograms_isEmpty() throws IOException {
    read(me(":100:10\n"), me(":100:10\n"));
    Files.delete(directory.resolve("newgidmap"));

    assertThat(new SubordinateIds(directory, directory).ofCaller()).isEqualTo(IdRanges.NONE);
  }
}
