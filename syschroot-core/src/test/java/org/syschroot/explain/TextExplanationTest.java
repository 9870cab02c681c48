// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.OsString;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.SwitchRequest;

final class TextExplanationTest {
  @Test
  void of_planWithEverything_isThisText() {
    assertThat(TextExplanation.of(Plans.everything()))
        .isEqualTo(
            """
            deb32: /sysroot/deb32
             1  create a private mount namespace                                  unshare, mount
             2  open the working directory, to compare it with that of the image  openat
             3  open /sysroot/deb32 and check that only root can modify it        openat, statx
             4  mount /sysroot/deb32 on itself                                    open_tree, move_mount
             5  mount /home on /home (rbind, slave)                               openat2, open_tree,\
             mount_setattr, move_mount
             6  mount /data on /srv/data (rbind, slave, ro, nosuid)               openat2, open_tree,\
             mount_setattr, move_mount
             7  mount the file /etc/resolv.conf on /etc/resolv.conf (bind, private, ro)  openat2,\
             open_tree, mount_setattr, move_mount
             8  mount a new tmpfs on /tmp (nosuid, nodev, mode=1777)              openat2, mount
             9  make /sysroot/deb32 the root directory                            fchdir, chroot
            10  change the working directory to /home/alice/src; if denied, again after the user has changed\
              chdir
            11  set the personality linux32 uname26                               personality
            12  drop the sys_module, sys_rawio capabilities                       prctl, capget, capset
            13  become uid=1000 gid=100 groups=100,27                             setgroups, setresgid,\
             setresuid
            14  change the working directory to /home/alice/src, if it was denied before  chdir
            15  report if it is another directory of the same pathname            statx
            16  set no_new_privs: programs cannot gain privileges                 prctl
            17  pass the file descriptors 0, 1, 2 and no other                    close_range
            18  block no signal and ignore the signals 13                         rt_sigaction,\
             rt_sigprocmask
            19  limit open files to 1024, but not above the hard limit            prlimit
            20  execute the first of /usr/bin/make, /bin/make                     execve
                arguments: make 'it'\\''s' ''
                environment: 4 entries, SYSCHROOT_IMAGE=deb32
            omitted: /selinux: the host has no /selinux
            """);
  }

  @Test
  void of_controlCharacters_areNotPrintedRaw() {
    OsString hostile = OsString.of("/a\u001b[2J\nb\u009b\u007f");
    String text =
        TextExplanation.of(
            Plans.plan(
                SwitchRequest.in(
                        Plans.image()
                            .mounts(MountPlan.empty().plus(BindMount.parse(hostile)))
                            .build())
                    .command(List.of(hostile, hostile))));

    assertThat(text).contains("\\x1b[2J\\x0ab");
    assertThat(text.replace("\n", "").chars()).noneMatch(Character::isISOControl);
  }

  @Test
  void of_sharedNamespace_namesTheMissingMounts() {
    String text =
        TextExplanation.of(
            Plans.plan(
                SwitchRequest.in(
                        Plans.image()
                            .mounts(MountPlan.empty().plus(BindMount.parse(OsString.of("/data"))))
                            .build())
                    .mountNamespace(MountNamespace.SHARED)));

    assertThat(text)
        .contains("execute the first of /bin/zsh, /bin/sh")
        .contains("arguments: zsh | sh")
        .endsWith("not mounted: /data: configured, but not mounted\n");
  }
}
