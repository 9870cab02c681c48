// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.Syschroot;
import org.syschroot.path.ImagePath;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.spawn.SwitchedProcess;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * Images that are one file, in a JVM that stays: it keeps a file attached for some seconds. That it
 * lets go of all of them is waited for once, after the last test.
 */
@InOwnMountNamespace
@RequiresCommand({"busybox", "mksquashfs", "useradd"})
class EmbeddedImageFileIT {
  /** By which the files of this class are told from those of tests in other JVMs. */
  private static final String KEPT = "/kept-";

  private static int number;

  private SmallTreeSite small;
  private TestSite site;
  private Path file;
  private Path other;

  @BeforeEach
  void make() throws Exception {
    small = SmallTreeSite.create("cat", "sleep");
    site = small.site();
    SmallTreeSite.succeed("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/run");
    file = Path.of("/mnt" + KEPT + ++number + ".squashfs");
    other = Path.of("/mnt" + KEPT + number + ".other");
    pack("packed\n", file);
    site.image(
        "one", "root = \"" + file + "\"\nmounts = [\"standard\", \"/home\"]\ncwd = \"root\"\n");
  }

  @AfterEach
  void remove() throws Exception {
    try {
      SmallTreeSite.succeed("umount", "-l", "/run");
    } finally {
      small.close();
    }
  }

  @AfterAll
  static void requireThatAllAreFreed() throws Exception {
    LoopFiles.awaitFreed(KEPT);
  }

  private void pack(String name, Path to) throws Exception {
    Files.writeString(small.tree().resolve("etc/name"), name);
    SmallTreeSite.succeed(
        "mksquashfs", small.tree().toString(), to.toString(), "-quiet", "-all-root");
  }

  @Test
  void start_inThisJvm_mountsItForTheChildAlone() throws Exception {
    Syschroot embedded = Syschroot.configuredIn(site.directory()).load();
    SwitchRequest request =
        SwitchRequest.in(embedded.image("one"))
            .command("/bin/cat", "/etc/name")
            .directory(ImagePath.ROOT);
    SwitchedProcess process = embedded.start(request);
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("packed\n");
    assertThat(process.waitFor()).isZero();
  }

  /** The file stays attached for a while, which must not outlast what was checked. */
  @ParameterizedTest
  @ValueSource(
      strings = {"mv \"$1\" \"$0\"", "cat \"$1\" >\"$0\"", "rm \"$0\" && cp \"$1\" \"$0\""})
  void start_fileReplacedOrWritten_nextStartHasTheNewOne(String how) throws Exception {
    pack("other!\n", other);
    Syschroot embedded = Syschroot.configuredIn(site.directory()).load();
    assertThat(nameIn(embedded)).isEqualTo("packed\n");
    assertThat(nameIn(embedded)).isEqualTo("packed\n");
    SmallTreeSite.succeed("sh", "-c", how, file.toString(), other.toString());
    assertThat(nameIn(embedded)).isEqualTo("other!\n");
  }

  @ParameterizedTest
  @CsvSource({
    "chown 65533 $0, belongs to uid 65533",
    "chmod 666 $0, is writable by users other than root",
    "chmod 777 /mnt, is writable by users other than root",
    "rm $0, ENOENT",
  })
  void start_fileNoLongerTrusted_isRefusedThoughItIsAttached(String what, String why)
      throws Exception {
    Syschroot embedded = Syschroot.configuredIn(site.directory()).load();
    assertThat(nameIn(embedded)).isEqualTo("packed\n");
    SmallTreeSite.succeed("sh", "-c", what, file.toString());
    assertThatThrownBy(() -> nameIn(embedded))
        .isInstanceOf(SwitchException.class)
        .hasMessageContaining(why);
    SmallTreeSite.succeed("chmod", "755", "/mnt");
  }

  @Test
  void start_manyAtOnce_attachTheFileOnce() throws Exception {
    Syschroot embedded = Syschroot.configuredIn(site.directory()).load();
    List<SwitchedProcess> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(
          embedded.start(
              SwitchRequest.in(embedded.image("one"))
                  .command("/bin/sleep", "60")
                  .directory(ImagePath.ROOT)));
    }
    List<String> devices = LoopFiles.attached(file.getFileName().toString());
    for (SwitchedProcess one : all) {
      one.destroyForcibly();
      one.waitFor();
    }
    assertThat(devices).hasSize(1);
  }

  private static String nameIn(Syschroot embedded) throws Exception {
    SwitchedProcess process =
        embedded.start(
            SwitchRequest.in(embedded.image("one"))
                .command("/bin/cat", "/etc/name")
                .directory(ImagePath.ROOT));
    try (InputStream out = process.getInputStream()) {
      return new String(out.readAllBytes(), StandardCharsets.UTF_8);
    } finally {
      process.waitFor();
    }
  }
}
