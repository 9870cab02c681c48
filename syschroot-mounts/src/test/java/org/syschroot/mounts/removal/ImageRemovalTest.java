// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.removal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.mounts.ImageMounts;
import org.syschroot.mounts.Kernels;
import org.syschroot.mounts.MountException;
import org.syschroot.mounts.MountListener;
import org.syschroot.mounts.TestImage;
import org.syschroot.mounts.tree.TreeRemoval;
import org.syschroot.path.HostPath;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

@InOwnMountNamespace
class ImageRemovalTest {
  @TempDir Path folder;
  private TestImage image;

  @BeforeEach
  void makeImage() throws IOException {
    image = new TestImage(folder);
  }

  private void remove() throws IOException {
    HostPath locks = TestImage.path(image.directory.resolve("locks"));
    ImageRemoval.remove(Kernels.running(), TestImage.path(image.root), 0, locks);
  }

  private void assertRefused(String... texts) {
    assertThatThrownBy(this::remove)
        .isInstanceOf(MountException.class)
        .hasMessageStartingWith("will not delete " + image.root + " while ")
        .hasMessageContainingAll(texts);
    assertThat(image.root.resolve("etc/motd")).exists();
    assertThat(image.host.resolve("data/f")).exists();
  }

  @Test
  void remove_bindMountOfTheSameDevice_isRefused() throws IOException {
    try (ImageMounts mounts = image.mounts(Kernels.running(), "HOST/data:/data")) {
      mounts.up(MountListener.NONE);
      assertRefused(image.root + "/data");
      mounts.down(false, MountListener.NONE);
    }
    remove();
    assertThat(image.root).doesNotExist();
    assertThat(image.host.resolve("data/f")).exists();
  }

  @Test
  void remove_imageIsAMount_isRefusedAndCanBeEmptied() throws IOException {
    image.tmpfs("image");
    ImageTree.of(image.root, "file etc/motd x", "mode . 0755");
    assertThatThrownBy(this::remove)
        .isInstanceOf(MountException.class)
        .hasMessage("will not delete what is mounted on " + image.root + ": unmount it first");
    assertThat(image.root.resolve("etc/motd")).exists();
    TreeRemoval.of(Kernels.running(), TestImage.path(image.root)).remove(path -> true, false);
    assertThat(image.root).isEmptyDirectory();
  }

  /** Runs a script in a mount namespace of its own until the test has looked. */
  private void whileMounted(String script, String... texts) throws Exception {
    whileRunning(script, () -> assertRefused(texts));
  }

  private void whileRunning(String script, ThrowingCallable check) throws Exception {
    Process other =
        new ProcessBuilder("unshare", "-m", "sh", "-c", script).redirectErrorStream(true).start();
    try {
      BufferedReader output = other.inputReader();
      assertThat(output.readLine()).isEqualTo("ready");
      check.call();
    } catch (Exception | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    } finally {
      other.outputWriter().close();
      other.waitFor();
    }
    remove();
    assertThat(image.root).doesNotExist();
  }

  @Test
  @RequiresCommand("unshare")
  void remove_mountInAnotherNamespace_namesTheProcess() throws Exception {
    String mount = "mount --bind " + image.host + "/data " + image.root + "/data";
    whileMounted(
        mount + " && echo ready && read x",
        image.root + "/data (in the mount namespace of process ",
        ", sh)");
  }

  @Test
  @RequiresCommand("unshare")
  void remove_mountSeenOnlyByAProcessInTheImage_isRefused() throws Exception {
    ImageTree.of(
        image.root,
        "dir usr",
        "symlink bin usr/bin",
        "symlink lib usr/lib",
        "symlink lib64 usr/lib64");
    String mounts =
        String.format(
            "mount --bind %2$s/data %1$s/data && mount --bind /usr %1$s/usr",
            image.root, image.host);
    // Its table begins at the image, so that no line of it names the image.
    String enter = " && exec chroot " + image.root + " /bin/sh -c 'echo ready && read x'";
    TreeRemoval tree = TreeRemoval.of(Kernels.running(), TestImage.path(image.root));
    whileRunning(
        mounts + enter,
        () -> {
          assertThatThrownBy(tree::check)
              .isInstanceOf(MountException.class)
              .hasMessageContainingAll(
                  image.root + "/data (in the mount namespace of process ", ", sh)");
          assertRefused(" (sh) runs in it");
        });
  }

  @Test
  @RequiresCommand("unshare")
  void remove_imageHeldElsewhere_isRefused() throws Exception {
    String mount = "mount --bind " + image.root + " " + image.host + "/home";
    whileMounted(
        mount + " && echo ready && read x",
        image.host + "/home (in the mount namespace of process ",
        ", sh)");
  }
}
