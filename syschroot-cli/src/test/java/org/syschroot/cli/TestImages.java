// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
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
   * asked for the first time, and kept. Each JVM that runs tests has one of its own, since some
   * place a launcher or a socket in it for a while.
   */
  public static Path deb32() throws IOException, InterruptedException {
    Path pristine = debian(DEB32, "bookworm", "i386");
    String jvm = System.getProperty("syschroot.tests.jvm", "1");
    return kept(
        "jvm" + jvm + "/" + DEB32,
        root -> require(Program.of("cp", "-a", pristine.toString(), root.toString())));
  }

  /** Returns the root of a real Debian of a suite for amd64, made and kept in the same way. */
  public static Path amd64(String suite) throws IOException, InterruptedException {
    return debian(suite, "amd64");
  }

  /** Returns the root of a real Debian, made and kept in the same way. */
  public static Path debian(String suite, String arch) throws IOException, InterruptedException {
    return debian(name(suite, arch), suite, arch);
  }

  /** Returns whether a real Debian is there already, and need not be made. */
  public static boolean hasDebian(String suite, String arch) throws IOException {
    return Files.exists(directory().resolve(name(suite, arch) + ".complete"));
  }

  private static String name(String suite, String arch) {
    return suite.equals("bookworm") && arch.equals("i386") ? DEB32 : arch + "-" + suite;
  }

  /** Returns the root of an image that the command has made of programs of this machine. */
  public static Path ofHost() throws IOException, InterruptedException {
    return kept(
        "from-host",
        root ->
            create(
                "from-host",
                root,
                List.of("--from-host", "sh", "bash", "ls", "id", "cat", "getent", "env")));
  }

  private static Path debian(String name, String suite, String arch)
      throws IOException, InterruptedException {
    return kept(name, root -> create(name, root, List.of("--debootstrap", suite, "--arch", arch)));
  }

  /**
   * Returns the root of a copy of a Debian with programs that know users by name: sudo, cron,
   * screen, ssh and a local mail system.
   */
  public static Path withPrograms(Path debian) throws IOException, InterruptedException {
    String name = debian.getFileName() + "-programs";
    return kept(name, root -> install(name, debian, root));
  }

  private static void install(String name, Path debian, Path root)
      throws IOException, InterruptedException {
    require(Program.of("cp", "-a", "--reflink=auto", debian.toString(), root.toString()));
    Path settings = configuration().resolve("images.d").resolve(name + ".toml");
    Files.writeString(settings, "root = \"" + root + "\"\n");
    Path policy = root.resolve("usr/sbin/policy-rc.d");
    Files.writeString(policy, "#!/bin/sh\nexit 101\n");
    Files.setPosixFilePermissions(policy, PosixFilePermissions.fromString("rwxr-xr-x"));
    String commands =
        """
        set -e
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends adduser sudo cron screen openssh-server openssh-client dma
        apt-get clean
        """;
    require(
        Program.of(
                command().toString(),
                "run",
                "--config",
                configuration().toString(),
                name,
                "--directory",
                "/",
                "--env",
                "DEBIAN_FRONTEND=noninteractive",
                "--",
                "sh",
                "-c",
                commands)
            .with(proxies()));
  }

  /**
   * Returns the root of an image that the command has made from a container image, whose only user
   * and group are root, as if nobody had ever thought of accounts.
   */
  public static Path container() throws IOException, InterruptedException {
    Path programs = withPrograms(amd64("trixie"));
    return kept("container", root -> createFromContainer(programs, root));
  }

  private static void createFromContainer(Path programs, Path root)
      throws IOException, InterruptedException {
    Path scratch = Files.createTempDirectory(directory(), "container");
    String pack =
        """
        set -e
        cp -a --reflink=auto "$0" tree
        cd tree/etc
        rm -f shadow gshadow shadow- gshadow- passwd- group- subuid subgid
        echo 'root:x:0:0:root:/root:/bin/bash' > passwd
        echo 'root:x:0:' > group
        : > ../var/lib/dpkg/statoverride  # which dpkg refuses if its groups are not there
        cd ../..
        umoci init --layout layout
        umoci new --image layout:day
        umoci insert --image layout:day tree /
        """;
    try {
      require(Program.of("sh", "-c", pack, programs.toString()).in(scratch));
      create("container", root, List.of("--from", "oci:" + scratch + "/layout:day"));
    } finally {
      require(Program.of("rm", "-rf", "--one-file-system", scratch.toString()));
    }
  }

  /** Returns packages of a system for i686, built when they are asked for the first time. */
  public static RpmPackages rpmPackages() throws IOException, InterruptedException {
    Path debian = deb32();
    return new RpmPackages(kept("rpms", root -> RpmPackages.build(debian, root)));
  }

  /** Returns the root of a system of RPM packages, made by the command itself, and kept. */
  public static Path rpm32() throws IOException, InterruptedException {
    RpmPackages packages = rpmPackages();
    Path repositories = directory().resolve("rpm32.repo");
    Files.writeString(repositories, packages.repository("base"));
    return kept(
        "rpm32",
        root ->
            create(
                "rpm32",
                root,
                List.of(
                    "--dnf",
                    "--releasever",
                    "9",
                    "--arch",
                    "i686",
                    "--repo",
                    repositories.toString())));
  }

  /** Makes an image in a directory that is not there. */
  @FunctionalInterface
  private interface Making {
    void make(Path root) throws IOException, InterruptedException;
  }

  /** Makes an image unless it is there, one process at a time. */
  private static Path kept(String name, Making making) throws IOException, InterruptedException {
    Path root = directory().resolve(name);
    Path complete = directory().resolve(name + ".complete");
    Files.createDirectories(root.getParent());
    try (RandomAccessFile file =
            new RandomAccessFile(directory().resolve(name + ".lock").toFile(), "rw");
        FileLock lock = file.getChannel().lock()) {
      assertThat(lock.isValid()).isTrue();
      if (!Files.exists(complete)) {
        if (Files.exists(root)) {
          require(Program.of("rm", "-rf", "--one-file-system", root.toString()));
        }
        making.make(root);
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
    return kept(
        name,
        root ->
            require(
                Program.of(
                        "debootstrap",
                        "--foreign",
                        "--variant=minbase",
                        "--arch=" + architecture,
                        suite,
                        root.toString(),
                        AptSources.of(Path.of("/")).mirror())
                    .with(proxies())));
  }

  private static Path configuration() throws IOException {
    return directory().resolve("conf");
  }

  private static void create(String name, Path root, List<String> from)
      throws IOException, InterruptedException {
    Path config = configuration();
    Files.createDirectories(config.resolve("images.d"));
    Files.deleteIfExists(config.resolve("images.d").resolve(name + ".toml"));
    List<String> words = new ArrayList<>(List.of("create", name, "--root", root.toString()));
    words.addAll(from);
    words.addAll(List.of("--config", config.toString()));
    words.add(0, command().toString());
    require(Program.of(words).with(proxies()));
    // As it was made, whoever has accounts on this machine.
    Path settings = config.resolve("images.d").resolve(name + ".toml");
    Files.writeString(settings, Files.readString(settings).replace("\"merged\"", "\"image\""));
    require(Program.of(command().toString(), "sync", "--config", config.toString(), name));
  }

  private static void require(Program program) throws IOException, InterruptedException {
    Outcome outcome = program.run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }

  private static Map<String, String> proxies() {
    Map<String, String> proxies = new java.util.HashMap<>(System.getenv());
    proxies.keySet().removeIf(name -> !name.toLowerCase(java.util.Locale.ROOT).endsWith("_proxy"));
    return proxies;
  }
}
