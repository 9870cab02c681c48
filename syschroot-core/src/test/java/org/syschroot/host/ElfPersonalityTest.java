// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.Machine;
import org.syschroot.path.HostPath;
import org.syschroot.testing.RecordingKernel;

final class ElfPersonalityTest {
  private static final Optional<Personality> LINUX32 =
      Optional.of(Personality.of(List.of("linux32")));
  private static final byte[] I386 = elf(1, 3);
  private static final byte[] AMD64 = elf(2, 62);

  @TempDir Path folder;
  private Path image;

  private static byte[] elf(int elfClass, int machine) {
    byte[] file = new byte[64];
    byte[] start = {0x7f, 'E', 'L', 'F', (byte) elfClass, 1, 1};
    System.arraycopy(start, 0, file, 0, start.length);
    file[16] = 3;
    file[18] = (byte) machine;
    return file;
  }

  @BeforeEach
  void makeImage() throws IOException {
    image = Files.createDirectory(folder.toRealPath().resolve("image"));
  }

  private void file(String path, byte[] content) throws IOException {
    Path place = image.resolve(path);
    Files.createDirectories(place.getParent());
    Files.write(place, content);
  }

  private void link(String path, String target) throws IOException {
    Path place = image.resolve(path);
    Files.createDirectories(place.getParent());
    Files.createSymbolicLink(place, Path.of(target));
  }

  private Optional<Personality> read(Machine machine) throws IOException {
    return new ElfPersonality(LinuxKernel.running(), machine).of(imageAt(image.toString()));
  }

  private Optional<Personality> read() throws IOException {
    return read(Machine.X86_64);
  }

  private static Image imageAt(String root) {
    return Image.builder(new ImageName("old"), HostPath.of(root)).build();
  }

  /** On each machine only its own programs of 32 bits count; 62 of class 1 is x32. */
  @ParameterizedTest
  @CsvSource({
    "1, 3, X86_64, true",
    "2, 62, X86_64, false",
    "1, 62, X86_64, false",
    "1, 40, X86_64, false",
    "2, 183, X86_64, false",
    "1, 40, AARCH64, true",
    "2, 183, AARCH64, false",
    "1, 3, AARCH64, false",
  })
  void of_shell_decidesByClassAndProcessor(int elfClass, int number, Machine on, boolean narrow)
      throws IOException {
    file("bin/sh", elf(elfClass, number));
    file("lib/ld-linux.so.2", I386);
    assertThat(read(on)).isEqualTo(narrow ? LINUX32 : Optional.empty());
  }

  @Test
  void of_linksInTheImage_areFollowedInTheImage() throws IOException {
    file("usr/bin/dash", I386);
    link("bin", "/usr/bin");
    link("usr/bin/sh", "/bin/../bin/dash");
    assertThat(read()).isEqualTo(LINUX32);
  }

  @Test
  void of_linkOutOfTheImage_readsNothingOfTheNativeSystem() throws IOException {
    Path outside = Files.write(folder.toRealPath().resolve("outside"), I386);
    link("bin/sh", "../../outside");
    assertThat(read()).isEmpty();
    Files.delete(image.resolve("bin/sh"));
    link("bin/sh", outside.toString());
    assertThat(read()).isEmpty();
    Files.delete(image.resolve("bin/sh"));
    link("bin/sh", "/proc/self/root" + outside);
    assertThat(read()).isEmpty();
  }

  @Test
  void of_noShell_theLoadersDecideTheWideOneFirst() throws IOException {
    file("lib/ld-linux.so.2", I386);
    assertThat(read()).isEqualTo(LINUX32);
    link("bin/sh", "no-such-shell");
    assertThat(read()).isEqualTo(LINUX32);
    file("lib64/ld-linux-x86-64.so.2", AMD64);
    assertThat(read()).isEmpty();
  }

  @Test
  void of_whatIsNoProgram_isPassedOver() throws IOException {
    file("lib/ld-linux.so.2", I386);
    for (byte[] content :
        List.of(
            "#!/bin/busybox sh\n".getBytes(), new byte[0], new byte[] {0x7f, 'E', 'L', 'F', 2})) {
      file("bin/sh", content);
      assertThat(read()).isEqualTo(LINUX32);
    }
    Files.delete(image.resolve("bin/sh"));
    link("bin/sh", "sh");
    assertThat(read()).isEqualTo(LINUX32);
    Files.delete(image.resolve("bin/sh"));
    Files.createDirectory(image.resolve("bin/sh"));
    assertThat(read()).isEqualTo(LINUX32);
  }

  /** Opening a FIFO would wait for a writer that never comes. */
  @Test
  void of_fifoForAShell_isPassedOver() throws Exception {
    Files.createDirectory(image.resolve("bin"));
    Process mkfifo = new ProcessBuilder("mkfifo", image + "/bin/sh").inheritIO().start();
    assertThat(mkfifo.waitFor()).isZero();
    file("lib/ld-linux.so.2", I386);
    assertThat(read()).isEqualTo(LINUX32);
  }

  @Test
  void of_noImage_isEmpty() throws IOException {
    assertThat(read()).isEmpty();
    assertThat(new ElfPersonality(LinuxKernel.running()).of(imageAt(image + "/missing"))).isEmpty();
  }

  @Test
  void of_kernelWithoutOpenat2_isTheSame() throws IOException {
    RecordingKernel kernel = new RecordingKernel().withoutOpenat2();
    kernel.emptyDirectory("/image").emptyDirectory("/image/bin");
    assertThat(new ElfPersonality(kernel, Machine.X86_64).of(imageAt("/image"))).isEmpty();
  }

  @Test
  void of_brokenDisk_isAFailureAndClosesWhatItOpened() {
    RecordingKernel kernel =
        new RecordingKernel().directory("/image").failAlways("openat2", Errno.EIO);
    assertThatExceptionOfType(KernelException.class)
        .isThrownBy(() -> new ElfPersonality(kernel).of(imageAt("/image")))
        .withMessageContaining("EIO");
    assertThat(kernel.openDescriptorsMade()).isEmpty();
  }
}
