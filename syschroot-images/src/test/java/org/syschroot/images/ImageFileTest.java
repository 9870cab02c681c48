// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.config.CatalogReader;
import org.syschroot.config.FileTrust;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Umask;
import org.syschroot.path.ImagePath;

class ImageFileTest {
  private static final ImageName NAME = new ImageName("one");

  @TempDir private Path etc;
  private Path config;

  @BeforeEach
  void placeConfiguration() {
    config = etc.resolve("syschroot");
  }

  private NewImage image(String root) {
    return NewImage.of(NAME, Path.of(root), config);
  }

  private Image readBack() throws IOException {
    return new CatalogReader(FileTrust.ANY).read(config).find("one").orElseThrow();
  }

  @Test
  void write_allSettings_isThisText() throws IOException {
    NewImage image =
        image("/sysroot/one")
            .withDescription("The \"first\"")
            .withPersonality(List.of("linux32", "uname26"))
            .withShell(ImagePath.of("/bin/bash"));
    Path file = ImageFile.write(image);
    assertThat(file).isEqualTo(etc.resolve("syschroot/images.d/one.toml"));
    assertThat(Files.readString(file))
        .isEqualTo(
            """
            description = "The \\"first\\""
            root = "/sysroot/one"
            personality = ["linux32", "uname26"]
            shell = "/bin/bash"
            accounts = "merged"
            """);
    assertThat(readBack().personality()).contains(Personality.of(List.of("linux32", "uname26")));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 022, 077})
  void write_madeFiles_haveTheirModes(int umask) throws IOException {
    Path file;
    try (Umask changed = Umask.of(umask)) {
      assertThat(changed).isNotNull();
      file = ImageFile.write(image("/sysroot/one"));
    }
    assertThat(mode(file)).isEqualTo("rw-r--r--");
    assertThat(mode(file.getParent())).isEqualTo("rwxr-xr-x");
    assertThat(mode(config)).isEqualTo("rwxr-xr-x");
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "quote \" backslash \\ ' \"\"\"",
        "tab\tnewline\nreturn\rfeed\fback\b",
        "\u0001\u001b[31m\u007f\u0085\u2028",
        "Zürich 日本 \ud83d\ude00",
        "# [table] key = 1 \\u0041"
      })
  void write_oddCharacters_areReadBack(String text) throws IOException {
    NewImage image =
        image("/sysroot/x" + text.replace("\n", " "))
            .withDescription(text)
            .withShell(ImagePath.of("/bin/sh" + text));
    ImageFile.write(image);
    assertThat(readBack().description()).isEqualTo(text);
    assertThat(readBack().root().value().toUtf8()).contains(image.root().toString());
    assertThat(readBack().shell()).contains(ImagePath.of("/bin/sh" + text));
  }

  @Test
  void write_existingFile_isRefusedAndStays() throws IOException {
    Path file = ImageFile.write(image("/sysroot/one"));
    String before = Files.readString(file);
    assertThatThrownBy(() -> ImageFile.write(image("/sysroot/two")))
        .isInstanceOf(CreateException.class)
        .hasMessage(
            config
                + "/images.d/one.toml exists, so there is an image one already: choose"
                + " another name, or remove that file first");
    assertThatThrownBy(() -> ImageFile.requireAbsent(image("/x")))
        .isInstanceOf(CreateException.class);
    assertThat(Files.readString(file)).isEqualTo(before);
  }

  @Test
  void write_fileInTheWay_namesIt() throws IOException {
    Files.createDirectories(config.getParent());
    Files.writeString(config, "");
    assertThatThrownBy(() -> ImageFile.write(image("/sysroot/one")))
        .isInstanceOf(CreateException.class)
        .hasMessageStartingWith("cannot write " + config + "/images.d/one.toml: ")
        .hasMessageContaining("ENOTDIR");
  }

  @Test
  void newImage_whatNoFileMaySay_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> image("/"));
    assertThatIllegalArgumentException().isThrownBy(() -> image("sysroot"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> image("/x").withPersonality(List.of("windows")));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> image("/x").withDescription("a\0b"))
        .withMessage("description contains a NUL character, which is not allowed");
    assertThatIllegalArgumentException().isThrownBy(() -> image("/x").withDescription("\ud800"));
  }
}
