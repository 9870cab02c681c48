// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.List;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Doctor;

/** All checks of this module. */
public final class StandardChecks {
  private static final List<Check> ALL =
      List.of(
          new ForeignArchitecture(),
          new I386Emulation(),
          new KernelTooOld(),
          new CpuTooOld(),
          new VsyscallNeeded(),
          new KernelBuild(),
          new ImageFilesystem(),
          new MissingShells(),
          new ShellStart(),
          new LauncherPrograms(),
          new MissingMountPoints(),
          new MountedFiles(),
          new Automounts(),
          new ImageTrust(),
          new HomeFiles(),
          new AccountsDiffer(),
          new AccountClashes(),
          new SwitchUser(),
          new NameServices(),
          new HostNames(),
          new TimeZones(),
          new Locales(),
          new Printers(),
          new LibraryPaths(),
          new MountTableFile(),
          new UnknownPrivileges(),
          new OpenFiles(),
          new GlibcFlaws(),
          new UnameWrappers(),
          new UserNamespaces());

  private StandardChecks() {}

  /** Returns a doctor that does them. */
  public static Doctor doctor() {
    return new Doctor(ALL);
  }
}
