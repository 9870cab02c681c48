// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.path.HostPath;
import org.syschroot.path.UntrustedException;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** The same on real files, beneath the sticky {@code /tmp}. */
@RequiresRoot
final class TrustedPathOnFilesTest {
  private static final int USER = 65534;

  private final Kernel kernel = LinuxKernel.running();
  @TempDir private Path temporary;

  private Path open(String path) throws IOException {
    int fd = TrustedPath.forUser(kernel, 0).open(HostPath.of(temporary + "/" + path));
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd));
    } finally {
      kernel.close(fd);
    }
  }

  private void assertUntrusted(String path, String reason) {
    assertThatExceptionOfType(UntrustedException.class)
        .isThrownBy(() -> open(path))
        .withMessageStartingWith(temporary + "/" + reason);
  }

  @Test
  void open_treeOfRoots_givesTheFileItself() throws IOException {
    ImageTree.of(temporary, "file a/b text", "symlink up ../" + temporary.getFileName() + "/a/b");
    Path real = temporary.toRealPath();

    assertThat(open("a/b")).isEqualTo(real.resolve("a/b"));
    assertThat(open("up")).isEqualTo(real.resolve("a/b"));
    ImageTree.of(temporary, "symlink far " + temporary + "/a");
    assertThat(open("far/b")).isEqualTo(real.resolve("a/b"));
  }

  @Test
  void open_foreignOwners_areRefused() throws IOException {
    ImageTree.of(
        temporary,
        "file a/f text",
        "owner a/f 1000",
        "dir d/e",
        "owner d 1000",
        "symlink l a",
        "owner l 1000");

    assertUntrusted("a/f", "a/f belongs to uid 1000");
    assertUntrusted("d/e", "d belongs to uid 1000");
    assertUntrusted("l/f", "l belongs to uid 1000");
  }

  @Test
  void open_writableByOthers_isRefusedUnlessStickyOnTheWay() throws IOException {
    ImageTree.of(
        temporary,
        "dir group/x",
        "mode group 0775",
        "dir all",
        "mode all 0777",
        "dir sticky/x",
        "mode sticky 1777");

    assertUntrusted("group/x", "group is writable by users other than root (mode 0775)");
    assertUntrusted("all", "all is writable by users other than root (mode 0777)");
    assertUntrusted("sticky", "sticky is writable by users other than root (mode 1777)");
    assertThat(open("sticky/x")).isDirectory();
  }

  /** The kernel guards the name while root's directory has it; the check guards it afterwards. */
  @Test
  @RequiresCommand("setpriv")
  void open_userExchangesWhatIsBelowASticky_isRefused() throws Exception {
    ImageTree.of(temporary, "dir sticky/x", "dir sticky/other", "mode sticky 1777");
    ImageTree.of(temporary, "mode . 0755", "file sticky/other/f text");
    Path image = temporary.resolve("sticky/x");

    assertThat(asUser("mv", image.toString(), image + ".away")).isNotZero();
    assertThat(asUser("mv", "-T", temporary + "/sticky/other", image.toString())).isNotZero();
    assertThat(open("sticky/x")).isEqualTo(image.toRealPath());

    Files.delete(image);
    assertThat(asUser("mkdir", image.toString())).isZero();
    assertUntrusted("sticky/x", "sticky/x belongs to uid " + USER);
    assertThat(asUser("rmdir", image.toString())).isZero();
    // A link to a tree of root's is still the user's choice.
    assertThat(asUser("ln", "-s", "other", image.toString())).isZero();
    assertUntrusted("sticky/x", "sticky/x belongs to uid " + USER);
    assertUntrusted("sticky/x/f", "sticky/x belongs to uid " + USER);
  }

  @Test
  @RequiresCommand("setpriv")
  void open_nameTakenByAUserAfterwards_staysTheTreeThatWasChecked() throws Exception {
    ImageTree.of(temporary, "mode . 0755", "file sticky/x/f text", "mode sticky 1777");
    Path image = temporary.resolve("sticky/x");
    int fd = TrustedPath.forUser(kernel, 0).open(HostPath.of(image.toString()));
    try {
      Files.move(image, temporary.resolve("moved"));
      assertThat(asUser("mkdir", image.toString())).isZero();

      assertThat(Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)))
          .isEqualTo(temporary.resolve("moved").toRealPath());
      assertThat(Path.of("/proc/self/fd/" + fd, "f")).hasContent("text");
    } finally {
      kernel.close(fd);
    }
  }

  /** Runs a command as an ordinary user; its messages are not of interest. */
  private static int asUser(String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--clear-groups", "--"));
    command.addAll(List.of(words));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  @Test
  void open_circleOfLinks_givesUp() throws IOException {
    ImageTree.of(temporary, "symlink a b", "symlink b a");

    assertThatExceptionOfType(KernelException.class)
        .isThrownBy(() -> open("a"))
        .withMessageEndingWith("ELOOP (Too many levels of symbolic links)");
  }
}
