// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.io.IOException;
import java.util.List;
import org.syschroot.Syschroot;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Doctor;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.Budget;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Diagnosis;
import org.syschroot.doctor.host.HostFacts;
import org.syschroot.doctor.host.HostFactsReader;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.kernel.TreeCalls;
import org.syschroot.mountplan.MountSelection;

/**
 * The checks of this module.
 *
 * <p>To use after an image was made or the host was upgraded, before users find out.
 *
 * <pre>{@code
 * Diagnosis diagnosis = StandardChecks.examine(syschroot, sl5);
 * long errors = diagnosis.count(Severity.ERROR);
 * }</pre>
 */
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

  /**
   * Examines an image of this host by all of them. Nothing is changed; it can take seconds.
   *
   * @throws IOException if site code fails, or host or image cannot be read
   */
  public static Diagnosis examine(Syschroot syschroot, Image image) throws IOException {
    Kernel kernel = LinuxKernel.running();
    TreeCalls calls = LinuxTreeCalls.running();
    int uid = LinuxProcessCalls.running().effectiveUid();
    SystemFiles host = SystemFiles.ofHost(kernel, calls, Budget.standard());
    HostFacts facts = HostFactsReader.read(host, System.getenv(), uid);
    MountSelection mounts = syschroot.site().mountsOf(image);
    return doctor().examine(Examination.of(image, mounts, kernel, calls, host, facts));
  }
}
