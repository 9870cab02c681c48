// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.Dose;
import org.syschroot.testing.ProcFiles;
import org.syschroot.testing.RequiresCommand;

/** A JVM of an ordinary user. {@code -Pstress} makes 2 000 starts from 16 threads. */
@RequiresCommand({"setpriv", "unshare", "newuidmap", "newgidmap"})
final class UnprivilegedSpawnTest {
  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    ProcFiles.assumeRootAndBusybox();
    directory = Files.createTempDirectory("syschroot-unprivileged");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void removeDirectory() throws IOException {
    if (directory == null) {
      return;
    }
    assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
        .doesNotContain(directory.toString());
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void start_byAnOrdinaryUser_keepsItsPromisesAndLeavesNothing() throws Exception {
    Path root = BusyboxImage.tree(Files.createDirectory(directory.resolve("images")), "small");
    Path out = directory.resolve("out");
    List<String> command =
        List.of(
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-c",
            "mount --bind \"$0\" /etc/subuid && mount --bind \"$0\" /etc/subgid && exec \"$@\"",
            Files.writeString(directory.resolve("numbers"), "nobody:700000:65536\n").toString(),
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--",
            Path.of(System.getProperty("java.home"), "bin/java").toString(),
            "-Xmx64m",
            // Else Java 22 and later warn.
            Runtime.version().feature() >= 22
                ? "--enable-native-access=ALL-UNNAMED"
                : "-Xshare:auto",
            "-cp",
            readableClassPath(),
            UnprivilegedProgram.class.getName(),
            root.toString(),
            String.valueOf(Dose.of(100, 2_000)));

    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();

    assertThat(process.waitFor()).as("%s", Files.readString(out)).isZero();
    assertThat(Files.readString(out)).isEqualTo("done\n");
  }

  /** The local repository can be in a directory of root's that nobody else may search. */
  private String readableClassPath() throws IOException {
    Path copies = Files.createDirectory(directory.resolve("classes"));
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(":")) {
      Path source = Path.of(entry);
      Path copy = copies.resolve(entries.size() + "-" + source.getFileName());
      if (Files.exists(source)) {
        copy(source, copy);
        entries.add(copy.toString());
      }
    }
    return String.join(":", entries);
  }

  private static void copy(Path source, Path copy) throws IOException {
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.toList()) {
        Path target = copy.resolve(source.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }
}
