// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cdi;

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

/** The jar as an administrator installs it, and files as a driver's tools write them. No GPU. */
@InOwnMountNamespace
@RequiresCommand("busybox")
class CdiIT {
  private static final Path CHECKOUT = Path.of(System.getProperty("syschroot.tests.checkout", "."));
  private static final Path FILE = Path.of("/run/cdi/vendor.yaml");
  private static final String SPECIFICATION =
      """
      cdiVersion: 0.6.0
      kind: vendor.com/gpu
      devices:
        - name: all
          containerEdits:
            deviceNodes: [{path: /dev/gpu0}]
      containerEdits:
        mounts:
          - {hostPath: /mnt/lib/libgpu.so.7.1, containerPath: /usr/lib64/libgpu.so.7.1, options: [ro, nosuid, nodev, bind]}
          - {hostPath: /mnt/gone, containerPath: /gone}
      """;

  private Path config;

  @BeforeEach
  void install() throws Exception {
    // Beneath the checkout, since everything on the way to a configuration must be root's.
    Path parent = Files.createDirectories(CHECKOUT.resolve("target/it"));
    config = Files.createTempDirectory(parent, "cdi");
    Path root = BusyboxImage.tree(config, "small");
    Files.createDirectory(config.resolve("images.d"));
    Files.writeString(
        config.resolve("images.d/small.toml"),
        "root = \"" + root + "\"\nmounts = []\ncwd = \"root\"\n");
    Files.createDirectory(config.resolve("lib"));
    Files.createSymbolicLink(
        config.resolve("lib/syschroot-cdi.jar"),
        CHECKOUT.resolve("syschroot-cdi/target/syschroot-cdi.jar").toRealPath());
    for (String place : List.of("/run", "/mnt", "/dev")) {
      assertThat(run("mount", "-t", "tmpfs", "-o", "mode=755", "none", place)).startsWith("0:");
    }
    node("null", "1", "3");
    node("urandom", "1", "9");
    node("gpu0", "1", "3"); // as null
    Files.createDirectory(Path.of("/dev/infiniband"));
    node("infiniband/uverbs0", "1", "3");
    Files.createDirectory(Path.of("/mnt/lib"));
    Files.writeString(Path.of("/mnt/lib/libgpu.so.7.1"), "driver\n");
    Files.createSymbolicLink(Path.of("/mnt/lib/libgpu.so.7"), Path.of("libgpu.so.7.1"));
    Files.createDirectory(FILE.getParent());
    Files.writeString(FILE, SPECIFICATION);
  }

  private static void node(String name, String major, String minor) throws Exception {
    assertThat(run("busybox", "mknod", "-m", "666", "/dev/" + name, "c", major, minor))
        .isEqualTo("0: ");
  }

  @AfterEach
  void remove() throws Exception {
    for (String place : List.of("/dev", "/mnt", "/run")) {
      run("umount", "-l", place);
    }
    try (Stream<Path> files = Files.walk(config)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static String run(String... words) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(words).directory(new File("/")).redirectErrorStream(true);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    return process.waitFor() + ": " + output;
  }

  private String syschroot(String command, String... words) throws Exception {
    List<String> all = new ArrayList<>();
    all.add(CHECKOUT.resolve("syschroot").toString());
    all.addAll(List.of(command, "--config", config.toString()));
    all.addAll(List.of(words));
    return run(all.toArray(String[]::new));
  }

  @Test
  void run_hostWithCdiFile_seesLibraryByBothNamesAndTheDevices() throws Exception {
    String command =
        "cat /usr/lib64/libgpu.so.7 /usr/lib64/libgpu.so.7.1;"
            + " for i in /dev/gpu0 /dev/infiniband/uverbs0; do [ -c $i ] && cat $i && echo $i; done;"
            + " ls /gone; : > /usr/lib64/libgpu.so.7";
    assertThat(syschroot("run", "--directory", "/", "small", "/bin/sh", "-c", command))
        .startsWith("1: driver\ndriver\n/dev/gpu0\n/dev/infiniband/uverbs0\n")
        .contains("libgpu.so.7: Read-only file system");
  }

  @Test
  void explain_hostWithCdiFile_saysWhoAddsWhat() throws Exception {
    assertThat(syschroot("explain", "small", "true"))
        .startsWith("0: ")
        .contains("mount the file /mnt/lib/libgpu.so.7.1 on /usr/lib64/libgpu.so.7 ")
        .contains(", by cdi")
        .contains("/gone: ")
        .contains("mount /dev/infiniband on /dev/infiniband (rbind, slave), by fabric");
  }

  @Test
  void explain_imageWithDev_hasTheDevicesAlready() throws Exception {
    Path settings = config.resolve("images.d/small.toml");
    Files.writeString(settings, Files.readString(settings).replace("[]", "[\"/dev\"]"));
    assertThat(syschroot("explain", "small", "true"))
        .startsWith("0: ")
        .doesNotContain("mount /dev/gpu0", "mount /dev/infiniband")
        .contains("/usr/lib64/libgpu.so.7 ");
  }

  @Test
  void explain_fileThatOthersCanWrite_isRefused() throws Exception {
    Files.setPosixFilePermissions(FILE, PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThat(syschroot("explain", "small", "true"))
        .startsWith(
            "125: syschroot: small: extension org.syschroot.cdi.CdiMounts: /run/cdi/vendor.yaml is writable by users other than root (mode 0666)");
  }

  @Test
  void explain_wrongFile_isRefusedByPlace() throws Exception {
    Files.writeString(FILE, SPECIFICATION.replace("0.6.0", "7.0.0"));
    assertThat(syschroot("explain", "small", "true"))
        .startsWith("125: syschroot: small: extension org.syschroot.cdi.CdiMounts: ")
        .contains("/vendor.yaml: cdiVersion is \"7.0.0\": allowed is")
        .contains("--no-site-code");
    assertThat(syschroot("explain", "--no-site-code", "small", "true")).startsWith("0: ");
  }
}
