// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.image.AccountSource;
import org.syschroot.image.Consistency;
import org.syschroot.image.SharedItem;
import org.syschroot.personality.elf.ElfMachine;

/** Faults that keep an image from starting, or accounts and mounts from working. */
class PlantedFaultsTest {
  private static final List<Check> CHECKS =
      List.of(
          new KernelBuild(),
          new ShellStart(),
          new MountedFiles(),
          new Automounts(),
          new AccountsDiffer(),
          new AccountClashes(),
          new SwitchUser());

  private PreparedImage image;

  @BeforeEach
  void prepare(@TempDir Path folder) throws Exception {
    image = PreparedImage.withGlibc(folder);
  }

  private List<String> ids() {
    return CHECKS.stream().flatMap(check -> image.ids(check).stream()).toList();
  }

  private void accounts(AccountSource source, SharedItem... items) {
    Consistency wanted = new Consistency(Optional.of(source), Set.of(items));
    image.settings(builder -> builder.consistency(wanted));
  }

  @Test
  void untouchedImage_noFault_findsNothing() {
    assertThat(ids()).isEmpty();
  }

  @Test
  void loader_missing_isTold() throws Exception {
    Files.delete(image.root.resolve(PreparedImage.LOADER.substring(1)));
    assertThat(ids()).containsExactly("error loader-missing");
  }

  @ParameterizedTest
  @CsvSource({
    "CONFIG_X86_X32_ABI=y, quiet, ''",
    "'CONFIG_X86_X32_ABI=y\nCONFIG_X86_X32_DISABLED=y', quiet, error x32-missing",
    "'CONFIG_X86_X32_ABI=y\nCONFIG_X86_X32_DISABLED=y', syscall.x32=y, ''",
    "# CONFIG_X86_X32_ABI is not set, quiet, error x32-missing",
    "'', quiet, notice x32-missing-unknown"
  })
  void x32_kernelWithoutIt_isTold(String configuration, String commandLine, String expected)
      throws Exception {
    image.program("bin/sh", SmallElf.of(SmallElf.EM_X86_64).narrow());
    image.commandLine = commandLine;
    image.onHost("file proc/sys/kernel/osrelease 6.1.0-x\n");
    if (!configuration.isEmpty()) {
      image.onHost("file boot/config-6.1.0-x " + configuration.replace("\\n", "\n") + "\n");
    }
    assertThat(image.ids(new KernelBuild()))
        .containsExactlyElementsOf(expected.isEmpty() ? List.of() : List.of(expected));
  }

  @Test
  void arm32_kernelWithoutIt_isTold() throws Exception {
    image.machine = ElfMachine.EM_AARCH64;
    image.program("bin/sh", SmallElf.of(SmallElf.EM_ARM).narrow());
    image.onHost(
        "file proc/sys/kernel/osrelease 6.1.0-x\n", "file boot/config-6.1.0-x CONFIG_ARM64=y\n");
    assertThat(image.ids(new KernelBuild())).containsExactly("error arm32-missing");
    image.onHost("file boot/config-6.1.0-x CONFIG_COMPAT=y\n");
    assertThat(image.ids(new KernelBuild())).isEmpty();
  }

  @Test
  void accountFiles_mounted_areTold() {
    image.onHost("file etc/passwd root:x:0:0:::\n").inImage("file etc/passwd root:x:0:0:::\n");
    image.mount("HOST/etc/passwd:/etc/passwd");
    List<Finding> findings = image.findings(new MountedFiles());
    assertThat(findings).extracting(Finding::id).containsExactly("mount-of-replaced-file");
    assertThat(findings.get(0).remedy())
        .isEqualTo(
            "syschroot umount image; remove /etc/passwd from mounts; add \"accounts\" to"
                + " consistent; syschroot mount image");
  }

  @Test
  void mountOnALink_otherFileCovered_isTold() {
    image.onHost("file etc/motd host");
    image.inImage("file etc/other image", "symlink etc/motd other");
    image.mount("HOST/etc/motd:/etc/motd");
    assertThat(image.findings(new MountedFiles()))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.id()).isEqualTo("mount-covers-another-file");
              assertThat(finding.effect()).contains("covers /etc/other of the image");
            });
  }

  @ParameterizedTest
  @CsvSource({"'', warning automounts-cut-off", "shared:7, ''"})
  void automounter_onAPrivateHost_isTold(String propagation, String expected) {
    image.onHost("dir net");
    image.mount("HOST/net:/net");
    String line = "36 25 0:32 / " + image.host + "/net rw,relatime " + propagation;
    image.onHost(
        "file proc/thread-self/mountinfo " + line.strip() + " - autofs /etc/auto.net rw,fd=5\n");
    assertThat(image.ids(new Automounts()))
        .containsExactlyElementsOf(expected.isEmpty() ? List.of() : List.of(expected));
  }

  @Test
  void accounts_imagesOwnOnPurpose_areNotCompared() {
    image.onHost("file etc/passwd ann:x:1000:1000::/:/bin/sh\n");
    image.inImage("file etc/passwd root:x:0:0:::\n");
    assertThat(image.ids(new AccountsDiffer())).containsExactly("warning account-missing");
    accounts(AccountSource.IMAGE);
    assertThat(image.ids(new AccountsDiffer())).isEmpty();
  }

  @Test
  void accounts_mergedButOutdated_areToBeSynchronized() {
    image.onHost("file etc/passwd ann:x:1000:1000::/:/bin/sh\n");
    image.inImage("file etc/passwd root:x:0:0:::\n");
    accounts(AccountSource.MERGED);
    assertThat(image.findings(new AccountsDiffer()))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.remedy()).isEqualTo("syschroot sync image");
              assertThat(finding.items()).isEmpty();
            });
  }

  @Test
  void clash_imageWins_isToldWithTheWinnerOnly() {
    image.onHost("file etc/passwd git:x:1005:1005::/:/bin/sh\n", "file etc/group x:x:1:\n");
    image.inImage("file etc/passwd git:x:110:110::/:/bin/sh\n", "file etc/group x:x:1:\n");
    accounts(AccountSource.MERGED);
    assertThat(image.ids(new AccountsDiffer())).isEmpty();
    assertThat(image.findings(new AccountClashes()))
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.effect())
                    .endsWith(
                        "git is user ID 1005 on the host, 110 in the image (the image wins)"));
  }

  @Test
  void su_withoutThePasswords_isTold() throws Exception {
    image.program("usr/bin/sudo", SmallElf.of(SmallElf.EM_X86_64));
    accounts(AccountSource.MERGED);
    assertThat(image.ids(new SwitchUser())).isEmpty();
    Files.setAttribute(image.root.resolve("usr/bin/sudo"), "unix:mode", 04755);
    assertThat(image.ids(new SwitchUser())).containsExactly("notice passwords-unknown");
    accounts(AccountSource.MERGED, SharedItem.PASSWORDS);
    assertThat(image.ids(new SwitchUser())).isEmpty();
  }
}
