// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.syschroot.images.AptSources;

/** The checkout under test and the images that its tests run in. */
public final class TestImages {
  /** Name of the i386 Debian image. */
  public static final String DEB32 = "deb32";

  private TestImages() {}

  /** Returns the root directory of the checkout. */
  public static Path checkout() {
    String property = System.getProperty("syschroot.tests.checkout");
    return Path.of(property == null ? "." : property).toAbsolutePath().normalize();
  }

  /** Returns the start script, as users call it. */
  public static Path command() {
    return checkout().resolve("syschroot");
  }

  private static Path directory() throws IOException {
    return Files.createDirectories(checkout().resolve("target/test-images"));
  }

  /**
   * Returns the root of a real Debian bookworm for i386, made by the command itself when it is
   * asked for the first time, and kept.
   */
  public static Path deb32() throws IOException, InterruptedException {
    return debian(DEB32, "bookworm", "i386");
  }

  /** Returns the root of a real Debian of a suite for amd64, made and kept in the same way. */
  public static Path amd64(String suite) throws IOException, InterruptedException {
    return debian("amd64-" + suite, suite, "amd64");
  }

  private static Path debian(String name, String suite, String arch)
      throws IOException, InterruptedException {
    Path root = directory().resolve(name);
    Path complete = directory().resolve(name + ".complete");
    try (RandomAccessFile file =
            new RandomAccessFile(directory().resolve(name + ".lock").toFile(), "rw");
        FileLock lock = file.getChannel().lock()) {
      assertThat(lock.isValid()).isTrue();
      if (!Files.exists(complete)) {
        create(name, root, suite, arch);
        Files.createFile(complete);
      }
    }
    return root;
  }

  /** Returns the root of a Debian bookworm for arm64, unpacked and never run. */
  public static Path arm64() throws IOException, InterruptedException {
    return unpacked("arm64", "bookworm", "arm64");
  }

  /**
   * Returns the root of a Debian bullseye for amd64, unpacked and never run: the last release whose
   * loader asks for the version of the kernel.
   */
  public static Path bullseye() throws IOException, InterruptedException {
    return unpacked("bullseye", "bullseye", "amd64");
  }

  private static Path unpacked(String name, String suite, String architecture)
      throws IOException, InterruptedException {
    Path root = directory().resolve(name);
    Path complete = directory().resolve(name + ".complete");
    try (RandomAccessFile file =
            new RandomAccessFile(directory().resolve(name + ".lock").toFile(), "rw");
        FileLock lock = file.getChannel().lock()) {
      assertThat(lock.isValid()).isTrue();
      if (!Files.exists(complete)) {
        if (Files.exists(root)) {
          Program.of("rm", "-rf", "--one-file-system", root.toString()).run();
        }
        Outcome outcome =
            Program.of(
                    "debootstrap",
                    "--foreign",
                    "--variant=minbase",
                    "--arch=" + architecture,
                    suite,
                    root.toString(),
                    AptSources.of(Path.of("/")).mirror())
                .with(proxies())
                .run();
        assertThat(outcome.status()).as("%s", outcome).isZero();
        Files.createFile(complete);
      }
    }
    return root;
  }

  private static void create(String name, Path root, String suite, String arch)
      throws IOException, InterruptedException {
    Path config = directory().resolve("conf");
    Files.createDirectories(config.resolve("images.d"));
    Files.deleteIfExists(config.resolve("images.d").resolve(name + ".toml"));
    if (Files.exists(root)) {
      Program.of("rm", "-rf", "--one-file-system", root.toString()).run();
    }
    Outcome outcome =
        Program.of(
                command().toString(),
                "create",
                name,
                "--root",
                root.toString(),
                "--debootstrap",
                suite,
                "--arch",
                arch,
                "--config",
                config.toString())
            .with(proxies())
            .run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    // As debootstrap makes it, whoever has accounts on this machine.
    Path settings = config.resolve("images.d").resolve(name + ".toml");
    Files.writeString(settings, Files.readString(settings).replace("\"merged\"", "\"image\""));
    Outcome own =
        Program.of(command().toString(), "sync", "--config", config.toString(), name).run();
    assertThat(own.status()).as("%s", own).isZero();
  }

  private static Map<String, String> proxies() {
    Map<String, String> proxies = new java.util.HashMap<>(System.getenv());
    proxies.keySet().removeIf(name -> !name.toLowerCase(java.util.Locale.ROOT).endsWith("_proxy"));
    return proxies;
  }
}
