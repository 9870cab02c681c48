// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.host;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.syschroot.personality.elf.ElfMachine;
import org.syschroot.personality.elf.KernelVersion;
import org.syschroot.personality.elf.X86IsaLevel;
import org.syschroot.personality.emulation.BinfmtHandler;

/**
 * What the native system offers to an image. Immutable and thread-safe.
 *
 * @param kernel the version of the running kernel
 * @param machine the processor
 * @param vsyscall what is in the place of the old fast system calls; without meaning except on
 *     x86-64
 * @param commandLine the kernel's command line, empty if it cannot be read
 * @param cpuLevel the level of the processor; without meaning except on x86-64
 * @param handlers who takes foreign programs
 * @param runsI386 whether programs of i386 run, found out when it is asked for
 * @param environment the caller's environment
 * @param effectiveUid the user who asks
 */
public record HostFacts(
    KernelVersion kernel,
    ElfMachine machine,
    Vsyscall vsyscall,
    String commandLine,
    X86IsaLevel cpuLevel,
    List<BinfmtHandler> handlers,
    Supplier<Tristate> runsI386,
    Map<String, String> environment,
    int effectiveUid) {
  /** Copies the collections. */
  public HostFacts {
    handlers = List.copyOf(handlers);
    environment = Map.copyOf(environment);
  }

  /** Returns the last value of a parameter on the kernel's command line, or an empty text. */
  public String parameter(String name) {
    String value = "";
    for (String word : commandLine.strip().split("\\s+")) {
      if (word.startsWith(name + "=")) {
        value = word.substring(name.length() + 1);
      }
    }
    return value;
  }
}
