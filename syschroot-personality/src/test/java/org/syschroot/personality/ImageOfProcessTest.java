// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.personality.Whereabouts.Evidence;
import org.syschroot.personality.Whereabouts.Place;
import org.syschroot.testing.RecordingKernel;

/** The decisions that a real machine cannot be brought to make. */
final class ImageOfProcessTest {
  private final RecordingKernel kernel = new RecordingKernel();

  private static ImageCatalog catalog(String... roots) {
    return ImageCatalog.of(
        Arrays.stream(roots)
            .map(root -> Image.builder(new ImageName(root.substring(1)), HostPath.of(root)).build())
            .toList());
  }

  private Whereabouts own(ImageCatalog catalog, String... environment) throws KernelException {
    return ImageOfProcess.among(catalog, kernel)
        .ofThisProcess(Arrays.stream(environment).map(OsString::of).toList());
  }

  private void ownRoot(String target) {
    kernel.symlink("/proc/self/root", target);
  }

  @Test
  void ofThisProcess_nothingToCompareWith_theMarkerIsBelieved() throws KernelException {
    kernel.missing("/proc/1/root");
    ownRoot("/");
    Whereabouts where = own(catalog(), "A=b", "SYSCHROOT_IMAGE=sl5");
    assertThat(where.image()).contains(new ImageName("sl5"));
    assertThat(where.evidence()).isEqualTo(Evidence.MARKER);
    kernel.missing("/gone");
    assertThat(own(catalog("/gone"), "SYSCHROOT_IMAGE=sl5")).hasToString("sl5");
  }

  @Test
  void ofThisProcess_noMarker_isNativeForLackOfEvidence() throws KernelException {
    kernel.missing("/proc/1/root");
    ownRoot("/");
    assertThat(own(catalog()).evidence()).isEqualTo(Evidence.NONE);
    assertThat(own(catalog(), "SYSCHROOT_IMAGE=not a name").place()).isEqualTo(Place.NATIVE);
  }

  @Test
  void ofThisProcess_rootOfInit_isNativeWhateverTheMarkerSays() throws KernelException {
    kernel.symlink("/proc/1/root", "/");
    ownRoot("/");
    Whereabouts where = own(catalog(), "SYSCHROOT_IMAGE=sl5");
    assertThat(where.place()).isEqualTo(Place.NATIVE);
    assertThat(where.marker()).contains("sl5");
    assertThat(where.image()).isEqualTo(Optional.empty());
  }

  @Test
  void of_rootOfAnImage_isTheImage() throws KernelException {
    kernel.directory("/sl5").directory("/sl6");
    kernel.symlink("/proc/7/root", "/sl6").file("/proc/7/environ", "SYSCHROOT_IMAGE=sl5\0");
    Whereabouts where = ImageOfProcess.among(catalog("/sl5", "/sl6"), kernel).of(7);
    assertThat(where.image()).contains(new ImageName("sl6"));
    assertThat(where.evidence()).isEqualTo(Evidence.ROOT_DIRECTORY);
    assertThat(where.marker()).contains("sl5");
  }

  @Test
  void of_processOfSomebodyElse_saysWhoMayLook() {
    kernel.failAlways("openat", Errno.EACCES);
    assertThatExceptionOfType(KernelException.class)
        .isThrownBy(() -> ImageOfProcess.among(catalog(), kernel).of(7))
        .withMessageContaining("only root can read the state of other users' processes");
    assertThat(List.copyOf(kernel.openDescriptorsMade())).isEmpty();
  }
}
