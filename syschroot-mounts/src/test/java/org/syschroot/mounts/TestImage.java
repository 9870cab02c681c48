// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.syschroot.kernel.Kernel;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.testing.ImageTree;

/** An image and a piece of native system beside it, in a folder of a test. */
public final class TestImage {
  public final Path directory;
  public final Path root;
  public final Path host;

  public TestImage(Path folder) throws IOException {
    directory = folder.toRealPath();
    root = ImageTree.of(directory.resolve("image"), "dir data", "dir home", "file etc/motd image");
    host =
        ImageTree.of(
            directory.resolve("host"), "file data/f of the host", "dir data/sub", "dir home/u");
  }

  /** Returns a plan of mounts in the form of the configuration, {@code HOST} being the folder. */
  MountSelection plan(String... mounts) {
    MountPlan plan = MountPlan.empty();
    for (String mount : mounts) {
      plan = plan.plus(BindMount.parse(OsString.of(mount.replace("HOST", host.toString()))));
    }
    return plan.on(HostFiles.of(FileSystems.getDefault()));
  }

  public ImageMounts mounts(Kernel kernel, String... mounts) throws IOException {
    return mounts(kernel, plan(mounts));
  }

  public ImageMounts mounts(Kernel kernel, MountSelection selection) throws IOException {
    return ImageMounts.open(kernel, path(root), 0, selection, path(directory.resolve("locks")));
  }

  List<String> mounted() throws IOException {
    return MountTable.read().beneath(path(directory)).stream()
        .map(entry -> directory.relativize(Path.of(entry.target().toString())).toString())
        .toList();
  }

  String read(String path) throws IOException {
    return Files.readString(directory.resolve(path));
  }

  public static HostPath path(Path path) {
    return HostPath.of(path.toString());
  }

  /** Mounts a tmpfs as an administrator would. */
  public void tmpfs(String path) throws IOException {
    OsString tmpfs = OsString.of("tmpfs");
    Kernels.running().mount(tmpfs, OsString.of(directory.resolve(path).toString()), tmpfs, 0, null);
  }

  void unmount(String path) throws IOException {
    Kernels.running().umount2(OsString.of(directory.resolve(path).toString()), 0);
  }

  /** Changes a mount, which is made of the folder itself if the flags say bind. */
  void mount(String path, long flags) throws IOException {
    OsString place = OsString.of(directory.resolve(path).toString());
    Kernels.running().mount(place, place, null, flags, null);
  }
}
