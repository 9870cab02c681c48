// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.kernel.LinuxProcessCalls;

@Timeout(60)
class DebootstrapImageTest {
  private static final String MIRROR = "http://a.example.org/debian";

  @TempDir Path directory;
  private Path program;
  private Path root;
  private final List<String> lines = new ArrayList<>();

  @BeforeEach
  void createHost() throws IOException {
    directory = directory.toRealPath();
    program = directory.resolve("bin/debootstrap");
    Files.createDirectory(program.getParent());
    root = directory.resolve("image");
    Files.createDirectories(directory.resolve("etc/apt"));
    Files.writeString(directory.resolve("etc/os-release"), "VERSION_CODENAME=woody\n");
    Files.writeString(directory.resolve("etc/apt/sources.list"), "deb " + MIRROR + " woody main\n");
  }

  private DebootstrapImage fake(String script) throws IOException {
    assumeTrue(LinuxProcessCalls.running().effectiveUid() == 0, "needs root");
    Files.writeString(program, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return new DebootstrapImage(program, AptSources.of(directory));
  }

  private static Bootstrap bootstrap(String suite) {
    return new Bootstrap(suite, Optional.empty(), Optional.empty());
  }

  private String mounts() throws IOException {
    return Files.readString(Path.of("/proc/self/mountinfo"));
  }

  @Test
  void create_arguments_areDebootstraps() throws IOException {
    DebootstrapImage image = fake("printf '%s\\n' \"$@\"\necho err >&2\n");
    String mirror = image.create(root, bootstrap("woody"), lines::add);
    assertThat(lines).containsExactly("--variant=minbase", "woody", root.toString(), MIRROR, "err");
    assertThat(mirror).isEqualTo(MIRROR);
    assertThat(root).isDirectory();
  }

  @Test
  void create_archAndMirror_arePassedOn() throws IOException {
    String other = "https://b.example.org/ubuntu";
    Bootstrap bootstrap = new Bootstrap("noble", Optional.of("i386"), Optional.of(other));
    assertThat(fake("printf '%s\\n' \"$@\"\n").create(root, bootstrap, lines::add))
        .isEqualTo(other);
    assertThat(lines)
        .containsExactly("--variant=minbase", "--arch=i386", "noble", root.toString(), other);
  }

  @Test
  void create_environment_isTheCallersWithAPath() throws IOException {
    DebootstrapImage image =
        fake("env | grep -e ^PATH= -e proxy -e ^HOME=\n")
            .withEnvironment(Map.of("http_proxy", "http://proxy.example.org:3128"));
    image.create(root, bootstrap("woody"), lines::add);
    assertThat(lines).hasSize(2).contains("http_proxy=http://proxy.example.org:3128");
    assertThat(lines).anyMatch(line -> line.startsWith("PATH=") && line.contains("/usr/sbin"));
  }

  @Test
  void create_mountsMadeMeanwhile_areNotTheHosts() throws IOException {
    DebootstrapImage image =
        fake(
            "mkdir \"$3/proc\" && mount -t proc none \"$3/proc\" && grep -c \"$3/proc\""
                + " /proc/self/mountinfo\nexit 3\n");
    assertThatThrownBy(() -> image.create(root, bootstrap("woody"), lines::add))
        .isInstanceOf(CreateException.class);
    assertThat(lines).containsExactly("1");
    assertThat(mounts()).doesNotContain(root.toString());
    assertThat(root).doesNotExist();
  }

  @Test
  void create_failure_hasLastLinesAndLeavesNothing() throws IOException {
    DebootstrapImage image =
        fake(
            "mkdir -p \"$3/debootstrap\" \"$3/etc\"; ln -s / \"$3/etc/link\"\n"
                + "echo dpkg is unhappy > \"$3/debootstrap/debootstrap.log\"\n"
                + "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo \"line $i\"; done; exit 7\n");
    String tail =
        IntStream.rangeClosed(3, 12).mapToObj(i -> "\n  line " + i).collect(Collectors.joining());
    assertThatThrownBy(() -> image.create(root, bootstrap("woody"), lines::add))
        .isInstanceOf(CreateException.class)
        .hasMessage(
            ("cannot create the image in " + root + ": ")
                + (program + " --variant=minbase woody " + root + " " + MIRROR)
                + (" ended with status 7 (all created files were deleted)" + tail)
                + ("\n  the last lines of " + root)
                + "/debootstrap/debootstrap.log:\n  dpkg is unhappy");
    assertThat(lines).hasSize(12);
    assertThat(root).doesNotExist();
  }

  @Test
  void create_failureInExistingRoot_emptiesIt() throws IOException {
    DebootstrapImage image = fake("mkdir \"$3/etc\"; exit 1\n");
    Files.createDirectory(root);
    assertThatThrownBy(() -> image.create(root, bootstrap("woody"), lines::add))
        .isInstanceOf(CreateException.class);
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void create_interrupted_killsItAndLeavesNothing() throws IOException {
    DebootstrapImage image = fake("echo $$; touch \"$3/file\"; sleep 98761 & echo $!; wait\n");
    Thread caller = Thread.currentThread();
    assertThatThrownBy(
            () ->
                image.create(
                    root,
                    bootstrap("woody"),
                    line -> {
                      lines.add(line);
                      if (lines.size() == 2) {
                        caller.interrupt();
                      }
                    }))
        .isInstanceOf(CreateException.class)
        .hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(running("sleep\00098761\000")).isFalse();
    assertThat(root).doesNotExist();
  }

  private static boolean running(String commandLine) throws IOException {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        try {
          if (Files.readString(process.resolve("cmdline")).equals(commandLine)) {
            return true;
          }
        } catch (IOException ended) {
          // Since the directory was listed.
        }
      }
      return false;
    }
  }

  @Test
  void create_serviceThatStays_isEndedAndNotWaitedFor() throws IOException {
    DebootstrapImage image = fake("sleep 98762 & echo started\n");
    image.create(root, bootstrap("woody"), lines::add);
    assertThat(lines).containsExactly("started");
    assertThat(running("sleep\00098762\000")).isFalse();
  }

  @Test
  void create_fullRoot_isRefusedBeforeAnything() throws IOException {
    DebootstrapImage image = fake("touch \"$3/touched\"\n");
    assertThatThrownBy(() -> image.create(directory, bootstrap("woody"), lines::add))
        .isInstanceOf(CreateException.class)
        .hasMessage(
            directory
                + " exists and is not empty: use another root directory, or empty"
                + " it first");
    assertThat(directory.resolve("touched")).doesNotExist();
  }

  @Test
  void installed_missing_saysHowToInstall() throws IOException {
    AptSources sources = AptSources.of(directory);
    ProgramSearch search = ProgramSearch.along(program.getParent().toString());
    assertThatThrownBy(() -> DebootstrapImage.installed(search, sources))
        .isInstanceOf(CreateException.class)
        .hasMessage(
            "debootstrap is not installed (looked in "
                + program.getParent()
                + "): apt-get install debootstrap");
  }

  @Test
  void bootstrap_optionsInDisguise_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> bootstrap("--foreign"))
        .withMessage("\"--foreign\" is not the name of a suite: give a code name such as stable");
    assertThatIllegalArgumentException().isThrownBy(() -> bootstrap("../../tmp/evil"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Bootstrap("woody", Optional.of("A B"), Optional.empty()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Bootstrap("woody", Optional.empty(), Optional.of("-x")));
  }
}
