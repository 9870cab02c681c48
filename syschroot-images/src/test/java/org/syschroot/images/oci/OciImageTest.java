// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.images.source.SourceSpelling;
import org.syschroot.images.tree.SourceException;
import org.syschroot.images.tree.TreeListing;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Images that umoci, skopeo and buildah have written, compared with what umoci unpacks. */
@RequiresRoot
@RequiresCommand({"umoci", "skopeo", "buildah", "setcap", "setfattr"})
class OciImageTest {
  @TempDir static Path made;
  private static Map<String, String> unpacked = Map.of();

  @BeforeAll
  static void makeImages() throws Exception {
    Images.shell(
        made,
        Images.TWO_LAYERS
            + """
            skopeo copy -q oci:oci:two oci-archive:archive.tar:two
            skopeo copy -q oci:oci:two docker-archive:docker.tar:example.org/some/two:latest
            skopeo copy -q --dest-compress-format zstd --dest-compress oci:oci:two oci:zstd:two
            gzip -k docker.tar; umoci unpack --image oci:two umoci; chmod 755 umoci/rootfs
            """);
    unpacked = TreeListing.of(made.resolve("umoci/rootfs"));
  }

  @ParameterizedTest
  @CsvSource({
    "oci:M/oci:two",
    "oci:M/zstd",
    "oci-archive:M/archive.tar",
    "oci-archive:M/archive.tar:two",
    "docker-archive:M/docker.tar",
    "docker-archive:M/docker.tar:two",
    "docker-archive:M/docker.tar:example.org/some/two:latest",
    "docker-archive:M/docker.tar.gz",
  })
  void writeTo_imageOfTwoLayers_isAsUmociUnpacksIt(String source, @TempDir Path folder)
      throws Exception {
    Path to = folder.resolve("to");
    Images.unpack(source.replace("M", made.toString()), to, Map.of());
    assertThat(TreeListing.of(to)).isEqualTo(unpacked).hasSizeGreaterThan(15);
    assertThat(to.resolve("etc/gone")).doesNotExist();
    assertThat(to.resolve("var/link/f")).hasContent("through\n");
  }

  @Test
  void writeTo_imageOfBuildah_hasItsFiles(@TempDir Path folder) throws Exception {
    Images.shell(
        folder,
        """
        export STORAGE_DRIVER=vfs; S="--root $PWD/storage --runroot $PWD/run"
        c=$(buildah $S from scratch); echo hi > f; buildah $S copy $c f /etc/f
        buildah $S config --env A=b --user 7 $c; buildah $S commit $c oci:$PWD/out:x
        buildah $S rm $c
        """);
    Images.unpack("oci:" + folder + "/out", folder.resolve("to"), Map.of());
    assertThat(folder.resolve("to/etc/f")).hasContent("hi\n");
    try (var image =
        new SourceSpelling("oci:" + folder + "/out").open(Optional.empty(), Map.of())) {
      assertThat(image.config().orElseThrow().environment()).contains("A=b");
      assertThat(image.config().orElseThrow().user()).isEqualTo("7");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "oci:M/oci, it contains several images",
    "oci:M/oci:none, no image \"none\" in it: one",
    "docker-archive:M/docker.tar:none, no image \"none\" in it: example.org/some/two:latest",
    "docker-archive:M/archive.tar, not a Docker archive",
    "oci-archive:M/docker.tar, not an OCI archive",
    "oci:M/none, no such file",
  })
  void open_wrongName_tellsTheChoice(String source, String message) {
    SourceSpelling spelling = new SourceSpelling(source.replace("M", made.toString()));
    assertThatThrownBy(() -> spelling.open(Optional.empty(), Map.of()))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "printf x | dd of=$F bs=1 seek=60 conv=notrunc, damaged",
    "truncate -s -1 $F, cut short",
    "printf x >> $F, longer than its manifest says",
    "rm $F, is missing",
    ": > $F, cut short",
  })
  void writeTo_damagedBlob_isRefused(String damage, String message, @TempDir Path folder)
      throws Exception {
    Images.shell(
        folder, "cp -r " + made + "/oci oci; cd oci/blobs/sha256; F=$(ls -S | head -1); " + damage);
    assertThatThrownBy(
            () -> Images.unpack("oci:" + folder + "/oci:two", folder.resolve("to"), Map.of()))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining(message);
  }

  @Test
  void open_everyBlobOfMetadataDamaged_isRefused(@TempDir Path folder) throws Exception {
    Images.shell(
        folder,
        "cp -r "
            + made
            + "/oci oci; cd oci/blobs/sha256; for f in $(grep -l mediaType *) $(grep -l rootfs *);"
            + " do printf ' ' >> $f; done");
    assertThatThrownBy(
            () -> Images.unpack("oci:" + folder + "/oci:two", folder.resolve("to"), Map.of()))
        .hasMessageContaining("longer than its manifest says");
    assertThat(folder.resolve("to")).isEmptyDirectory();
  }

  @Test
  void open_indexOfSeveralPlatforms_choosesByArchitecture(@TempDir Path folder) throws Exception {
    Images.shell(
        folder,
        """
        umoci init --layout oci
        for a in amd64 arm64 arm; do umoci new --image oci:$a
          umoci config --image oci:$a --architecture $a --os linux; done
        """);
    addPlatforms(folder.resolve("oci"));
    SourceSpelling spelling = new SourceSpelling("oci:" + folder + "/oci");
    for (String name : new String[] {"amd64", "aarch64", "armhf", "arm/v7", "x86_64"}) {
      assertThatThrownBy(() -> spelling.open(Optional.of(name), Map.of()))
          .hasMessageContaining("a manifest of 0 layers");
    }
    assertThatThrownBy(() -> spelling.open(Optional.of("s390x"), Map.of()))
        .hasMessageContaining("no image for s390x, but for amd64, arm/v7, arm64: --arch");
    assertThat(Files.exists(folder.resolve("oci/index.json"))).isTrue();
  }

  /** There is no index that offers a choice. */
  @ParameterizedTest
  @ValueSource(
      strings = {"oci:M/oci:two", "oci-archive:M/archive.tar", "docker-archive:M/docker.tar"})
  void open_onlyImageIsForAnotherPlatformThanAskedFor_isRefused(String source) throws Exception {
    SourceSpelling spelling = new SourceSpelling(source.replace("M", made.toString()));
    assertThatThrownBy(() -> spelling.open(Optional.of("armhf"), Map.of()))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining("is for amd64, not for arm/v7");
    spelling.open(Optional.of("x86_64"), Map.of()).close();
  }

  /** Puts what the index of a layout lists into an index of its own, by platform. */
  private static void addPlatforms(Path layout) throws Exception {
    Path file = layout.resolve("index.json");
    JsonObject index = JsonText.object(Files.readAllBytes(file), "index");
    for (JsonObject manifest : JsonText.objects(index, "manifests")) {
      JsonObject platform = new JsonObject();
      String name =
          JsonText.string(
                  manifest.getAsJsonObject("annotations"), "org.opencontainers.image.ref.name")
              .orElseThrow();
      platform.addProperty("os", "linux");
      platform.addProperty("architecture", name);
      if (name.equals("arm")) {
        platform.addProperty("variant", "v7");
      }
      manifest.remove("annotations");
      manifest.add("platform", platform);
    }
    byte[] inner = index.toString().getBytes(StandardCharsets.UTF_8);
    ContentDigest digest = ContentDigest.of(inner);
    Files.write(layout.resolve("blobs/sha256").resolve(digest.hex()), inner);
    Files.writeString(
        file, "{\"manifests\":[{\"size\":" + inner.length + ",\"digest\":\"" + digest + "\"}]}");
  }
}
