// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.exec;

import java.util.ArrayList;
import java.util.Arrays;
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
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounting.MountSurvey;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.RecordingKernel;

/** Plans to be carried out on a recording kernel, and what a listener hears of it. */
final class Switches implements SwitchListener {
  static final Identity BOB = new Identity(1001, 100, List.of(100, 27));

  final List<String> notices = new ArrayList<>();
  final List<KernelStep> steps = new ArrayList<>();

  static Image.Builder image() {
    return Image.builder(new ImageName("x"), HostPath.of("/sysroot/x")).mounts(MountPlan.empty());
  }

  static Image.Builder image(DirectoryPolicy policy) {
    return image().directoryPolicy(policy);
  }

  static SwitchRequest run(Image.Builder image, String... command) {
    return SwitchRequest.in(image.build()).command(command);
  }

  static SwitchPlan plan(SwitchRequest request) throws SwitchException {
    Caller caller =
        new Caller(
            Arrays.asList(OsString.of("PATH=/usr/bin:/bin"), OsString.of("HOME=/h")),
            WorkingDirectory.at("/work"),
            Set.of(0, 1, 2, 7),
            new Signals(2, 1L << 12));
    return plan(request, caller);
  }

  static SwitchPlan plan(SwitchRequest request, Caller caller) throws SwitchException {
    return request.plan(
        caller, new HostState(path -> HostFiles.Kind.DIRECTORY, MountSurvey.NOTHING_MOUNTED));
  }

  /** Returns a plan with a step of every kind. */
  static SwitchPlan everything() throws SwitchException {
    Image.Builder image =
        image()
            .mounts(MountPlan.empty().plus(BindMount.of(HostPath.of("/home"))))
            .personality(new Personality(8))
            .openFiles(8000)
            .droppedCapabilities(Set.of(Capability.SYS_MODULE, Capability.SYS_RAWIO))
            .noNewPrivileges(true);
    return plan(run(image, "/bin/true").identity(BOB));
  }

  /** Returns a host with descriptors that the caller left open, two of them not for the command. */
  static RecordingKernel host() {
    return hostWithOtherWork().sameFile("/work", "/sysroot/x/work");
  }

  /** Returns a host on which the directory in the image is another one than the caller's. */
  static RecordingKernel hostWithOtherWork() {
    return new RecordingKernel()
        .currentDirectory("/work")
        .inherit(7, 8)
        .mounted("/", "/home", "/proc")
        .program("/sysroot/x/bin/true");
  }

  void carryOut(SwitchPlan plan, RecordingKernel kernel) throws SwitchException {
    new InPlaceSwitch(plan, kernel, (root, mount) -> bind(kernel, root, mount), this, 0).run();
  }

  private static void bind(Kernel kernel, int root, MountSelection.Mount mount)
      throws KernelException {
    OsString target = mount.step().target().value();
    int place = kernel.openat2(root, target, OpenFlags.O_PATH, 0, OpenFlags.RESOLVE_IN_ROOT);
    int tree = kernel.openTree(Kernel.AT_FDCWD, target, MountFlags.OPEN_TREE_CLONE);
    kernel.moveMount(tree, place);
    kernel.close(tree);
    kernel.close(place);
  }

  @Override
  public void beforeStep(KernelStep step) {
    steps.add(step);
  }

  @Override
  public void otherDirectory(ImageName image, OsString directory) {
    notices.add(image + ": other " + directory);
  }

  @Override
  public void directoryReplaced(ImageName image, String reason, OsString directory) {
    notices.add(image + ": " + reason + " -> " + directory);
  }
}
