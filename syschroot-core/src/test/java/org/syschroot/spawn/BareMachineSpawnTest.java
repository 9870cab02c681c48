// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.Syschroot;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.ImageName;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.RequiresRoot;
import org.syschroot.testing.TellProgram;

/** What a switched process is given and gives back, on a machine that has nothing but a JDK. */
@RequiresRoot
class BareMachineSpawnTest {
  @TempDir private static Path directory;

  private Image image;
  private Syschroot syschroot;

  @BeforeEach
  void makeImage() throws IOException {
    Path root = directory.resolve("bare");
    if (!Files.exists(root)) {
      TellProgram.tree(root);
    }
    image =
        Image.builder(new ImageName("bare"), HostPath.of(root.toString()))
            .directoryPolicy(DirectoryPolicy.ROOT)
            .mounts(MountPlan.empty())
            .build();
    syschroot = Syschroot.of(ImageCatalog.of(List.of(image)));
  }

  private Spawn tell(SwitchRequest request) {
    return syschroot.prepare(request.emptyEnvironment(true));
  }

  private SwitchRequest request(String... arguments) {
    return SwitchRequest.in(image)
        .directory("/")
        .command(
            IntStream.rangeClosed(0, arguments.length)
                .mapToObj(i -> OsString.of(i == 0 ? "/tell" : arguments[i - 1]))
                .toList());
  }

  private static String out(SwitchedProcess process) throws IOException {
    process.getOutputStream().close();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void start_argumentsAndDirectory_areTheRequestsInTheImage() throws Exception {
    SwitchedProcess process = tell(request("", "a b", "c\nd").directory("/mnt")).start();
    assertThat(out(process)).startsWith("/tell\0\0a b\0c\nd\0\n").endsWith("\n/mnt\0\n");
    assertThat(process.waitFor()).isEqualTo(4);
  }

  @Test
  void start_bytesThatAreNotUtf8_arrive() throws Exception {
    OsString odd = OsString.ofBytes(new byte[] {(byte) 0xff, 'x', (byte) 0x80});
    SwitchRequest request =
        SwitchRequest.in(image)
            .directory("/")
            .command(List.of(OsString.of("/tell"), odd))
            .variable(OsString.of("ODD"), odd);
    SwitchedProcess process = tell(request).start();
    assertThat(out(process)).startsWith("/tell\0\u00ffx\u0080\0\n").contains("ODD=\u00ffx\u0080\0");
  }

  @Test
  void start_environment_isTheRequestsAlone() throws Exception {
    String out = out(tell(request().variable("A", "b").variable("EMPTY", "")).start());
    List<String> entries = List.of(out.split("\n")[1].split("\0"));
    assertThat(entries).contains("A=b", "EMPTY=").noneMatch(entry -> entry.startsWith("HOME="));
  }

  @Test
  void start_input_comesBackWhole() throws Exception {
    byte[] input = new byte[1 << 20];
    new java.util.Random(1).nextBytes(input);
    Path file = Files.write(directory.resolve("input"), input);
    File output = directory.resolve("output").toFile();
    SwitchedProcess process =
        tell(request())
            .redirectInput(file.toFile())
            .redirectOutput(output)
            .redirectError(Redirect.DISCARD)
            .start();
    assertThat(process.waitFor()).isEqualTo(1);
    byte[] told = Files.readAllBytes(output.toPath());
    assertThat(java.util.Arrays.copyOfRange(told, told.length - input.length, told.length))
        .isEqualTo(input);
  }

  @Test
  void destroy_whileItReads_endsItBySigterm() throws Exception {
    SwitchedProcess process = tell(request()).start();
    assertThat(process.waitFor(20, TimeUnit.MILLISECONDS)).isFalse();
    process.destroy();
    assertThat(process.waitFor()).isEqualTo(128 + 15);
  }

  @Test
  void start_pipeline_passesOn() throws Exception {
    List<SwitchedProcess> both =
        Spawn.startPipeline(List.of(tell(request("first")), tell(request("second"))));
    both.get(0).getOutputStream().close();
    String out =
        new String(both.get(1).getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    assertThat(out).startsWith("/tell\0second\0\n").contains("\n/\0\n/tell\0first\0\n");
    assertThat(both.get(0).waitFor()).isEqualTo(2);
  }

  @Test
  void start_programThatIsMissing_namesIt() {
    Spawn spawn = syschroot.prepare(SwitchRequest.in(image).directory("/").command("/missing"));
    assertThatThrownBy(spawn::start)
        .isInstanceOf(SwitchException.class)
        .hasMessageContaining("/missing");
  }
}
