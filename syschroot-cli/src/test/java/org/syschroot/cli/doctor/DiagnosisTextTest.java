// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.syschroot.doctor.finding.Diagnosis;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.SharedItem;
import org.syschroot.path.HostPath;

class DiagnosisTextTest {
  private static Image image(String name) {
    return Image.builder(new ImageName(name), HostPath.of("/sysroot/" + name)).build();
  }

  private static Diagnosis diagnosis(String name) {
    Image image = image(name);
    return new Diagnosis(
        image,
        List.of(
            Finding.error("loader-missing")
                .effect("no program starts")
                .cause("no loader")
                .remedy("install it")
                .path("/sysroot/" + name + "/lib/ld.so")
                .build(),
            Finding.warning("hosts-differ")
                .effect("hostnames are unknown " + "x".repeat(100))
                .follow(image, SharedItem.HOSTS)
                .build(),
            Finding.notice("mount-missing").effect("no mounts").remedy("mount").build()),
        List.of());
  }

  @Test
  void of_oneImage_isGroupedByWhatToDoFirst() {
    assertThat(DiagnosisText.of(List.of(diagnosis("sl5")), false, false, false))
        .isEqualTo(
            """
            To do first (1 error):
            sl5: error loader-missing: no program starts
                fix: install it
            To do then (1 warning):
            sl5: warning hosts-differ: hostnames are unknown xxxxxxxxxxxxxxxxxxxxxxxxxxxx...
                fix: set consistent = ["hosts"], then: syschroot sync sl5
            Good to know (1 notice):
            sl5: notice mount-missing: no mounts
                fix: mount
            sl5: settings that fix this: consistent = ["hosts"]
            Causes and places: syschroot doctor --verbose
            """);
  }

  @Test
  void of_tenImages_sameFindingIsSaidOnce() {
    List<Diagnosis> ten = IntStream.range(0, 10).mapToObj(i -> diagnosis("sl" + i)).toList();
    assertThat(DiagnosisText.of(ten, false, false, false))
        .containsOnlyOnce("loader-missing")
        .containsOnlyOnce("settings that fix this")
        .contains("sl0 and 9 others: settings that fix this: consistent = [\"hosts\"]\n")
        .contains("sl0 and 9 others: error loader-missing: no program starts\n")
        .contains("    fix: set consistent = [\"hosts\"], then: syschroot sync IMAGE\n");
    assertThat(DiagnosisText.of(ten, true, false, false))
        .contains("    at:  /sysroot/sl0/lib/ld.so\n", "    at:  /sysroot/sl9/lib/ld.so\n");
  }

  @Test
  void of_lines_fitInEightyColumns() {
    String text = DiagnosisText.of(List.of(diagnosis("sl5")), false, false, false);
    assertThat(text.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
  }

  @Test
  void of_nothingFound_quietSaysNothing() {
    List<Diagnosis> good = List.of(new Diagnosis(image("sl5"), List.of(), List.of()));
    assertThat(DiagnosisText.of(good, false, true, true)).isEmpty();
    assertThat(DiagnosisText.of(good, false, false, true)).isEqualTo("sl5: nothing found\n");
    Finding notice =
        Finding.notice("x").effect("y").follow(image("sl5"), SharedItem.PASSWORDS).build();
    List<Diagnosis> fine = List.of(new Diagnosis(image("sl5"), List.of(notice), List.of()));
    assertThat(DiagnosisText.of(fine, false, true, true)).isEmpty();
  }

  @Test
  void of_terminal_colorsErrorsAndWarnings() {
    assertThat(DiagnosisText.of(List.of(diagnosis("sl5")), false, false, true))
        .contains("\033[31msl5: error loader-missing", "\033[33msl5: warning hosts-differ");
  }
}
