// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.List;
import org.syschroot.path.OsString;

/**
 * Programs that are in memory only, and so have neither a place that somebody could exchange nor
 * one that would have to be cleaned up. Implementations are thread-safe.
 */
public interface ProgramMemory {
  /**
   * Keeps a program in memory that nobody can change any more, memfd_create(2) with all seals of
   * fcntl(2).
   *
   * @param name what {@code /proc} calls it
   * @return a descriptor, close-on-exec
   * @throws KernelException {@code EACCES} if the sysctl vm.memfd_noexec forbids it
   */
  int keep(OsString name, byte[] program) throws KernelException;

  /**
   * Replaces this process by a program that is open, execveat(2). Returns only by an exception.
   *
   * @param fd its descriptor; close-on-exec ones too, unless it is a script
   */
  void execute(int fd, List<OsString> arguments, List<OsString> environment) throws KernelException;
}
