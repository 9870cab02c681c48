// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.syschroot.caller.Signals;
import org.syschroot.kernel.ChildSettings;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.ProcessCalls;
import org.syschroot.path.OsString;
import org.syschroot.perform.UserNamespace;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchException.Kind;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;

/**
 * Makes one child of a plan that no thread of this JVM could carry out: the child begins as a
 * program in memory that takes the steps and becomes the command. What the program has to say comes
 * through a pipe that closes when the command begins; a NUL at its end means that it does not. For
 * one start.
 */
final class CompiledChild implements ChildStart {
  private static final OsString NAME = OsString.of("syschroot");
  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_FOUND = 127;
  private static final int BLOCK = 4096;

  private final SwitchPlan plan;
  private final SpawnContext host;
  private final SwitchListener listener;
  private final ChildWishes wishes;
  private final Map<Integer, Integer> descriptors;
  private final List<Integer> controlGroups;
  private int pid;

  CompiledChild(
      SwitchPlan plan,
      SpawnContext host,
      SwitchListener listener,
      ChildWishes wishes,
      Map<Integer, Integer> descriptors,
      List<Integer> controlGroups) {
    this.plan = plan;
    this.host = host;
    this.listener = listener;
    this.wishes = wishes;
    this.descriptors = new TreeMap<>(descriptors);
    this.controlGroups = controlGroups;
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public void spawn() throws SwitchException, KernelException {
    if (wishes.ownPidNamespace()) {
      throw SwitchException.withHint(
          plan.image().name(),
          "cannot create a PID namespace for the command without root's privileges",
          "omit it, or run this JVM as root");
    }
    try (UserNamespace namespace = UserNamespace.of(plan, host.kernel())) {
      int number = namespace.descriptor();
      if (namespace.isThere()) {
        number = free(2);
        descriptors.put(number, namespace.descriptor());
      }
      spawnIn(number);
    }
  }

  private void spawnIn(int userNamespace) throws SwitchException, KernelException {
    int programs = free(0);
    int reports = free(1);
    byte[] program = host.compiler().compile(plan, reports, userNamespace);
    ProcessCalls.Pipe pipe = host.calls().pipe();
    try {
      try {
        start(program, programs, pipe.writeEnd(), reports);
      } finally {
        host.calls().close(pipe.writeEnd());
      }
      hear(read(pipe.readEnd()));
    } finally {
      host.calls().close(pipe.readEnd());
    }
  }

  /** Returns a number that is none of the command's descriptors. */
  private int free(int behind) {
    int highest = descriptors.keySet().stream().mapToInt(Integer::intValue).max().orElse(0);
    return Math.max(2, highest) + 1 + behind;
  }

  private void start(byte[] program, int programs, int pipe, int reports)
      throws SwitchException, KernelException {
    int memory = host.memory().keep(NAME, program);
    try {
      descriptors.put(programs, memory);
      descriptors.put(reports, pipe);
      pid = onItsOwnThread() ? spawnOnThread(programs) : spawn(programs);
    } finally {
      host.calls().close(memory);
    }
  }

  /** The nice value and the processors belong to a thread, and its children inherit them. */
  private boolean onItsOwnThread() {
    return wishes.nice().isPresent() || wishes.processors().isPresent();
  }

  private int spawnOnThread(int programs) throws SwitchException, KernelException {
    CompletableFuture<Integer> child = new CompletableFuture<>();
    Runnable work =
        () -> {
          try {
            wishes.applyToThread(host.calls());
            child.complete(spawn(programs));
          } catch (Throwable e) {
            child.completeExceptionally(e);
          }
        };
    Thread thread = new Thread(null, work, "syschroot spawns", 0, false);
    thread.setDaemon(true);
    try {
      host.start(thread);
    } catch (OutOfMemoryError noThreadLeft) { // so HotSpot tells of clone(2) that failed
      throw failed(new KernelException("clone", "thread", Errno.EAGAIN.number()));
    }
    return result(child);
  }

  private int result(CompletableFuture<Integer> child) throws SwitchException, KernelException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return child.get();
        } catch (InterruptedException e) {
          interrupted = true; // There is either a child or none: never an unknown.
        } catch (ExecutionException e) {
          throw rethrown(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private SwitchException rethrown(@Nullable Throwable cause) {
    if (cause instanceof SwitchException e) {
      return e;
    }
    if (cause instanceof KernelException e) {
      return failed(e);
    }
    if (cause instanceof Error e) {
      throw e;
    }
    throw new IllegalStateException("a thread that makes a child has failed", cause);
  }

  private SwitchException failed(KernelException cause) {
    return new SwitchException(plan.image().name(), "cannot prepare the command", cause);
  }

  private int spawn(int programs) throws SwitchException {
    KernelStep.Execute last = execute();
    Signals signals = signals();
    ChildSettings settings =
        new ChildSettings(
            descriptors,
            signals.blocked(),
            signals.ignored(),
            Map.of(),
            controlGroups,
            OptionalInt.empty(),
            false);
    OsString path = OsString.of("/proc/self/fd/" + programs);
    List<OsString> arguments = last.candidates().get(0).arguments();
    try {
      return settings.isPlain()
          ? host.kernel()
              .spawn(
                  path,
                  arguments,
                  last.environment(),
                  descriptors,
                  signals.blocked(),
                  signals.ignored())
          : host.calls().spawn(path, arguments, last.environment(), settings);
    } catch (KernelException e) {
      throw failed(e);
    }
  }

  private KernelStep.Execute execute() {
    return (KernelStep.Execute) plan.steps().get(plan.steps().size() - 1);
  }

  private Signals signals() {
    for (KernelStep step : plan.steps()) {
      if (step instanceof KernelStep.RestoreSignals restored) {
        return restored.signals();
      }
    }
    return Signals.NONE;
  }

  private byte[] read(int pipe) throws KernelException {
    byte[] all = new byte[0];
    byte[] block = new byte[BLOCK];
    while (true) {
      int length = host.calls().read(pipe, block, 0, BLOCK);
      if (length == 0) {
        return all;
      }
      int before = all.length;
      all = Arrays.copyOf(all, before + length);
      System.arraycopy(block, 0, all, before, length);
    }
  }

  private void hear(byte[] said) throws SwitchException, KernelException {
    if (said.length == 0) {
      return;
    }
    boolean failed = said[said.length - 1] == 0;
    String text =
        OsString.ofBytes(failed ? Arrays.copyOf(said, said.length - 1) : said)
            .toUtf8()
            .orElseGet(() -> new String(said, StandardCharsets.ISO_8859_1));
    List<String> lines = text.lines().toList();
    if (!failed) {
      lines.forEach(line -> remark(withoutPrefix(line)));
      return;
    }
    lines.subList(0, lines.size() - 1).forEach(line -> remark(withoutPrefix(line)));
    int status = host.calls().reap(pid);
    pid = 0;
    throw SwitchException.reported(
        plan.image().name(), kind(status), withoutPrefix(lines.get(lines.size() - 1)));
  }

  private String withoutPrefix(String line) {
    String prefix = "syschroot: " + plan.image().name() + ": ";
    return line.startsWith(prefix) ? line.substring(prefix.length()) : line;
  }

  private static Kind kind(int status) {
    return switch (status) {
      case NOT_FOUND -> Kind.NOT_FOUND;
      case NOT_EXECUTABLE -> Kind.NOT_EXECUTABLE;
      default -> Kind.FAILED;
    };
  }

  /** A line about the directory: that it is another one, or that it was replaced. */
  private void remark(String line) {
    String replaced = "; starting in ";
    int reason = line.lastIndexOf(replaced);
    int other = line.indexOf(" in the image is not ");
    if (reason >= 0) {
      OsString directory = OsString.of(line.substring(reason + replaced.length()));
      listener.directoryReplaced(plan.image().name(), line.substring(0, reason), directory);
    } else if (other >= 0) {
      listener.otherDirectory(plan.image().name(), OsString.of(line.substring(0, other)));
    }
  }
}
