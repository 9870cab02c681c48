// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.MountFlags;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mountplan.MountStatus.State;
import org.syschroot.mountplan.Propagation;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.InOwnMountNamespace;

@InOwnMountNamespace
class ImageMountsTest {
  private static final String KERNELS = "org.syschroot.mounts.Kernels#all";

  @TempDir Path folder;
  private TestImage image;

  @BeforeEach
  void makeImage() throws IOException {
    image = new TestImage(folder);
  }

  private static List<State> states(ImageMounts mounts) throws IOException {
    return mounts.status().stream().map(MountStatus::state).toList();
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  void status_mountedFileWasReplaced_isStaleAndGoesDown(Kernel kernel) throws IOException {
    Path source = image.directory.resolve("host/data/f");
    try (ImageMounts mounts = image.mounts(kernel, "HOST/data/f:/etc/f:file")) {
      mounts.up(MountListener.NONE);
      Files.delete(source);
      assertThat(states(mounts)).containsExactly(State.STALE);
      Files.writeString(source, "another");
      assertThat(mounts.status().get(0).detail()).isEqualTo(source + " was replaced");
      assertThat(mounts.down(false, MountListener.NONE)).isEqualTo(1);
      assertThat(mounts.up(MountListener.NONE)).isEqualTo(1);
      assertThat(image.read("image/etc/f")).isEqualTo("another");
      assertThat(mounts.down(false, MountListener.NONE)).isEqualTo(1);
      assertThat(image.mounted()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  void upAndDown_anyNumberOfTimes(Kernel kernel) throws IOException {
    String[] plan = {"HOST/data:/data", "HOST/home:/mnt/new/home", "HOST/data/f:/etc/f:file"};
    try (ImageMounts mounts = image.mounts(kernel, plan)) {
      assertThat(states(mounts)).containsOnly(State.MISSING);
      assertThat(mounts.up(MountListener.NONE)).isEqualTo(3);
      assertThat(mounts.up(MountListener.NONE)).isZero();
      assertThat(states(mounts)).containsOnly(State.MOUNTED);
      assertThat(image.mounted())
          .containsExactly("image/data", "image/mnt/new/home", "image/etc/f");
      assertThat(image.read("image/etc/f")).isEqualTo("of the host");
      image.unmount("image/mnt/new/home");
      assertThat(mounts.up(MountListener.NONE)).isEqualTo(1);

      assertThat(mounts.down(false, MountListener.NONE)).isEqualTo(3);
      assertThat(mounts.down(false, MountListener.NONE)).isZero();
      assertThat(image.mounted()).isEmpty();
      assertThat(image.directory.resolve("image/mnt/new/home")).isEmptyDirectory();
    }
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  void up_options_applyToMountsBeneathToo(Kernel kernel) throws IOException {
    image.tmpfs("host/data/sub");
    image.mount("host/data/sub", MountFlags.MS_REMOUNT | MountFlags.MS_BIND | MountFlags.MS_NODEV);
    try (ImageMounts mounts = image.mounts(kernel, "HOST/data:/data:ro,nosuid")) {
      mounts.up(MountListener.NONE);
    }
    MountTable table = MountTable.read();
    for (String path : List.of("image/data", "image/data/sub")) {
      MountEntry entry = table.at(TestImage.path(image.directory.resolve(path))).orElseThrow();
      assertThat(entry.hasOption("ro")).as(path).isTrue();
      assertThat(entry.hasOption("nosuid")).as(path).isTrue();
      assertThat(entry.hasOption("nodev")).as(path).isEqualTo(path.endsWith("sub"));
    }
    Files.writeString(image.host.resolve("data/sub/x"), "the host's stays writable");
    assertThatThrownBy(() -> Files.writeString(image.root.resolve("data/sub/y"), "x"))
        .hasMessageContaining("Read-only");
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  void up_lateMount_appearsAndDisappearsAndNothingTravelsOut(Kernel kernel) throws IOException {
    image.mount("host", MountFlags.MS_BIND);
    image.mount("host", MountFlags.MS_SHARED);
    try (ImageMounts mounts = image.mounts(kernel, "HOST/data:/data")) {
      assertThat(mounts.status().get(0).latecomersAppear()).isTrue();
      mounts.up(MountListener.NONE);
      assertThat(mounts.status().get(0).latecomersAppear()).isTrue();
      image.tmpfs("host/data/sub");
      assertThat(image.mounted()).contains("image/data/sub");
      image.unmount("host/data/sub");
      assertThat(image.mounted()).doesNotContain("image/data/sub");
      image.tmpfs("image/data/sub");
      assertThat(image.mounted()).doesNotContain("host/data/sub");
      image.unmount("image/data/sub");

      image.tmpfs("host/data/sub");
      mounts.down(false, MountListener.NONE);
      assertThat(image.mounted()).containsExactly("host", "host/data/sub");
    }
  }

  @Test
  void status_privateSource_saysThatLateMountsDoNotAppear() throws IOException {
    try (ImageMounts mounts = image.mounts(Kernels.running(), "HOST/data:/data")) {
      assertThat(mounts.status().get(0).latecomersAppear()).isFalse();
      mounts.up(MountListener.NONE);
      assertThat(mounts.status().get(0).latecomersAppear()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  void down_sharedMount_leavesWhatIsMountedOnTheHost(Kernel kernel) throws IOException {
    image.mount("host", MountFlags.MS_BIND);
    image.mount("host", MountFlags.MS_SHARED);
    image.tmpfs("host/data/sub");
    try (ImageMounts mounts = image.mounts(kernel, "HOST/data:/data:shared")) {
      mounts.up(MountListener.NONE);
      assertThat(image.mounted()).contains("image/data", "image/data/sub");
      mounts.down(false, MountListener.NONE);
    }
    assertThat(image.mounted()).containsExactly("host", "host/data/sub");
  }

  @Test
  void up_somethingElseThere_isRefusedAndLeft() throws IOException {
    image.tmpfs("image/home");
    try (ImageMounts mounts =
        image.mounts(Kernels.running(), "HOST/data:/data", "HOST/home:/home")) {
      assertThat(states(mounts)).containsExactly(State.MISSING, State.FOREIGN);
      assertThatThrownBy(() -> mounts.up(MountListener.NONE))
          .isInstanceOf(MountException.class)
          .hasMessageContaining("its mount point is in use: there is tmpfs");
      assertThatThrownBy(() -> mounts.down(false, MountListener.NONE))
          .hasMessageContaining("will not unmount /home");
      assertThat(image.mounted()).containsExactly("image/home");
    }
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  void up_laterMountFails_earlierAreTakenBack(Kernel kernel) throws IOException {
    ImageTree.of(image.root, "file home2 x", "fifo pipe");
    for (String bad : List.of("/home2", "/pipe", "/etc/motd/x")) {
      try (ImageMounts mounts =
          image.mounts(kernel, "HOST/data:/data", "HOST/home:/home", "HOST/home/u:" + bad)) {
        assertThat(states(mounts)).containsOnly(State.MISSING);
        assertThatThrownBy(() -> mounts.up(MountListener.NONE)).hasMessageContaining("ENOTDIR");
        assertThat(image.mounted()).isEmpty();
      }
    }
  }

  @Test
  void up_twoTargetsLeadToOnePlace_isRefused() throws IOException {
    ImageTree.of(image.root, "symlink data2 data");
    try (ImageMounts mounts =
        image.mounts(Kernels.running(), "HOST/data:/data", "HOST/home:/data2")) {
      assertThatThrownBy(() -> mounts.up(MountListener.NONE)).isInstanceOf(IOException.class);
      assertThat(image.mounted()).isEmpty();
    }
  }

  @Test
  void up_missingDirectoryOnTheHost_isNotCreatedThere() throws IOException {
    try (ImageMounts mounts =
        image.mounts(Kernels.running(), "HOST/data:/data", "HOST/home:/data/missing")) {
      assertThatThrownBy(() -> mounts.up(MountListener.NONE))
          .hasMessageContaining("will not create /data/missing");
      assertThat(image.host.resolve("data/missing")).doesNotExist();
      assertThat(image.mounted()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  void up_tmpfs_isEmptyAndTakesMountPoints(Kernel kernel) throws IOException {
    MountSelection plan =
        MountPlan.empty()
            .plus(new TmpfsMount(ImagePath.of("/data"), OsString.of("mode=0700")))
            .on(path -> HostFiles.Kind.MISSING);
    try (ImageMounts mounts = image.mounts(kernel, plan)) {
      mounts.up(MountListener.NONE);
      assertThat(states(mounts)).containsExactly(State.MOUNTED);
      assertThat(image.mounted()).containsExactly("image/data");
      mounts.down(false, MountListener.NONE);
      assertThat(image.mounted()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  void down_busy_namesTheHolderAndUnmountsNothing(Kernel kernel) throws Exception {
    String[] plan = {"HOST/data:/data", "HOST/home:/home"};
    try (ImageMounts mounts = image.mounts(kernel, plan)) {
      mounts.up(MountListener.NONE);
      Process holder =
          new ProcessBuilder("sleep", "60").directory(image.root.resolve("data").toFile()).start();
      try {
        assertThatThrownBy(() -> mounts.down(false, MountListener.NONE))
            .hasMessage(
                "cannot unmount "
                    + image.root
                    + "/data: EBUSY (Device or resource busy): pid "
                    + holder.pid()
                    + " (sleep) has its working directory in "
                    + image.root
                    + "/data; nothing was unmounted");
        assertThat(image.mounted()).containsExactly("image/data", "image/home");
        mounts.down(true, MountListener.NONE);
        assertThat(image.mounted()).isEmpty();
      } finally {
        holder.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void down_openFile_isNamed() throws Exception {
    try (ImageMounts mounts = image.mounts(Kernels.running(), "HOST/data:/data")) {
      mounts.up(MountListener.NONE);
      Process holder =
          new ProcessBuilder("sleep", "60")
              .redirectInput(image.root.resolve("data/f").toFile())
              .start();
      try {
        assertThatThrownBy(() -> mounts.down(false, MountListener.NONE))
            .hasMessageContaining("(sleep) has open " + image.root + "/data/f");
      } finally {
        holder.destroyForcibly().waitFor();
      }
      mounts.down(false, MountListener.NONE);
    }
  }

  @Test
  void down_mountedTwice_bothGo() throws IOException {
    try (ImageMounts mounts = image.mounts(Kernels.running(), "HOST/data:/data")) {
      mounts.up(MountListener.NONE);
      Kernels.running()
          .mount(
              OsString.of(image.host + "/data"),
              OsString.of(image.root + "/data"),
              null,
              MountFlags.MS_BIND,
              null);
      assertThat(mounts.down(false, MountListener.NONE)).isEqualTo(2);
      assertThat(image.mounted()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource(KERNELS)
  void up_oddNames_areTargetsLikeOthers(Kernel kernel) throws IOException {
    ImageTree.of(image.host, "dir data2");
    MountSelection plan =
        MountPlan.empty()
            .plus(bind("/data", OsString.of("/a b")))
            .plus(bind("/data", OsString.of("/c:d\\e\nf")))
            .plus(bind("/data2", OsString.of("/data2")))
            .plus(bind("/data", OsString.of("/data")))
            .plus(bind("/data", OsString.ofBytes(new byte[] {'/', (byte) 0xe9, (byte) 0xff})))
            .on(path -> HostFiles.Kind.DIRECTORY);
    try (ImageMounts mounts = image.mounts(kernel, plan)) {
      assertThat(mounts.up(MountListener.NONE)).isEqualTo(5);
      assertThat(states(mounts)).containsOnly(State.MOUNTED);
      assertThat(mounts.down(false, MountListener.NONE)).isEqualTo(5);
      assertThat(MountTable.read().beneath(TestImage.path(image.directory))).isEmpty();
    }
  }

  private BindMount bind(String source, OsString target) {
    return new BindMount(
        TestImage.path(image.host).resolve(source.substring(1)),
        ImagePath.of(target),
        Set.of(),
        Propagation.SLAVE);
  }

  @Test
  void up_twoAtOnce_oneWaits() throws Exception {
    // Threads of their own are in the main thread's namespace, so nothing is mounted here.
    MountSelection nothing = image.plan();
    try (ImageMounts mounts = image.mounts(Kernels.running(), nothing)) {
      mounts.up(MountListener.NONE);
    }
    Path lock;
    try (var locks = Files.list(image.directory.resolve("locks"))) {
      lock = locks.findFirst().orElseThrow();
    }
    Process other =
        new ProcessBuilder("flock", lock.toString(), "sh", "-c", "echo held; read x")
            .redirectErrorStream(true)
            .start();
    assertThat(other.inputReader().readLine()).isEqualTo("held");
    Thread waiting =
        new Thread(
            () -> {
              try (ImageMounts mounts = image.mounts(Kernels.running(), nothing)) {
                mounts.up(MountListener.NONE);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    waiting.start();
    waiting.join(200);
    assertThat(waiting.isAlive()).isTrue();
    other.outputWriter().close();
    waiting.join(10_000);
    assertThat(waiting.isAlive()).isFalse();
    other.waitFor();
  }
}
