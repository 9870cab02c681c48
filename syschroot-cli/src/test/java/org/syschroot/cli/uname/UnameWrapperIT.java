// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.uname;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** {@code uname-wrapper} on a real i386 image, whose changes go into an overlay. */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "../share/misc/config.guess"})
class UnameWrapperIT {
  private static final Path MNT = Path.of("/mnt");
  private static final List<String> OPTIONS =
      List.of(
          "",
          "-m",
          "-a",
          "-p",
          "-i",
          "-o",
          "-snrvmpio",
          "-mrs",
          "-rn",
          "-s -m",
          "-ap",
          "--machine",
          "--mach",
          "--kernel-n",
          "--all",
          "--release",
          "--processor",
          "--version");

  private TestSite site;
  private Path root;

  @BeforeEach
  void makeSite() throws Exception {
    site = TestSite.empty();
    native_("mount", "-t", "tmpfs", "-o", "mode=755", "none", MNT.toString());
    for (String name : List.of("upper", "work", "root")) {
      Files.createDirectory(MNT.resolve(name));
    }
    root = MNT.resolve("root");
    native_(
        "mount",
        "-t",
        "overlay",
        "none",
        root.toString(),
        "-o",
        "lowerdir=" + TestImages.deb32() + ",upperdir=/mnt/upper,workdir=/mnt/work");
    site.image("deb", "root = \"" + root + "\"\nmounts = []\n");
  }

  @AfterEach
  void removeSite() throws Exception {
    native_("umount", root.toString());
    native_("umount", MNT.toString());
    site.close();
  }

  private static Outcome native_(String... words) throws Exception {
    Outcome outcome = Program.of(words).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    return outcome;
  }

  private Outcome wrapper(String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(TestImages.command().toString(), "uname-wrapper"));
    all.addAll(List.of("--config", site.directory().toString(), "deb"));
    all.addAll(List.of(words));
    return Program.of(all).run();
  }

  /** Enters the image as a batch system would, with no personality. */
  private String chroot(String command) throws Exception {
    return native_("chroot", root.toString(), "sh", "-c", command).outText();
  }

  private String diversions() throws IOException {
    return Files.readString(root.resolve("var/lib/dpkg/diversions"));
  }

  @Test
  void installAndRemove_realImage_saysI686AndLeavesNothing() throws Exception {
    final String before = diversions();
    final byte[] original = Files.readAllBytes(root.resolve("bin/uname"));
    assertThat(chroot("uname -m")).isEqualTo("x86_64\n");
    assertThat(wrapper("--status")).hasToString(status(1, "absent", ""));
    assertThat(wrapper("--install").outText())
        .contains(root + "/bin/uname: replaced; the original has the suffix .bin\n");
    assertThat(chroot("uname -m; arch")).isEqualTo("i686\ni686\n");
    assertThat(wrapper("--install"))
        .hasToString(status(0, "installed", ", diverted in dpkg's database"));
    assertThat(wrapper("--remove").status()).isZero();
    assertThat(wrapper("--remove")).hasToString("status 0\nout: \nerr: ");
    assertThat(diversions()).isEqualTo(before);
    assertThat(Files.readAllBytes(root.resolve("bin/uname"))).isEqualTo(original);
    try (Stream<Path> names = Files.list(root.resolve("usr/bin"))) {
      assertThat(names.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.contains("syschroot") || name.matches("(uname|arch)\\.bin"));
    }
    assertThat(chroot("uname -m")).isEqualTo("x86_64\n");
  }

  private String status(int status, String state, String more) {
    return "status "
        + status
        + "\nout: "
        + root
        + "/bin/uname: "
        + state
        + more
        + "\n"
        + root
        + "/bin/arch: "
        + state
        + more
        + "\n\nerr: ";
  }

  /** What the original says under linux32 is what the wrapper says without. */
  @Test
  void wrapper_everyOption_printsWhatTheKernelWouldUnderLinux32() throws Exception {
    wrapper("--install");
    for (String option : OPTIONS) {
      String wrapped = chroot("uname " + option);
      Outcome real =
          native_(
              "setarch", "linux32", "chroot", root.toString(), "sh", "-c", "uname.bin " + option);
      assertThat(wrapped).as(option).isEqualTo(real.outText());
    }
    Outcome wrong = Program.of("chroot", root.toString(), "uname", "-z").run();
    assertThat(wrong.status()).isEqualTo(1);
    assertThat(wrong.errText()).contains("invalid option");
    native_("cp", "/usr/share/misc/config.guess", root + "/tmp/config.guess");
    assertThat(chroot("sh /tmp/config.guess")).isEqualTo("i686-pc-linux-gnu\n");
  }

  @Test
  void install_packageIsUpdated_wrapperStays() throws Exception {
    wrapper("--install");
    assertThat(chroot("dpkg-divert --list '*uname*'"))
        .isEqualTo("local diversion of /bin/uname to /bin/uname.bin\n");
    chroot("dpkg --install --force-confold /var/cache/apt/archives/coreutils_*.deb 2>&1");
    assertThat(chroot("uname -m; arch; dpkg --verify coreutils")).isEqualTo("i686\ni686\n");
    assertThat(wrapper("--status").status()).isZero();
    wrapper("--remove");
    assertThat(chroot("uname -m; dpkg --verify coreutils")).isEqualTo("x86_64\n");
  }

  @Test
  void install_overwrittenByHand_isToldAndMended() throws Exception {
    wrapper("--install");
    native_("cp", "--remove-destination", root + "/bin/uname.bin", root + "/bin/uname");
    Outcome told = wrapper("--status");
    assertThat(told.status()).isEqualTo(1);
    assertThat(told.outText()).contains("/bin/uname: overwritten");
    assertThat(wrapper("--install").status()).isZero();
    assertThat(chroot("uname -m")).isEqualTo("i686\n");
  }

  @Test
  void install_refused_changesNothing() throws Exception {
    chroot("dpkg-divert --local --rename --divert /bin/uname.mine --add /bin/uname 2>/dev/null");
    Files.copy(root.resolve("bin/uname.mine"), root.resolve("bin/uname"));
    String before = diversions();
    Outcome diverted = wrapper("--install");
    assertThat(diverted.status()).isEqualTo(125);
    assertThat(diverted.errText()).contains("is diverted to /bin/uname.mine already, by hand");
    assertThat(diversions()).isEqualTo(before);
    assertThat(root.resolve("bin/uname.bin")).doesNotExist();
  }

  @Test
  void install_ordinaryUser_isDeniedAndChangesNothing() throws Exception {
    Outcome outcome =
        Program.of(
                "setpriv",
                "--reuid",
                "65534",
                "--clear-groups",
                "env",
                TestImages.command().toString(),
                "uname-wrapper",
                "--config",
                site.directory().toString(),
                "deb",
                "--install")
            .run();
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText()).contains("only root can change the files of an image");
    assertThat(root.resolve("bin/uname.bin")).doesNotExist();
    assertThat(wrapper("--status").outText()).contains("/bin/uname: absent");
  }

  @Test
  void uname_wrapperOptions_excludeEachOther() throws Exception {
    assertThat(wrapper("--install", "--remove").status()).isEqualTo(2);
    Outcome printed = wrapper();
    assertThat(printed.outText()).startsWith("#!/bin/sh\n# syschroot uname-wrapper: says i686 ");
    assertThat(root.resolve("bin/uname.bin")).doesNotExist();
  }
}
