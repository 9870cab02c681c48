// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.syschroot.testing.Dose;

@Timeout(300)
class ReadelfAgreementTest {
  @Test
  void read_hostFiles_agreesWithReadelf() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/readelf")), "no readelf");
    Collection<Path> files = HostBinaries.sample(Dose.of(20, 1000));
    assertThat(files).hasSizeGreaterThan(24);
    SoftAssertions softly = new SoftAssertions();
    for (Path file : files) {
      ReadelfComparison.check(file, softly);
    }
    softly.assertAll();
  }

  @Test
  void closureOf_hostPrograms_agreesWithLdd() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/ldd")), "no ldd");
    SoftAssertions softly = new SoftAssertions();
    for (String program : List.of("/bin/sh", "/usr/bin/readelf", "/usr/bin/gcc", "/usr/bin/git")) {
      if (Files.exists(Path.of(program)) && ElfFile.isElf(Path.of(program))) {
        List<String> expected =
            ReadelfComparison.all(ReadelfComparison.run("ldd", program), " => (/\\S+)");
        LibraryClosure closure = LibrarySearch.in(Path.of("/")).closureOf(program);
        softly
            .assertThat(closure.libraries().stream().map(Library::path))
            .as(program)
            .containsExactlyElementsOf(expected);
        softly.assertThat(closure.notFound()).as(program).isEmpty();
      }
    }
    softly.assertAll();
  }
}
