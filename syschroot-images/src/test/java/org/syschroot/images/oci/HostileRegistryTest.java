// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.images.archive.MadeTar;
import org.syschroot.images.tree.SourceException;

/** A registry that answers wrongly, late, half, or with somebody else's address. */
class HostileRegistryTest {
  private interface Answer {
    /** Returns whether it has answered. */
    boolean to(HttpExchange exchange) throws IOException;
  }

  @TempDir Path folder;
  private HttpServer server;
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
  private final byte[] layer = new MadeTar().add('0', "etc/f", "", "content").bytes();
  private final byte[] config =
      bytes(
          "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"diff_ids\":[\""
              + ContentDigest.of(layer)
              + "\"]}}");
  private byte[] manifest = manifest(layer.length);
  private Answer answer = exchange -> false;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private byte[] manifest(long sizeOfLayer) {
    return bytes(
        "{\"schemaVersion\":2,\"config\":{\"digest\":\""
            + ContentDigest.of(config)
            + "\",\"size\":"
            + config.length
            + "},\"layers\":[{\"digest\":\""
            + ContentDigest.of(layer)
            + "\",\"size\":"
            + sizeOfLayer
            + "}]}");
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    seen.add(path + " " + exchange.getRequestHeaders().getFirst("Authorization"));
    try (exchange) {
      if (!answer.to(exchange)) {
        if (path.contains("/manifests/")) {
          send(exchange, 200, manifest);
        } else if (path.endsWith(ContentDigest.of(config).toString())) {
          send(exchange, 200, config);
        } else if (path.endsWith(ContentDigest.of(layer).toString())) {
          send(exchange, 200, layer);
        } else {
          send(exchange, 404, new byte[0]);
        }
      }
    }
  }

  private static boolean send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    return true;
  }

  private static boolean isLayer(HttpExchange exchange, byte[] content) {
    return exchange.getRequestURI().getPath().endsWith(ContentDigest.of(content).toString());
  }

  private String source() {
    return "docker://127.0.0.1:" + server.getAddress().getPort() + "/some/image:1";
  }

  private void unpack(Map<String, String> environment) throws IOException {
    Images.unpack(source(), folder.resolve("to"), environment);
  }

  private void requireRefused(String message) {
    assertThatThrownBy(() -> unpack(Map.of()))
        .isInstanceOf(SourceException.class)
        .hasMessageContaining(message);
  }

  @Test
  void unpack_rightAnswers_isUnpacked() throws Exception {
    unpack(Map.of());
    assertThat(folder.resolve("to/etc/f")).hasContent("content");
  }

  @Test
  void unpack_wrongContent_isRefused() {
    byte[] other = layer.clone();
    other[600] ^= 1;
    answer = exchange -> isLayer(exchange, layer) && send(exchange, 200, other);
    requireRefused("has the digest sha256:");
  }

  @Test
  void unpack_sizeThatLies_isRefused() {
    manifest = manifest(layer.length - 1);
    requireRefused("longer than its manifest says");
    manifest = manifest(layer.length + 1);
    requireRefused("cut short");
    manifest = manifest(1L << 62);
    requireRefused("no space left");
    manifest = manifest(-1);
    requireRefused("negative size");
  }

  @Test
  void unpack_halfAnAnswer_isAskedForAgainAndThenRefused() throws Exception {
    AtomicInteger halves = new AtomicInteger();
    answer =
        exchange -> {
          if (isLayer(exchange, layer) && halves.getAndIncrement() < 1) {
            exchange.sendResponseHeaders(200, layer.length);
            exchange.getResponseBody().write(layer, 0, layer.length / 2);
            return true;
          }
          return false;
        };
    unpack(Map.of());
    assertThat(folder.resolve("to/etc/f")).hasContent("content");
    halves.set(-1000);
    requireRefused("cut short");
    assertThat(halves.get()).isEqualTo(-997);
  }

  @Test
  void open_halfAManifestOrConfiguration_isAskedForAgainAndThenRefused() throws Exception {
    for (byte[] text : List.of(manifest, config)) {
      AtomicInteger halves = new AtomicInteger();
      answer =
          exchange -> {
            boolean asked =
                text == manifest
                    ? exchange.getRequestURI().getPath().contains("/manifests/")
                    : isLayer(exchange, config);
            if (asked && halves.getAndIncrement() < 1) {
              exchange.sendResponseHeaders(200, text.length);
              exchange.getResponseBody().write(text, 0, text.length / 2);
              return true;
            }
            return false;
          };
      unpack(Map.of());
      assertThat(folder.resolve("to/etc/f")).hasContent("content");
      halves.set(-1000);
      requireRefused("cut short");
      assertThat(halves.get()).isEqualTo(-997);
    }
  }

  @Test
  void unpack_tooManyRequests_isAskedForAgain() throws Exception {
    AtomicInteger left = new AtomicInteger(2);
    answer =
        exchange -> {
          if (left.getAndDecrement() > 0) {
            exchange.getResponseHeaders().add("Retry-After", "1");
            return send(exchange, 429, new byte[0]);
          }
          return false;
        };
    unpack(Map.of());
    assertThat(folder.resolve("to/etc/f")).exists();
  }

  /** A layer that is refused is not asked for again; only a busy registry is. */
  @Test
  void unpack_layerThatIsRefused_isAskedForOnce() {
    AtomicInteger asked = new AtomicInteger();
    answer =
        exchange -> {
          if (!isLayer(exchange, layer)) {
            return false;
          }
          asked.incrementAndGet();
          return send(exchange, 404, new byte[0]);
        };
    requireRefused("there is no blobs/sha256:");
    assertThat(asked).hasValue(1);
  }

  @Test
  void open_statusesOfFailure_areSaid() {
    answer = exchange -> send(exchange, 403, new byte[0]);
    requireRefused("is denied (HTTP 403)");
    answer = exchange -> send(exchange, 404, new byte[0]);
    requireRefused("there is no manifests/1 in some/image");
    answer = exchange -> send(exchange, 418, new byte[0]);
    requireRefused("with HTTP 418");
    answer = exchange -> send(exchange, 401, new byte[0]);
    requireRefused("is denied (HTTP 401)");
  }

  @Test
  void open_manifestsOfAllKindsOfNonsense_areRefused() {
    for (String text :
        List.of(
            "",
            "[]",
            "{}",
            "null",
            "{\"manifests\":[]}",
            "{\"manifests\":7}",
            "<html>",
            "{\"config\":{},\"layers\":[]}",
            "{\"config\":{\"digest\":\"sha256:../../etc/passwd\",\"size\":1},\"layers\":[]}",
            "{\"schemaVersion\":1,\"fsLayers\":[]}",
            "[".repeat(100_000),
            " ".repeat(5 << 20))) {
      manifest = bytes(text);
      assertThatThrownBy(() -> unpack(Map.of())).isInstanceOf(SourceException.class);
    }
  }

  @Test
  void open_digestOfHeaderThatDiffers_isRefused() {
    answer =
        exchange -> {
          exchange
              .getResponseHeaders()
              .add("Docker-Content-Digest", ContentDigest.of(layer).toString());
          return false;
        };
    requireRefused("has the digest sha256:");
  }

  @Test
  void open_manifestOfAnotherDigestThanAskedFor_isRefused() throws Exception {
    for (String algorithm : List.of("sha256", "sha512")) {
      ContentDigest kind = new ContentDigest(algorithm, "");
      String repository = source().replaceAll(":1$", "@");
      Images.unpack(
          repository + kind.ofSameKind(manifest), folder.resolve("to-" + algorithm), Map.of());
      assertThatThrownBy(
              () ->
                  Images.unpack(
                      repository + kind.ofSameKind(layer), folder.resolve("other"), Map.of()))
          .isInstanceOf(SourceException.class)
          .hasMessageContaining("has the digest " + kind.ofSameKind(manifest));
    }
  }

  @Test
  void open_redirectionToAnotherHost_takesNoLoginAlong() throws Exception {
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.createContext(
        "/",
        exchange -> {
          seen.add("other " + exchange.getRequestHeaders().getFirst("Authorization"));
          try (exchange) {
            send(exchange, 200, layer);
          }
        });
    other.start();
    answer =
        exchange -> {
          if (exchange.getRequestHeaders().getFirst("Authorization") == null) {
            exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"x\"");
            return send(exchange, 401, new byte[0]);
          }
          if (isLayer(exchange, layer)) {
            String place = "http://127.0.0.1:" + other.getAddress().getPort() + "/layer";
            exchange.getResponseHeaders().add("Location", place);
            return send(exchange, 307, new byte[0]);
          }
          return false;
        };
    Path logins = folder.resolve("auth.json");
    String auth = Base64.getEncoder().encodeToString(bytes("alice:secret"));
    String key = "127.0.0.1:" + server.getAddress().getPort();
    Files.writeString(logins, "{\"auths\":{\"" + key + "\":{\"auth\":\"" + auth + "\"}}}");
    try {
      unpack(Map.of("REGISTRY_AUTH_FILE", logins.toString()));
    } finally {
      other.stop(0);
    }
    assertThat(seen).contains("other null").anyMatch(line -> line.contains("Basic " + auth));
  }

  @Test
  void open_tokenFromElsewhere_isAskedForOnlyEncrypted() {
    answer =
        exchange -> {
          exchange
              .getResponseHeaders()
              .add("WWW-Authenticate", "Bearer realm=\"ftp://example.org/token\",service=\"x\"");
          return send(exchange, 401, new byte[0]);
        };
    requireRefused("which does not use HTTPS");
  }

  @Test
  void open_token_isSentAlong() throws Exception {
    answer =
        exchange -> {
          if (exchange.getRequestURI().getPath().equals("/token")) {
            assertThat(exchange.getRequestURI().getQuery())
                .isEqualTo("service=reg&scope=repository:some/image:pull");
            return send(exchange, 200, bytes("{\"token\":\"abc\"}"));
          }
          if (!"Bearer abc".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            String realm = "http://127.0.0.1:" + server.getAddress().getPort() + "/token";
            exchange
                .getResponseHeaders()
                .add(
                    "WWW-Authenticate",
                    "Bearer realm=\""
                        + realm
                        + "\",service=\"reg\",scope=\"repository:some/image:pull\"");
            return send(exchange, 401, new byte[0]);
          }
          return false;
        };
    unpack(Map.of());
    assertThat(folder.resolve("to/etc/f")).exists();
  }

  @Test
  void open_redirectionsWithoutEnd_areGivenUp() {
    answer =
        exchange -> {
          exchange.getResponseHeaders().add("Location", exchange.getRequestURI().toString());
          return send(exchange, 307, new byte[0]);
        };
    requireRefused("consecutive redirections");
  }
}
