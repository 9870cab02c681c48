// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.wrapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.testing.RequiresRoot;

@RequiresRoot
final class UnameWrapperTest {
  private static final byte[] I386 = new byte[64];

  static {
    byte[] start = {0x7f, 'E', 'L', 'F', 1, 1, 1};
    System.arraycopy(start, 0, I386, 0, start.length);
    I386[18] = 3;
  }

  @TempDir Path folder;
  private Path image;
  private Path outside;

  @BeforeEach
  void makeImage() throws IOException {
    Path real = folder.toRealPath();
    image = Files.createDirectory(real.resolve("image"));
    outside = Files.createDirectory(real.resolve("outside"));
    write(image.resolve("bin/sh"), I386);
    write(image.resolve("bin/uname"), I386);
    write(outside.resolve("uname"), I386);
  }

  private static void write(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  private UnameWrapper open() throws IOException {
    HostPath root = HostPath.of(image.toString());
    Image settings = Image.builder(new ImageName("old"), root).build();
    return UnameWrapper.open(LinuxKernel.running(), settings, 0);
  }

  private WrapperState state() throws IOException {
    try (UnameWrapper wrapper = open()) {
      return wrapper.status().get(0).state();
    }
  }

  private List<ImagePath> install() throws IOException {
    try (UnameWrapper wrapper = open()) {
      return wrapper.install();
    }
  }

  private List<ImagePath> remove() throws IOException {
    try (UnameWrapper wrapper = open()) {
      return wrapper.remove();
    }
  }

  @Test
  void states_fromInstallationToRemoval_areTold() throws IOException {
    assertThat(state()).isEqualTo(WrapperState.ABSENT);
    assertThat(install()).containsExactly(ImagePath.of("/bin/uname"));
    assertThat(install()).isEmpty();
    assertThat(state()).isEqualTo(WrapperState.INSTALLED);
    Path script = image.resolve("bin/uname");
    Files.writeString(script, Files.readString(script) + "# older\n");
    assertThat(state()).isEqualTo(WrapperState.OUTDATED);
    assertThat(install()).hasSize(1);
    assertThat(state()).isEqualTo(WrapperState.INSTALLED);
    Files.delete(script);
    Files.write(script, I386);
    assertThat(state()).isEqualTo(WrapperState.OVERWRITTEN);
    install();
    assertThat(remove()).hasSize(1);
    assertThat(Files.readAllBytes(script)).isEqualTo(I386);
    Files.delete(script);
    assertThat(state()).isEqualTo(WrapperState.NO_PROGRAM);
  }

  @Test
  void install_interruptedAfterTheLink_isCompleted() throws IOException {
    Path program = image.resolve("bin/uname");
    Files.createLink(image.resolve("bin/uname.bin"), program);
    Files.createLink(image.resolve("bin/.uname.bin.syschroot-new"), program);
    assertThat(state()).isEqualTo(WrapperState.ABSENT);
    install();
    assertThat(state()).isEqualTo(WrapperState.INSTALLED);
    assertThat(image.resolve("bin/.uname.bin.syschroot-new")).doesNotExist();
  }

  @Test
  void remove_originalIsMissing_isRefused() throws IOException {
    install();
    Files.delete(image.resolve("bin/uname.bin"));
    assertThat(state()).isEqualTo(WrapperState.BROKEN);
    assertThatIOException()
        .isThrownBy(this::remove)
        .withMessageContaining("install the package of uname in the image");
    assertThat(image.resolve("bin/uname")).exists();
  }

  /** A wrapper made by hand looks the same from outside: its original must not be lost. */
  @Test
  void remove_wrapperOfSomebodyElse_isRefused() throws IOException {
    Files.move(image.resolve("bin/uname"), image.resolve("bin/uname.bin"));
    Files.writeString(image.resolve("bin/uname"), "#!/bin/sh\necho i686\n");
    assertThatIOException().isThrownBy(this::remove).withMessageContaining("another wrapper");
    assertThatIOException().isThrownBy(this::install);
    assertThat(Files.readAllBytes(image.resolve("bin/uname.bin"))).isEqualTo(I386);
  }

  @Test
  void open_imageOf64Bits_isRefused() throws IOException {
    byte[] wide = I386.clone();
    wide[4] = 2;
    wide[18] = 62;
    Files.write(image.resolve("bin/sh"), wide);
    assertThatIOException()
        .isThrownBy(this::open)
        .withMessage("old: its programs are not 32-bit, so its uname needs no replacement");
  }

  @Test
  void install_linksOutOfTheImage_touchNothingOutside() throws IOException {
    Files.delete(image.resolve("bin/uname"));
    // The last component: a program that goes by its name, whoever it belongs to.
    Files.createSymbolicLink(image.resolve("bin/uname"), outside.resolve("busybox"));
    assertThatIOException()
        .isThrownBy(this::install)
        .withMessageContaining("is a symbolic link to");
    Files.delete(image.resolve("bin/uname"));
    // The same name: what it leads to is not looked at.
    Files.createSymbolicLink(image.resolve("bin/uname"), outside.resolve("uname"));
    assertThatIOException().isThrownBy(this::install).withMessageContaining("no /bin/uname");
    // A directory on the way: it leads to a place of that path in the image, where nothing is.
    Files.createSymbolicLink(image.resolve("usr"), Path.of("../../" + outside.getFileName()));
    Files.createDirectory(outside.resolve("bin"));
    Files.write(outside.resolve("bin/uname"), I386);
    assertThatIOException().isThrownBy(this::install).withMessageContaining("no /bin/uname");
    assertThat(Files.list(outside.resolve("bin"))).hasSize(1);
    assertThat(Files.readAllBytes(outside.resolve("uname"))).isEqualTo(I386);
  }

  @Test
  void install_linksInThePlaceOfOurFiles_areReplacedAndNotFollowed() throws IOException {
    Path victim = Files.writeString(outside.resolve("victim"), "untouched");
    Files.createSymbolicLink(image.resolve("bin/.uname.syschroot-new"), victim);
    Files.createSymbolicLink(image.resolve("bin/.uname.bin.syschroot-new"), victim);
    Files.createSymbolicLink(image.resolve("bin/uname.bin"), victim);
    install();
    assertThat(state()).isEqualTo(WrapperState.INSTALLED);
    assertThat(image.resolve("bin/uname.bin")).isRegularFile();
    assertThat(Files.isSymbolicLink(image.resolve("bin/uname.bin"))).isFalse();
    assertThat(Files.readString(victim)).isEqualTo("untouched");
  }

  @Test
  void install_dpkgDatabaseIsALink_isRefusedAndNotFollowed() throws IOException {
    Path victim = Files.writeString(outside.resolve("victim"), "a\nb\n:\n");
    write(image.resolve("var/lib/dpkg/info/coreutils.list"), "/bin/uname\n".getBytes());
    Files.createSymbolicLink(image.resolve("var/lib/dpkg/diversions"), victim);
    assertThatIOException().isThrownBy(this::install).withMessageContaining("EINVAL");
    assertThat(Files.readString(victim)).isEqualTo("a\nb\n:\n");
    assertThat(image.resolve("bin/uname.bin")).doesNotExist();
  }

  @Test
  void installAndRemove_dpkgDatabase_hasItsDiversionMeanwhile() throws IOException {
    write(image.resolve("var/lib/dpkg/info/coreutils.list"), "/.\n/bin/uname\n".getBytes());
    Path diversions = image.resolve("var/lib/dpkg/diversions");
    write(diversions, "/bin/sh\n/bin/sh.distrib\ndash\n".getBytes());
    install();
    assertThat(diversions)
        .hasContent("/bin/sh\n/bin/sh.distrib\ndash\n/bin/uname\n/bin/uname.bin\n:\n");
    try (UnameWrapper wrapper = open()) {
      assertThat(wrapper.status().get(0).diverted()).isTrue();
    }
    remove();
    assertThat(diversions).hasContent("/bin/sh\n/bin/sh.distrib\ndash\n");
    Files.writeString(diversions, "odd\n");
    assertThatIOException()
        .isThrownBy(this::install)
        .withMessageContaining("/var/lib/dpkg/diversions in the image: 1 lines, not three");
  }
}
