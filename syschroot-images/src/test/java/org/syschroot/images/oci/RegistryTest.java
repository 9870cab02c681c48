// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.images.tree.SourceException;
import org.syschroot.images.tree.TreeListing;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Debian's docker-registry on loopback, with and without a login. */
@RequiresRoot
@RequiresCommand({"umoci", "skopeo", "docker-registry", "setcap"})
class RegistryTest {
  @TempDir static Path folder;
  private static Process registry;
  private static String host = "";
  private static Map<String, String> login = Map.of();

  @BeforeAll
  static void startRegistry() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    host = "127.0.0.1:" + port;
    Files.writeString(
        folder.resolve("config.yml"),
        """
        version: 0.1
        log: {level: error, accesslog: {disabled: true}}
        storage: {filesystem: {rootdirectory: FOLDER/data}}
        http: {addr: HOST}
        auth: {htpasswd: {realm: test, path: FOLDER/passwords}}
        """
            .replace("FOLDER", folder.toString())
            .replace("HOST", host));
    // What "htpasswd -B" writes for the password "secret".
    Files.writeString(
        folder.resolve("passwords"),
        "alice:$2y$05$julotYtVnnCA/MXu9hKaNe.1zkD.CXv8XLaTQVhCVEQ86eUJBFIMO\n");
    registry =
        new ProcessBuilder("docker-registry", "serve", folder.resolve("config.yml").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    awaitPort(port);
    Path logins = folder.resolve("auth.json");
    String auth = Base64.getEncoder().encodeToString("alice:secret".getBytes());
    Files.writeString(logins, "{\"auths\":{\"" + host + "\":{\"auth\":\"" + auth + "\"}}}");
    login = Map.of("REGISTRY_AUTH_FILE", logins.toString());
    Images.shell(
        folder,
        Images.TWO_LAYERS
            + "skopeo copy -q --dest-tls-verify=false --dest-creds alice:secret oci:oci:two docker://"
            + host
            + "/some/two:1");
  }

  private static void awaitPort(int port) throws Exception {
    for (int attempt = 0; ; attempt++) {
      try {
        new Socket("127.0.0.1", port).close();
        return;
      } catch (IOException e) {
        assertThat(registry.isAlive() && attempt < 600)
            .as(Files.readString(folder.resolve("log")))
            .isTrue();
        Thread.sleep(20);
      }
    }
  }

  @AfterAll
  static void stopRegistry() throws Exception {
    if (registry != null) {
      registry.destroy();
      registry.waitFor();
    }
  }

  @Test
  void unpack_imageOfRegistry_isAsUmociUnpacksIt(@TempDir Path to) throws Exception {
    Images.unpack("docker://" + host + "/some/two:1", to.resolve("a"), login);
    Images.shell(folder, "umoci unpack --image oci:two umoci; chmod 755 umoci/rootfs");
    assertThat(TreeListing.of(to.resolve("a")))
        .isEqualTo(TreeListing.of(folder.resolve("umoci/rootfs")))
        .hasSizeGreaterThan(15);
  }

  @Test
  void unpack_byDigest_isTheSame(@TempDir Path to) throws Exception {
    String digest;
    String source = "docker://" + host + "/some/two";
    try (var image =
        new org.syschroot.images.source.SourceSpelling(source + ":1")
            .open(java.util.Optional.empty(), login)) {
      digest = image.digest().orElseThrow();
    }
    Images.unpack(source + "@" + digest, to.resolve("a"), login);
    assertThat(to.resolve("a/bin/sh")).exists();
    String other = digest.substring(0, digest.length() - 1) + (digest.endsWith("0") ? "1" : "0");
    assertThatThrownBy(() -> Images.unpack(source + "@" + other, to.resolve("b"), login))
        .hasMessageContaining("HTTP 404");
  }

  @Test
  void open_withoutOrWithWrongLogin_isDenied(@TempDir Path to) throws Exception {
    Path wrong = to.resolve("auth.json");
    String auth = Base64.getEncoder().encodeToString("alice:wrong".getBytes());
    Files.writeString(wrong, "{\"auths\":{\"" + host + "/some\":{\"auth\":\"" + auth + "\"}}}");
    for (Map<String, String> environment :
        java.util.List.of(
            Map.<String, String>of(), Map.of("REGISTRY_AUTH_FILE", wrong.toString()))) {
      assertThatThrownBy(() -> Images.unpack("docker://" + host + "/some/two:1", to, environment))
          .isInstanceOf(SourceException.class)
          .hasMessageContaining("is denied (HTTP 401)")
          .hasMessageContaining("skopeo login " + host);
    }
  }

  @Test
  void open_unknownTagOrRepository_isNotThere(@TempDir Path to) {
    for (String name : new String[] {"some/two:2", "other:1"}) {
      assertThatThrownBy(() -> Images.unpack("docker://" + host + "/" + name, to, login))
          .isInstanceOf(SourceException.class)
          .hasMessageContaining("HTTP 404");
    }
  }
}
