// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounts.Kernels;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/** Both ways to resolve, on trees full of links, against each other. */
class PathResolverTest {
  private static final String[] NAMES = {"a", "b", "c", "d"};
  private static final String[] LINKS = {
    "/",
    "..",
    "../..",
    "../../../..",
    "/..",
    ".",
    "a",
    "b/",
    "/a/b",
    "../a",
    "c/../d",
    "/d/./c",
    "/proc/self/root",
    "/etc",
    "../../etc/passwd",
    "a//b",
    "missing",
    "/a/missing/.."
  };

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#hundred")
  void inImage_randomTree_sameAnswerAndNeverOutside(SplittableRandom random) throws IOException {
    Path image = Files.createDirectory(folder.toRealPath().resolve("image"));
    makeTree(random, image, 3);
    Kernel kernel = Kernels.running();
    PathResolver byKernel = new PathResolver(kernel);
    PathResolver byWalk = new PathResolver(Kernels.without("openat2"));
    OsString path = OsString.of(image.toString());
    try (Descriptor root =
        new Descriptor(kernel, kernel.openat(Kernel.AT_FDCWD, path, OpenFlags.O_PATH, 0))) {
      for (int i = 0; i < 60; i++) {
        ImagePath target = path(random);
        int flags = random.nextBoolean() ? OpenFlags.O_DIRECTORY : 0;
        String found = answer(byKernel, root, target, flags);
        assertThat(answer(byWalk, root, target, flags)).as(target.toString()).isEqualTo(found);
        boolean outside =
            found.startsWith("/") && !HostPath.of(found).startsWith(HostPath.of(image.toString()));
        assertThat(outside).as(target + " leads to " + found).isFalse();
      }
    }
  }

  private static String answer(PathResolver resolver, Descriptor root, ImagePath path, int flags) {
    try (Descriptor found = resolver.inImage(root.number(), path, flags)) {
      return found.path().toString();
    } catch (KernelException e) {
      return e.reason();
    }
  }

  private static void makeTree(SplittableRandom random, Path directory, int depth)
      throws IOException {
    for (String name : NAMES) {
      Path path = directory.resolve(name);
      int kind = random.nextInt(10);
      if (kind < 4 && depth > 0) {
        makeTree(random, Files.createDirectory(path), depth - 1);
      } else if (kind < 8) {
        Files.createSymbolicLink(path, Path.of(LINKS[random.nextInt(LINKS.length)]));
      } else if (kind == 8) {
        Files.createFile(path);
      }
    }
  }

  private static ImagePath path(SplittableRandom random) {
    ImagePath path = ImagePath.ROOT;
    for (int i = random.nextInt(6); i > 0; i--) {
      path = path.resolve(NAMES[random.nextInt(NAMES.length)]);
    }
    return path;
  }
}
