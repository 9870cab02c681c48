// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.caller;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.path.OsString;

class SearchPathTest {
  private static List<OsString> programs(String name, String... environment) {
    return SearchPath.in(Arrays.stream(environment).map(OsString::of).toList())
        .programs(OsString.of(name));
  }

  @ParameterizedTest
  @CsvSource({
    "/a, /a/ls",
    "/a:/b, /a/ls /b/ls",
    "'', ls",
    ":, ls ls",
    "/a:, /a/ls ls",
    ":/a, ls /a/ls",
    "/a::b, /a/ls ls b/ls",
    "/a/, /a//ls"
  })
  void programs_name_isTriedInEachDirectory(String path, String expected) {
    assertThat(programs("ls", "PATH=" + path))
        .extracting(OsString::toString)
        .containsExactly(expected.split(" "));
  }

  @Test
  void programs_nameWithASlash_isNotLookedFor() {
    assertThat(programs("./ls", "PATH=/a")).containsExactly(OsString.of("./ls"));
    assertThat(programs("/ls")).containsExactly(OsString.of("/ls"));
  }

  @Test
  void in_pathNotSet_isTheUsual() {
    assertThat(programs("ls", "APATH=/a", "PATH"))
        .isEqualTo(SearchPath.USUAL.programs(OsString.of("ls")))
        .contains(OsString.of("/usr/local/bin/ls"), OsString.of("/bin/ls"));
  }

  @Test
  void in_pathSetTwice_isTheFirst() {
    assertThat(programs("ls", "PATH=/a", "PATH=/b")).containsExactly(OsString.of("/a/ls"));
  }
}
