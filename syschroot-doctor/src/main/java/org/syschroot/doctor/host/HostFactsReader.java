// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.host;

import com.google.common.base.Suppliers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.kernel.Machine;
import org.syschroot.personality.elf.ElfMachine;
import org.syschroot.personality.elf.KernelVersion;
import org.syschroot.personality.emulation.BinfmtHandler;

/** Reads {@link HostFacts} of the running system from /proc. */
public final class HostFactsReader {
  private static final String HANDLERS = "/proc/sys/fs/binfmt_misc";

  private HostFactsReader() {}

  /**
   * Reads the facts.
   *
   * @param host the files of the native system
   * @param environment the caller's environment
   * @param effectiveUid the user who asks
   * @throws IOException if the version of the kernel cannot be read
   */
  public static HostFacts read(SystemFiles host, Map<String, String> environment, int effectiveUid)
      throws IOException {
    String release = host.text("/proc/sys/kernel/osrelease").orElse("").strip();
    KernelVersion version =
        KernelVersion.parse(release)
            .orElseThrow(
                () ->
                    new IOException(
                        "/proc/sys/kernel/osrelease does not contain the version of the kernel: \""
                            + release
                            + "\""));
    Supplier<Tristate> i386 = Suppliers.memoize(I386Probe::run);
    return new HostFacts(
        version,
        Machine.current() == Machine.X86_64 ? ElfMachine.EM_X86_64 : ElfMachine.EM_AARCH64,
        Vsyscall.ofMaps(host.text("/proc/self/maps").orElse("")),
        host.text("/proc/cmdline").orElse(""),
        CpuLevel.of(host.text("/proc/cpuinfo").orElse("")),
        handlers(host),
        i386,
        environment,
        effectiveUid);
  }

  private static List<BinfmtHandler> handlers(SystemFiles host) {
    List<BinfmtHandler> handlers = new ArrayList<>();
    if (host.text(HANDLERS + "/status").filter(status -> status.startsWith("enabled")).isEmpty()) {
      return handlers;
    }
    for (String name : host.list(HANDLERS)) {
      if (!name.equals("register") && !name.equals("status")) {
        Optional<String> text = host.text(HANDLERS + "/" + name);
        text.flatMap(lines -> BinfmtHandler.parse(name, lines)).ifPresent(handlers::add);
      }
    }
    return handlers;
  }
}
