// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.Machine;
import org.syschroot.kernel.MountFlags;
import org.syschroot.launcher.LauncherImage.Outcome;
import org.syschroot.path.OsString;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** A launcher enters only while the mounts that it was told of are there. */
@InOwnMountNamespace
@RequiresCommand({"busybox", "setpriv", "bash"})
final class LauncherMountsTest {
  private static final OsString NOTHING = OsString.of("");

  private final Kernel kernel = LinuxKernel.running();
  private LauncherImage image;

  @BeforeEach
  void make() throws IOException {
    image = new LauncherImage();
    Files.createDirectories(image.root().resolve("data/a"));
    Files.createDirectories(image.root().resolve("tmp"));
    Files.createFile(image.root().resolve("passwd"));
  }

  @AfterEach
  void remove() throws IOException {
    image.close();
  }

  private OsString inImage(String path) {
    return OsString.of(image.root() + path);
  }

  private void bind(String source, String target) throws IOException {
    kernel.mount(OsString.of(source), inImage(target), NOTHING, MountFlags.MS_BIND, NOTHING);
  }

  private Path launcher(Privilege privilege, String... mounts) throws IOException {
    Launchers launchers = image.plain().here(kernel, mounts);
    return image.write(
        "sh", privilege == Privilege.SET_USER_ID ? launchers.setUserId() : launchers);
  }

  private Outcome enter(Path launcher) throws IOException {
    return image.user("exec -a sh \"$0\" -c 'echo in'", image.work(), launcher);
  }

  private static String missing(String mount) {
    return "syschroot: sl5: " + mount + " is not mounted in the image; root: syschroot mount sl5\n";
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void enter_whileAMountIsDown_isRefused(Privilege privilege) throws Exception {
    Path sh = launcher(privilege, "/tmp", "/data/a", "/passwd");
    assertThat(enter(sh).err()).isEqualTo(missing("/tmp"));
    bind("/tmp", "/tmp");
    assertThat(enter(sh).err()).isEqualTo(missing("/data/a"));
    bind("/mnt", "/data/a");
    Outcome withoutFile = enter(sh);
    assertThat(withoutFile.err()).isEqualTo(missing("/passwd"));
    assertThat(withoutFile.status()).isEqualTo(125);
    assertThat(withoutFile.out()).isEmpty();
    bind("/etc/passwd", "/passwd");
    assertThat(enter(sh).isOk().out()).isEqualTo("in\n");
    kernel.umount2(inImage("/tmp"), 0);
    assertThat(enter(sh).err()).isEqualTo(missing("/tmp"));
    assertThat(enter(launcher(privilege)).isOk().out()).isEqualTo("in\n");
    kernel.umount2(inImage("/passwd"), 0);
    kernel.umount2(inImage("/data/a"), 0);
  }

  @Test
  void enter_mountPointMissingOrHidden_isRefusedOrLeftToItsUsers() throws Exception {
    Path sh = launcher(Privilege.FILE_CAPABILITY, "/data/none");
    assertThat(enter(sh).err()).isEqualTo(missing("/data/none"));
    // Where the caller may not go the launcher cannot look, and there is nothing to be written.
    Files.setPosixFilePermissions(
        image.root().resolve("data"), PosixFilePermissions.fromString("rwx------"));
    assertThat(enter(sh).isOk().out()).isEqualTo("in\n");
  }

  @Test
  void enter_mountPointReachedByALinkOfTheImage_isLookedAtThere() throws Exception {
    Files.createSymbolicLink(image.root().resolve("link"), Path.of("/data"));
    Path sh = launcher(Privilege.FILE_CAPABILITY, "/link/a");
    assertThat(enter(sh).err()).isEqualTo(missing("/link/a"));
    bind("/mnt", "/data/a");
    assertThat(enter(sh).isOk().out()).isEqualTo("in\n");
    kernel.umount2(inImage("/data/a"), 0);
  }

  @Test
  void compile_manyMounts_needsNoEntryForEach() throws Exception {
    String[] mounts = new String[60];
    for (int i = 0; i < mounts.length; i++) {
      mounts[i] = "/data/some/volume" + i;
    }
    for (Machine machine : Machine.values()) {
      int one =
          LauncherFile.parse(
                  LaunchCompiler.compile(image.plain().here(kernel, "/x").plan(), machine))
              .entries()
              .size();
      LauncherFile many =
          LauncherFile.parse(
              LaunchCompiler.compile(image.plain().here(kernel, mounts).plan(), machine));
      assertThat(many.entries()).hasSize(one);
      assertThat(many.plan().proof().mounts()).hasSize(60);
    }
  }
}
