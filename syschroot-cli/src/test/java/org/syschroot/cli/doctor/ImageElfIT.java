// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.TestImages;
import org.syschroot.personality.elf.ElfFile;
import org.syschroot.personality.elf.ReadelfComparison;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;

/** The ELF files of whole Debian systems: what is read of them is what readelf(1) prints. */
@RequiresCommand({"debootstrap", "readelf"})
class ImageElfIT {
  @Test
  void read_filesOfImages_agreeWithReadelf() throws Exception {
    List<Path> images = new ArrayList<>(List.of(TestImages.deb32()));
    if (Dose.isHeavy()) {
      for (String suite : List.of("bullseye", "bookworm", "trixie")) {
        images.add(TestImages.amd64(suite));
      }
    }
    for (Path image : images) {
      List<Path> files = elfFiles(image);
      assertThat(files).as("ELF files of %s", image).hasSizeGreaterThan(500);
      int step = Dose.isHeavy() ? 1 : files.size() / 150;
      SoftAssertions softly = new SoftAssertions();
      int compared = 0;
      for (int i = 0; i < files.size(); i += step) {
        ReadelfComparison.check(files.get(i), softly);
        compared++;
      }
      softly.assertAll();
      System.out.println(image.getFileName() + ": " + compared + " ELF files as readelf has them");
    }
  }

  private static List<Path> elfFiles(Path image) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(image)) {
      for (Path file : (Iterable<Path>) files.sorted()::iterator) {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && ElfFile.isElf(file)) {
          found.add(file);
        }
      }
    }
    return found;
  }
}
