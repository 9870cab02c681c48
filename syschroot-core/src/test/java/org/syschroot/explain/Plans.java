// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import java.util.List;
import java.util.Set;
import org.syschroot.caller.Caller;
import org.syschroot.caller.Signals;
import org.syschroot.caller.WorkingDirectory;
import org.syschroot.host.HostState;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.mounting.MountSurvey;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.ImagePlan;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;

/** Plans for tests. */
final class Plans {
  static final Caller CALLER =
      new Caller(
          List.of(
              OsString.of("PATH=/usr/bin:/bin"),
              OsString.of("HOME=/home/alice"),
              OsString.of("SHELL=/bin/zsh")),
          WorkingDirectory.at("/home/alice/src"),
          Set.of(0, 1, 2),
          new Signals(0, 1L << 12));
  private static final HostFiles FILES =
      path ->
          path.value().equals(OsString.of("/selinux"))
              ? HostFiles.Kind.MISSING
              : path.value().equals(OsString.of("/etc/resolv.conf"))
                  ? HostFiles.Kind.FILE
                  : HostFiles.Kind.DIRECTORY;

  private Plans() {}

  static Image.Builder image() {
    return Image.builder(new ImageName("deb32"), HostPath.of("/sysroot/deb32"))
        .directoryPolicy(DirectoryPolicy.ROOT)
        .mounts(MountPlan.empty());
  }

  static SwitchPlan plan(SwitchRequest request) {
    return plan(request, CALLER);
  }

  static SwitchPlan plan(SwitchRequest request, Caller caller) {
    try {
      return request.plan(caller, new HostState(FILES, MountSurvey.NOTHING_MOUNTED));
    } catch (SwitchException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns the plan without a caller. */
  static ImagePlan imagePlan(SwitchRequest request) {
    try {
      return request.plan(new HostState(FILES, MountSurvey.NOTHING_MOUNTED));
    } catch (SwitchException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns a plan with a step of every kind. */
  static SwitchPlan everything() {
    return plan(requestOfEverything());
  }

  static SwitchRequest requestOfEverything() {
    MountPlan mounts =
        MountPlan.empty()
            .plus(BindMount.parse(OsString.of("/selinux:/selinux:optional")))
            .plus(BindMount.parse(OsString.of("/home")))
            .plus(BindMount.parse(OsString.of("/data:/srv/data:ro,nosuid")))
            .plus(BindMount.parse(OsString.of("/etc/resolv.conf::ro,norbind,private,file")))
            .plus(new TmpfsMount(ImagePath.of("/tmp"), OsString.of("mode=1777")));
    Image image =
        image()
            .mounts(mounts)
            .personality(Personality.of(List.of("linux32", "uname26")))
            .openFiles(1024)
            .droppedCapabilities(Set.of(Capability.SYS_MODULE, Capability.SYS_RAWIO))
            .noNewPrivileges(true)
            .build();
    return SwitchRequest.in(image)
        .command("make", "it's", "")
        .identity(new Identity(1000, 100, List.of(100, 27)));
  }

  static SwitchPlan command(List<OsString> words) {
    return plan(SwitchRequest.in(image().build()).command(words));
  }
}
