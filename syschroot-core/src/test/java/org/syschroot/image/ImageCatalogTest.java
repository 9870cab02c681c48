// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.syschroot.path.HostPath;

final class ImageCatalogTest {
  private static Image image(String name, String... aliases) {
    return Image.builder(new ImageName(name), HostPath.of("/sysroot/" + name))
        .aliases(Arrays.stream(aliases).map(ImageName::new).toList())
        .build();
  }

  @Test
  void find_nameOrAlias_givesTheImage() {
    ImageCatalog catalog = ImageCatalog.of(List.of(image("sl5", "sl54", "old"), image("deb12")));

    assertThat(catalog.find("sl5").orElseThrow().name()).isEqualTo(new ImageName("sl5"));
    assertThat(catalog.find("old")).isEqualTo(catalog.find("sl5"));
    assertThat(catalog.find("SL5")).isEmpty();
    assertThat(catalog.find("/sysroot/sl5")).isEmpty();
    assertThat(catalog.all())
        .extracting(image -> image.name().value())
        .containsExactly("deb12", "sl5");
  }

  @Test
  void of_duplicate_saysWhichImageHasTheName() {
    assertThatExceptionOfType(ImageCatalog.DuplicateNameException.class)
        .isThrownBy(() -> ImageCatalog.of(List.of(image("b", "a"), image("a"))))
        .withMessage(
            "\"a\" already names the image a (/sysroot/a): every name and alias must be unique")
        .satisfies(e -> assertThat(e.second().name()).isEqualTo(new ImageName("b")));
  }

  @Test
  void of_aliasTakenByAnAliasOrTheOwnName_isRefused() {
    assertThatExceptionOfType(ImageCatalog.DuplicateNameException.class)
        .isThrownBy(() -> ImageCatalog.of(List.of(image("b", "x"), image("a", "x"))))
        .withMessageStartingWith("\"x\" already names the image a (/sysroot/a)");
    assertThatExceptionOfType(ImageCatalog.DuplicateNameException.class)
        .isThrownBy(() -> ImageCatalog.of(List.of(image("a", "a"))))
        .withMessageStartingWith("\"a\" already names the image a (/sysroot/a)");
    assertThatExceptionOfType(ImageCatalog.DuplicateNameException.class)
        .isThrownBy(() -> ImageCatalog.of(List.of(image("a"), image("a"))));
  }

  @Test
  void of_duplicateAmongProblems_staysWithoutTheName() {
    CatalogProblem refused = new CatalogProblem(Set.of("c"), "c.toml:1:1: is wrong");
    ImageCatalog catalog =
        ImageCatalog.of(List.of(image("a", "x", "c"), image("b", "x")), List.of(refused));

    assertThat(catalog.all()).hasSize(2);
    assertThat(catalog.find("a")).isPresent();
    assertThat(catalog.find("x")).isEmpty();
    assertThat(catalog.find("c")).isEmpty();
    assertThat(catalog.problemsWith("c")).containsExactly(refused);
    assertThat(catalog.problemsWith("x"))
        .extracting(CatalogProblem::message)
        .containsExactly(
            "b: \"x\" already names the image a (/sysroot/a): every name and alias must be unique");
    assertThat(catalog.problems()).hasSize(2);
  }

  @Test
  void near_typingErrors_offersAtMostThreeNearestFirst() {
    ImageCatalog catalog =
        ImageCatalog.of(
            List.of(image("sl4"), image("sl5", "sl54"), image("sl6"), image("debian-12")));

    assertThat(catalog.near("sl7")).hasSize(3).isSubsetOf("sl4", "sl5", "sl6");
    assertThat(catalog.near("sl55")).containsExactlyInAnyOrder("sl5", "sl54");
    assertThat(catalog.near("debain-12")).containsExactly("debian-12");
    assertThat(catalog.near("deb")).containsExactly("debian-12");
    assertThat(catalog.near("SL5")).startsWith("sl5");
    assertThat(catalog.near("solaris")).isEmpty();
  }
}
