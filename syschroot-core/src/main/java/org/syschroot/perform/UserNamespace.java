// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.host.IdRanges;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.ProcessStatus;
import org.syschroot.kernel.UserNamespaceSettings;
import org.syschroot.kernel.UserNamespaceSettings.Obstacle;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchPlan;

/**
 * The user namespace of a plan that is compiled. Mostly the program makes it. One in which the
 * caller is root and has all numbers that the administrator has left to them is made beforehand:
 * only newuidmap(1) and newgidmap(1) may map those, from outside, so a process enters it and waits
 * until it is mapped. It is held by a descriptor, without a process, until it is closed. For one
 * start.
 */
public final class UserNamespace implements AutoCloseable {
  // With nothing of the caller's environment, whatever looks for itself in it.
  private static final Map<String, String> ENVIRONMENT =
      Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C");
  private static final List<String> HOLDER =
      List.of("/usr/bin/unshare", "--user", "--", "/bin/sh", "-c", "echo; read -r closed");

  private static final int MADE_BY_PROGRAM = -1;

  private final Kernel kernel;
  private final int descriptor;

  private UserNamespace(Kernel kernel, int descriptor) {
    this.kernel = kernel;
    this.descriptor = descriptor;
  }

  private static IdRanges ranges(SwitchPlan plan) {
    for (KernelStep step : plan.steps()) {
      if (step instanceof KernelStep.EnterUserNamespace enter) {
        return enter.further();
      }
    }
    return IdRanges.NONE;
  }

  /**
   * Returns the namespace of a plan, and makes it if the program cannot.
   *
   * @throws SwitchException if the kernel or one of the programs refuses; nothing is left
   */
  public static UserNamespace of(SwitchPlan plan, Kernel kernel) throws SwitchException {
    requireAllowed(plan);
    IdRanges further = ranges(plan);
    return further.isEmpty()
        ? new UserNamespace(kernel, MADE_BY_PROGRAM)
        : withRanges(plan, kernel, further);
  }

  private static void requireAllowed(SwitchPlan plan) throws SwitchException {
    Optional<Obstacle> obstacle = UserNamespaceSettings.running().obstacle();
    if (obstacle.isPresent()) {
      Obstacle setting = obstacle.get();
      throw SwitchException.withHint(
          plan.image().name(),
          "cannot enter the image without root: user namespaces are forbidden by "
              + setting.name()
              + " = "
              + setting.value(),
          "the administrator can allow them with \"sysctl "
              + setting.name()
              + "="
              + setting.needed()
              + "\", or create a launcher: syschroot link "
              + plan.image().name()
              + " --into DIR");
    }
  }

  private static UserNamespace withRanges(SwitchPlan plan, Kernel kernel, IdRanges further)
      throws SwitchException {
    Process holder = null;
    try {
      holder = start(HOLDER);
      if (holder.getInputStream().read() < 0) {
        throw new IOException("unshare: " + said(holder));
      }
      ProcessStatus own = ProcessStatus.read();
      map("newuidmap", holder.pid(), own.effectiveUid(), further.users());
      map("newgidmap", holder.pid(), own.effectiveGid(), further.groups());
      OsString path = OsString.of("/proc/" + holder.pid() + "/ns/user");
      return new UserNamespace(kernel, kernel.openat(Kernel.AT_FDCWD, path, OpenFlags.O_RDONLY, 0));
    } catch (KernelException e) {
      throw new SwitchException(plan.image().name(), "cannot create a user namespace", e);
    } catch (IOException e) {
      throw SwitchException.withHint(
          plan.image().name(),
          "cannot create a user namespace with the numbers in /etc/subuid and /etc/subgid: "
              + e.getMessage(),
          "have these files corrected, or use --rootless");
    } finally {
      end(holder);
    }
  }

  private static Process start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(ENVIRONMENT);
    return builder.start();
  }

  private static void map(String program, long pid, int own, List<IdRanges.Range> further)
      throws IOException {
    List<String> words = new ArrayList<>(List.of("/usr/bin/" + program, Long.toString(pid)));
    words.addAll(List.of("0", Integer.toUnsignedString(own), "1"));
    long inside = 1;
    for (IdRanges.Range range : further) {
      words.add(Long.toString(inside));
      words.add(Long.toString(range.first()));
      words.add(Long.toString(range.count()));
      inside += range.count();
    }
    Process process = start(words);
    process.getOutputStream().close();
    String said = said(process);
    if (waitFor(process) != 0) {
      throw new IOException(said.isEmpty() ? program + " failed" : said);
    }
  }

  private static String said(Process process) throws IOException {
    InputStream output = process.getInputStream();
    return new String(output.readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  /** It does nothing but wait for the end of its input. */
  private static void end(@Nullable Process holder) {
    if (holder != null) {
      holder.destroyForcibly();
      waitFor(holder);
    }
  }

  private static int waitFor(Process process) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return process.waitFor();
        } catch (InterruptedException e) {
          interrupted = true; // It ends at once in any case.
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Returns whether it is there, and not made by the program. */
  public boolean isThere() {
    return descriptor != MADE_BY_PROGRAM;
  }

  /** Returns the descriptor that setns(2) takes, or a negative number if it is not there yet. */
  public int descriptor() {
    return descriptor;
  }

  /**
   * Leaves the descriptor open in the program that this process becomes, which closes it.
   *
   * @throws KernelException if that fails
   */
  public void keepOnExec() throws KernelException {
    if (isThere()) {
      kernel.setCloseOnExec(descriptor, false);
    }
  }

  /** Closes the descriptor: the namespace lives on in whoever has entered it. */
  @Override
  public void close() throws KernelException {
    if (isThere()) {
      kernel.close(descriptor);
    }
  }
}
