// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.sitecode;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** The jar as a site installs it, and the command that finds it. */
@InOwnMountNamespace
@RequiresCommand("busybox")
class SiteCodeIT {
  private static final Path CHECKOUT = Path.of(System.getProperty("syschroot.tests.checkout", "."));

  private Path config;

  @BeforeEach
  void install() throws Exception {
    // Beneath the checkout, since everything on the way to a configuration must be root's.
    Path parent = Files.createDirectories(CHECKOUT.resolve("target/it"));
    config = Files.createTempDirectory(parent, "site-code");
    Path root = BusyboxImage.tree(config, "small");
    Files.createDirectory(config.resolve("images.d"));
    Files.writeString(
        config.resolve("images.d/small.toml"),
        "root = \"" + root + "\"\nmounts = []\ncwd = \"root\"\n");
    Files.createDirectory(config.resolve("lib"));
    Files.copy(
        CHECKOUT.resolve("syschroot-examples/site-code/target/site-code.jar"),
        config.resolve("lib/site-code.jar"));
    run(List.of("mount", "-t", "tmpfs", "none", "/var/log"));
    run(List.of("mount", "-t", "tmpfs", "none", "/mnt"));
  }

  @AfterEach
  void remove() throws Exception {
    run(List.of("umount", "/mnt"));
    run(List.of("umount", "/var/log"));
    try (Stream<Path> files = Files.walk(config)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static String run(List<String> words) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(words).directory(new File("/")).redirectErrorStream(true);
    builder.environment().put("USER", "root");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    return process.waitFor() + ": " + output;
  }

  private String syschroot(String command, String... words) throws Exception {
    List<String> all = new ArrayList<>();
    all.add(CHECKOUT.resolve("syschroot").toString());
    all.addAll(List.of(command, "--config", config.toString()));
    all.addAll(List.of(words));
    return run(all);
  }

  @Test
  void explain_jarInLib_showsItsMounts() throws Exception {
    assertThat(syschroot("explain", "small", "true")).startsWith("0: ").doesNotContain("scratch");
    Files.createDirectory(Path.of("/mnt/scratch"));
    assertThat(syschroot("explain", "small", "true"))
        .startsWith("0: ")
        .contains("mount /mnt/scratch on /scratch (rbind, slave, nosuid), by scratch");
  }

  @Test
  void run_jarInLib_mountsWhatItSays() throws Exception {
    Files.createDirectory(Path.of("/mnt/scratch"));
    Files.writeString(Path.of("/mnt/scratch/file"), "of this node\n");
    assertThat(syschroot("run", "--directory", "/", "small", "/bin/cat", "/scratch/file"))
        .isEqualTo("0: of this node\n");
  }

  @Test
  void run_jarInLib_recordsTheCommand() throws Exception {
    Files.createDirectory(Path.of("/var/log/syschroot"));
    assertThat(syschroot("run", "--directory", "/", "small", "/bin/echo", "in"))
        .isEqualTo("0: in\n");
    assertThat(Files.readString(Path.of("/var/log/syschroot/switches.log")))
        .matches("\\S+Z small root /bin/echo\n");
  }

  @Test
  void run_listenerThatThrows_startsNothing() throws Exception {
    Files.createDirectories(Path.of("/var/log/syschroot/switches.log"));
    assertThat(syschroot("run", "--directory", "/", "small", "/bin/echo", "in"))
        .startsWith(
            "125: syschroot: small: extension org.syschroot.examples.sitecode.SwitchRecord: ")
        .contains("cannot record this command in /var/log/syschroot/switches.log")
        .doesNotContain("in\n");
  }

  @Test
  void explain_jarThatOthersCanWrite_isRefused() throws Exception {
    Path jar = config.resolve("lib/site-code.jar");
    Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThat(syschroot("explain", "small", "true"))
        .startsWith("125: syschroot: small: extension " + jar + ": ")
        .contains("--no-site-code");
    assertThat(syschroot("explain", "--no-site-code", "small", "true")).startsWith("0: ");
  }
}
