// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;

class NativeDaemonTest {
  private static final Image OWN_DEV = image("own", "/sysroot/own", MountPlan.empty());
  private static final Image NATIVE_DEV = image("native", "/sysroot/native", mounts("/dev"));

  private static Image image(String name, String root, MountPlan mounts) {
    return Image.builder(new ImageName(name), HostPath.of(root)).mounts(mounts).build();
  }

  private static MountPlan mounts(String... sources) {
    MountPlan plan = MountPlan.empty();
    for (String source : sources) {
      plan = plan.plus(BindMount.of(HostPath.of(source)));
    }
    return plan;
  }

  private static String withoutComments(String text) {
    return String.join("\n", text.lines().filter(line -> !line.startsWith("#")).toList()).strip();
  }

  @Test
  void of_eachName_isItsOwn() {
    for (NativeDaemon daemon : NativeDaemon.values()) {
      assertThat(NativeDaemon.of(daemon.toString())).contains(daemon);
    }
    assertThat(NativeDaemon.of("syslogd")).isEmpty();
  }

  @Test
  void configuration_ofRsyslog_oneInputAnImageWithItsOwnDev() {
    String text = NativeDaemon.RSYSLOG.configuration(List.of(OWN_DEV, NATIVE_DEV));
    assertThat(withoutComments(text))
        .isEqualTo(
            "input(type=\"imuxsock\" Socket=\"/sysroot/own/dev/log\" CreatePath=\"on\""
                + " UsePidFromSystem=\"on\")");
    assertThat(text)
        .contains("# native: the host's /dev is mounted in it, with the socket of the daemon.\n");
  }

  @Test
  void configuration_ofSyslogNg_oneSourceForAll() {
    Image other = image("other", "/sysroot/other", MountPlan.empty());
    assertThat(
            withoutComments(
                NativeDaemon.SYSLOG_NG.configuration(List.of(OWN_DEV, NATIVE_DEV, other))))
        .isEqualTo(
            "source s_syschroot {\n"
                + "    unix-dgram(\"/sysroot/own/dev/log\" perm(0666));\n"
                + "    unix-dgram(\"/sysroot/other/dev/log\" perm(0666));\n"
                + "};\n"
                + "log { source(s_syschroot); destination(d_syslog); };");
    assertThat(withoutComments(NativeDaemon.SYSLOG_NG.configuration(List.of(NATIVE_DEV))))
        .isEmpty();
  }

  @Test
  void configuration_ofJournald_theMountThatIsMissing() {
    assertThat(NativeDaemon.JOURNALD.configuration(List.of(NATIVE_DEV)))
        .contains("#     mounts = [..., \"/run/systemd/journal\"]\n")
        .contains(
            "\n/run/systemd/journal /sysroot/native/run/systemd/journal none"
                + " rbind,rslave,x-mount.mkdir 0 0\n")
        .doesNotContain("ln -s");
    assertThat(NativeDaemon.JOURNALD.configuration(List.of(OWN_DEV)))
        .contains("#     ln -s /run/systemd/journal/dev-log /sysroot/own/dev/log\n");
  }

  @Test
  void configuration_ofJournaldThatIsMountedAlready_nothingToDo() {
    for (String source : List.of("/run/systemd/journal", "/run/systemd", "/run")) {
      String text =
          NativeDaemon.JOURNALD.configuration(
              List.of(image("sl5", "/sysroot/sl5", mounts("/dev", source))));
      assertThat(withoutComments(text)).as(source).isEmpty();
      assertThat(text).contains("mounts contains /run/systemd/journal already");
    }
  }

  @Test
  void configuration_rootThatNeedsQuotes_isRefused() {
    for (String root : List.of("/sys root", "/sys\"root", "/sys$root", "/sys%root", "/sys\nroot")) {
      List<Image> images = List.of(image("odd", root, MountPlan.empty()));
      for (NativeDaemon daemon : NativeDaemon.values()) {
        assertThatThrownBy(() -> daemon.configuration(images))
            .as("%s of %s", daemon, root)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith("odd: its root ");
      }
    }
  }
}
