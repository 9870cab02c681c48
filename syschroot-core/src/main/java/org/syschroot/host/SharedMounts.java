// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.host;

import java.util.List;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.MountContributor;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * Mounts files that were made for an image over its own, where it cannot be written: what else
 * {@code accounts} and {@code consistent} write into it. Immutable and thread-safe.
 */
public final class SharedMounts implements MountContributor {
  /** Where the files are: root's alone, and gone after a restart. */
  public static final HostPath RUN = HostPath.of("/run/syschroot");

  /** The paths in an image that can be mounted over. */
  public static final List<ImagePath> PATHS =
      List.of(
          ImagePath.of("/etc/passwd"),
          ImagePath.of("/etc/group"),
          ImagePath.of("/etc/shadow"),
          ImagePath.of("/etc/gshadow"),
          ImagePath.of("/etc/resolv.conf"),
          ImagePath.of("/etc/hosts"),
          ImagePath.of("/etc/localtime"),
          ImagePath.of("/etc/timezone"),
          ImagePath.of("/etc/default/locale"),
          ImagePath.of("/etc/locale.conf"),
          ImagePath.of("/etc/machine-id"),
          ImagePath.of("/etc/ssl/certs/ca-certificates.crt"),
          ImagePath.of("/etc/pki/tls/certs/ca-bundle.crt"),
          ImagePath.of("/etc/ssl/ca-bundle.pem"),
          ImagePath.of("/etc/ssl/cert.pem"),
          ImagePath.of("/etc/cups/client.conf"));

  private final HostPath run;

  /** Creates the contributor for files in {@link #RUN}. */
  public SharedMounts() {
    this(RUN);
  }

  /** Creates the contributor for files in another directory. */
  public SharedMounts(HostPath run) {
    this.run = run;
  }

  /** Returns the directory of an image's files. */
  public static HostPath directory(HostPath run, ImageName image) {
    return run.resolve("files").resolve(image.toString());
  }

  /** Returns the name of the file for a path of the image. */
  public static OsString fileName(ImagePath path) {
    return OsString.of(path.toString().substring(1).replace('/', '-'));
  }

  @Override
  public String name() {
    return "consistent";
  }

  @Override
  public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
    HostPath directory = directory(run, image.name());
    if (image.consistency().isNone() || host.kind(directory) != HostFiles.Kind.DIRECTORY) {
      return plan;
    }
    MountPlan all = plan;
    for (ImagePath path : PATHS) {
      HostPath file = directory.resolve(fileName(path));
      if (host.kind(file) == HostFiles.Kind.FILE && !isMounted(plan, path)) {
        all = all.plus(BindMount.of(file, MountOption.READ_ONLY, MountOption.OPTIONAL).at(path));
      }
    }
    return all;
  }

  private static boolean isMounted(MountPlan plan, ImagePath path) {
    return plan.steps().stream()
        .anyMatch(step -> !step.target().isRoot() && path.startsWith(step.target()));
  }
}
