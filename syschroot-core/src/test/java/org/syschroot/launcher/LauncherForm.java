// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.syschroot.image.LauncherKind;
import org.syschroot.mountplan.MountSelection;

/** Each kind of launcher with each privilege that it can have. */
enum LauncherForm {
  BOOT(LauncherKind.BOOT, Privilege.FILE_CAPABILITY),
  BOOT_SET_USER_ID(LauncherKind.BOOT, Privilege.SET_USER_ID),
  ENTRY(LauncherKind.ENTRY, Privilege.FILE_CAPABILITY),
  ENTRY_SET_USER_ID(LauncherKind.ENTRY, Privilege.SET_USER_ID),
  ROOTLESS(LauncherKind.ROOTLESS, Privilege.NONE);

  private final LauncherKind kind;
  private final Privilege privilege;

  LauncherForm(LauncherKind kind, Privilege privilege) {
    this.kind = kind;
    this.privilege = privilege;
  }

  Privilege privilege() {
    return privilege;
  }

  LauncherKind kind() {
    return kind;
  }

  boolean isSetUserId() {
    return privilege == Privilege.SET_USER_ID;
  }

  /** Returns a plan in this form; one of boot time finds its mounts. */
  Launchers of(Launchers plan, MountSelection.Mount... mounts) {
    Launchers privileged = isSetUserId() ? plan.setUserId() : plan;
    return switch (kind) {
      case BOOT -> privileged;
      case ENTRY -> privileged.entry(mounts);
      case ROOTLESS -> plan.rootless(mounts);
    };
  }
}
