// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/**
 * {@code create --from docker://...} from a registry that has what umoci(1) made, and answers some
 * requests wrongly: an image, or a message and nothing else.
 */
@RequiresRoot
@RequiresCommand({"busybox", "umoci"})
class CreateFromRegistryIT {
  private static final Pattern DIGEST = Pattern.compile("\"(sha256:[0-9a-f]{64})\"");
  private static final int HALF = -1;
  private static final int WRONG = -2;
  private static final int SLOW = -3;

  /** What umoci has made, once for all tests: each has a copy. */
  @TempDir private static Path made;

  private TestSite site;
  private Path work;
  private HttpServer server;
  private ExecutorService threads;
  private String manifest = "";
  private String config = "";
  private String layer = "";
  private String failing = "";
  private int status;
  private final List<String> asked = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void makeImage() throws Exception {
    String script =
        """
        umoci init --layout oci; umoci new --image oci:x
        umoci config --image oci:x --architecture amd64
        umoci unpack --image oci:x one; cd one/rootfs; mkdir bin; cp /bin/busybox bin/
        ln -s busybox bin/sh; ln -s busybox bin/cat; echo new > issue; cd ../..
        umoci repack --image oci:x one
        """;
    Outcome outcome = Program.of("sh", "-e", "-c", script).in(made).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }

  @BeforeEach
  void make() throws Exception {
    site = TestSite.empty();
    work = Files.createTempDirectory(site.directory().getParent(), "registry");
    String copy = "chmod 755 . && cp -a \"$0/oci\" .";
    Outcome outcome = Program.of("sh", "-c", copy, made.toString()).in(work).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    String index = Files.readString(work.resolve("oci/index.json"));
    manifest = digests(index)[0];
    String[] parts = digests(Files.readString(blob(manifest)));
    config = parts[0];
    layer = parts[1];
    assertThat(parts).hasSize(2);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    threads = Executors.newCachedThreadPool();
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  @AfterEach
  void remove() throws Exception {
    server.stop(0);
    threads.shutdownNow();
    // Nothing is ever mounted in it.
    Program.of("rm", "-rf", "--one-file-system", work.toString()).run();
    site.close();
  }

  private static String[] digests(String text) {
    Matcher matcher = DIGEST.matcher(text);
    return matcher.results().map(result -> result.group(1)).toArray(String[]::new);
  }

  private Path blob(String digest) {
    return work.resolve("oci/blobs").resolve(digest.replace(':', '/'));
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    asked.add(path);
    String name = path.substring(path.lastIndexOf('/') + 1);
    try (exchange) {
      byte[] body = Files.readAllBytes(blob(name.startsWith("sha256:") ? name : manifest));
      if (!path.contains(failing)) {
        send(exchange, body, body.length);
      } else if (status == HALF) {
        send(exchange, body, body.length / 2);
      } else if (status == SLOW) {
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body, 0, body.length / 2);
        exchange.getResponseBody().flush();
        pause();
        exchange.getResponseBody().write(body, body.length / 2, body.length - body.length / 2);
      } else if (status == WRONG) {
        body[body.length / 2] ^= 1;
        send(exchange, body, body.length);
      } else {
        exchange.getResponseHeaders().add("Retry-After", "1");
        exchange.sendResponseHeaders(status, -1);
      }
    }
  }

  /** Long enough for a command to show how much of the layer has come. */
  private static void pause() {
    try {
      Thread.sleep(1500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, byte[] body, int length) throws IOException {
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(Arrays.copyOf(body, length));
  }

  private String source() {
    return "docker://127.0.0.1:" + server.getAddress().getPort() + "/some/image:1";
  }

  private Program create(Path root) {
    return Program.of(words(root)).in(work);
  }

  private List<String> words(Path root) {
    return List.of(
        TestImages.command().toString(),
        "create",
        "made",
        "--config",
        site.directory().toString(),
        "--root",
        root.toString(),
        "--from",
        source());
  }

  private void fail(String part, int with) {
    failing =
        switch (part) {
          case "manifest" -> "/manifests/";
          case "config" -> config;
          case "layer" -> layer;
          default -> "/v2/";
        };
    status = with;
  }

  private void requireNothing(Path root) throws IOException {
    assertThat(root).doesNotExist();
    assertThat(site.directory().resolve("images.d")).isEmptyDirectory();
  }

  @Test
  void create_rightAnswers_commandsRunInIt() throws Exception {
    fail("layer", 200);
    failing = "nothing";
    Outcome outcome = create(work.resolve("root")).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(Files.readString(site.file("made"), StandardCharsets.UTF_8))
        .startsWith("# created from " + source() + " (" + manifest + ")");
    assertThat(site.run("made", "-d", "/", "--", "/bin/cat", "/issue").outText())
        .isEqualTo("new\n");
  }

  @Test
  void create_slowRegistry_showsHowMuchHasComeOnATerminalOnly() throws Exception {
    fail("layer", SLOW);
    String words =
        String.join(
            " ",
            List.of(
                TestImages.command().toString(),
                "create made --config",
                site.directory().toString(),
                "--from",
                source(),
                "--root "));
    Outcome terminal =
        Program.of("script", "-qec", words + work + "/root", "/dev/null").in(work).run();
    double whole = Files.size(blob(layer)) / 1e6;
    String half = String.format(Locale.ROOT, "loading, %.1f of %.1f MB", whole / 2, whole);
    assertThat(terminal.outText()).contains("\r\033[K" + source() + ": " + half);
    Files.delete(site.file("made"));
    Outcome piped = Program.of("sh", "-c", words + work + "/second").in(work).run();
    assertThat(piped.status()).isZero();
    assertThat(piped.outText() + piped.errText()).doesNotContain("loading", "\r");
  }

  /** Where the kernel has no emulator, whatever the machine of the test has. */
  @Test
  void create_imageForAnotherProcessor_isRefusedBeforeItsLayersAreLoaded() throws Exception {
    failing = "nothing";
    Program.of("umoci", "config", "--image", "oci:x", "--architecture", "s390x").in(work).run();
    manifest = digests(Files.readString(work.resolve("oci/index.json")))[0];
    String script = "mount -t tmpfs none /proc/sys/fs/binfmt_misc; exec \"$@\"";
    List<String> words =
        new ArrayList<>(List.of("unshare", "-m", "--propagation", "private", "sh", "-ec", script));
    words.add("sh");
    words.addAll(words(work.resolve("root")));
    Outcome outcome = Program.of(words).in(work).run();
    assertThat(outcome.status()).as("%s", outcome).isEqualTo(125);
    assertThat(outcome.errText())
        .contains("programs for s390x do not run on this host", "no emulator")
        .contains("hint: apt-get install qemu-user-static");
    requireNothing(work.resolve("root"));
    assertThat(asked).hasSize(2).noneMatch(path -> path.endsWith(layer));
  }

  @ParameterizedTest
  @CsvSource({
    "all, 401, is denied (HTTP 401): check the name or log in: skopeo login",
    "layer, 401, is denied (HTTP 401)",
    "manifest, 404, there is no manifests/1 in some/image",
    "layer, 404, there is no blobs/sha256:",
    "layer, 503, with HTTP 503",
    "manifest, -1, cut short",
    "config, -1, cut short",
    "config, 404, there is no blobs/sha256:",
    "layer, -1, cut short",
    "manifest, -2, damaged",
    "layer, -2, has the digest sha256:",
  })
  void create_registryThatFails_nothingIsLeft(String part, int with, String message)
      throws Exception {
    requireFailure(part, with, message);
  }

  private void requireFailure(String part, int with, String message) throws Exception {
    fail(part, with);
    Path root = work.resolve("root");
    Outcome outcome = create(root).run();
    assertThat(outcome.status()).as("%s", outcome).isEqualTo(125);
    assertThat(outcome.errText().replace("name, or", "name or"))
        .contains("docker://127.0.0.1", message);
    requireNothing(root);
    assertThat(Path.of("/var/tmp").toFile().list((folder, name) -> name.endsWith(".part")))
        .isEmpty();
  }

  /** Each refusal is waited for, four seconds in all: of a layer only in the heavy dose. */
  @Test
  void create_registryThatIsBusy_waitsAndThenNothingIsLeft() throws Exception {
    for (String part : Dose.isHeavy() ? List.of("manifest", "layer") : List.of("manifest")) {
      asked.clear();
      long start = System.nanoTime();
      requireFailure(part, 429, "too many requests (HTTP 429); try again later");
      assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.SECONDS.toNanos(4));
      assertThat(asked.stream().filter(path -> path.contains(failing))).hasSize(5);
    }
  }

  /** The manifest of a digest that was asked for says which size the layer has. */
  @ParameterizedTest
  @CsvSource({
    "1, longer than its manifest says",
    "9223372036854775807, no space left in /var/tmp",
    "-1, negative size",
  })
  void create_manifestThatLiesAboutSizes_nothingIsLeft(String size, String message)
      throws Exception {
    String text = Files.readString(blob(manifest));
    String lying = text.replaceAll("(\"digest\":\"" + layer + "\",\"size\":)[0-9]+", "$1" + size);
    assertThat(lying).isNotEqualTo(text);
    Files.writeString(blob(manifest), lying);
    failing = "nothing";
    Path root = work.resolve("root");
    Outcome outcome = create(root).run();
    assertThat(outcome.status()).as("%s", outcome).isEqualTo(125);
    assertThat(outcome.errText()).contains(message);
    requireNothing(root);
  }

  /** The layer is loaded into a temporary file, and unpacked into the root directory. */
  @ParameterizedTest
  @CsvSource({"/var/tmp, no space left in /var/tmp", "small, no space left on the filesystem"})
  void create_fullFilesystem_isCleanedUp(String where, String message) throws Exception {
    failing = "nothing";
    Files.createDirectory(work.resolve("small"));
    String script =
        "mount -t tmpfs -o size=512k,mode=755 none \"$0\"; shift 0; \"$@\" 2>&1; echo $?;"
            + " ls -A small \"$0\"";
    List<String> words = new ArrayList<>(List.of("unshare", "-m", "sh", "-c", script, where));
    words.addAll(words(work.resolve("small/root")));
    Outcome outcome = Program.of(words).in(work).run();
    assertThat(outcome.outText()).contains(message).contains("\n125\n").doesNotContain("root\n");
    assertThat(site.directory().resolve("images.d")).isEmptyDirectory();
  }
}
