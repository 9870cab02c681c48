// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.upkeep;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.finding.Severity;
import org.syschroot.image.Image;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mounts.ImageMounts;
import org.syschroot.path.HostPath;

/** Planned mounts that are missing, foreign or stale, and mounts that nobody planned. */
public final class MountStates implements Check {
  /** Opens the mounts of an image. */
  @FunctionalInterface
  public interface Mounts {
    /**
     * Opens them.
     *
     * @throws IOException if they are not known
     */
    ImageMounts open(Image image) throws IOException;
  }

  private final Mounts mounts;

  public MountStates(Mounts mounts) {
    this.mounts = mounts;
  }

  @Override
  public List<Finding> examine(Examination examination) throws IOException {
    List<MountStatus> all;
    try (ImageMounts open = mounts.open(examination.image())) {
      all = open.status();
    }
    List<Finding> findings = new ArrayList<>();
    addMissing(examination, all, findings);
    add(
        examination,
        of(all, MountStatus.State.FOREIGN),
        Finding.error("mount-foreign")
            .effect(
                "mount and umount do not change these, and programs see other files than"
                    + " configured")
            .cause("something else is mounted there")
            .remedy("find out who mounted it, then unmount it with umount(8)"),
        findings);
    addStale(examination, of(all, MountStatus.State.STALE), findings);
    add(
        examination,
        of(all, MountStatus.State.EXTRA),
        Finding.of(Severity.WARNING, "mount-extra")
            .effect("rm -r on the image would delete the mounted files of the host")
            .cause("these filesystems are mounted in the image, but are not configured")
            .remedy("syschroot status " + examination.image().name() + " shows who made them"),
        findings);
    return findings;
  }

  private static void addStale(
      Examination examination, List<MountStatus> stale, List<Finding> findings) {
    String image = examination.image().name().toString();
    List<MountStatus> files = stale.stream().filter(MountStates::isOfFile).toList();
    add(
        examination,
        files,
        Finding.error("mount-outdated")
            .effect(
                "programs see the old content of these files, or cannot connect to the daemon"
                    + " behind a socket")
            .cause("the files were replaced on the host after they were mounted")
            .remedy("syschroot mount " + image),
        findings);
    add(
        examination,
        stale.stream().filter(mount -> !isOfFile(mount)).toList(),
        Finding.error("mount-stale")
            .effect(
                "programs that use these directories fail: Stale file handle (ESTALE), or"
                    + " Transport endpoint"
                    + " is not connected (ENOTCONN)")
            .cause("the server or daemon of the mounted filesystem has ended or was replaced")
            .remedy("syschroot umount " + image + ", then: syschroot mount " + image),
        findings);
  }

  private static boolean isOfFile(MountStatus mount) {
    return mount.planned().filter(planned -> !planned.ofDirectory()).isPresent();
  }

  private static List<MountStatus> of(List<MountStatus> all, MountStatus.State state) {
    return all.stream().filter(mount -> mount.state() == state).toList();
  }

  /** If none is up, a switch by root makes them itself; launchers need them. */
  private static void addMissing(
      Examination examination, List<MountStatus> all, List<Finding> findings) {
    List<MountStatus> missing = of(all, MountStatus.State.MISSING);
    boolean noneIsUp = all.stream().allMatch(m -> m.planned().isEmpty() || missing.contains(m));
    boolean hasLaunchers = examination.image().launchers().isPresent();
    Severity severity =
        hasLaunchers ? Severity.ERROR : noneIsUp ? Severity.NOTICE : Severity.WARNING;
    add(
        examination,
        missing,
        Finding.of(severity, "mount-missing")
            .effect(
                hasLaunchers
                    ? "programs started by a launcher do not see " + targets(missing)
                    : "\"syschroot run\" mounts them for each command; other programs in the"
                        + " image do not see "
                        + targets(missing))
            .cause(
                noneIsUp
                    ? "the filesystems of the image are not mounted"
                    : "some filesystems of the image are not mounted")
            .remedy("syschroot mount " + examination.image().name()),
        findings);
  }

  private static String targets(List<MountStatus> mounts) {
    return String.join(", ", mounts.stream().map(m -> m.target().toString()).toList());
  }

  private static void add(
      Examination examination,
      List<MountStatus> mounts,
      Finding.Builder finding,
      List<Finding> findings) {
    if (!mounts.isEmpty()) {
      HostPath root = examination.image().root();
      findings.add(
          finding
              .paths(mounts.stream().map(m -> m.target().under(root).toString()).toList())
              .build());
    }
  }
}
