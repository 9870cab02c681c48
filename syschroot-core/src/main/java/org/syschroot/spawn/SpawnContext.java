// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.IOException;
import org.syschroot.caller.CurrentProcess;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.LinuxProgramMemory;
import org.syschroot.kernel.ProcessCalls;
import org.syschroot.kernel.ProgramMemory;
import org.syschroot.mounting.Mounter;
import org.syschroot.perform.PlanCompiler;
import org.syschroot.perform.SwitchRules;
import org.syschroot.plan.SwitchException;

/**
 * What starts need of the native system and of this JVM, prepared once. Immutable and thread-safe.
 */
public final class SpawnContext {
  private final Kernel kernel;
  private final ProcessCalls calls;
  private final Mounter mounter;
  private final SwitchRules rules;
  private final PlanCompiler compiler;
  private final ProgramMemory memory;
  private final DumpableFlag dumpable;
  private final ChildWatch watch;
  private final ThreadStart threads;
  private final CurrentProcess process;

  /** How a thread is started. */
  @FunctionalInterface
  interface ThreadStart {
    void start(Thread thread);
  }

  private SpawnContext(
      Kernel kernel,
      ProcessCalls calls,
      Mounter mounter,
      SwitchRules rules,
      PlanCompiler compiler,
      ThreadStart threads,
      CurrentProcess process) {
    this.kernel = kernel;
    this.calls = calls;
    this.mounter = mounter;
    this.rules = rules;
    this.compiler = compiler;
    this.memory = new LinuxProgramMemory(kernel);
    this.threads = threads;
    this.process = process;
    boolean real = calls == LinuxProcessCalls.running();
    this.dumpable = real ? OfThisJvm.DUMPABLE : new DumpableFlag(calls);
    calls.reserveDescriptors();
    this.watch = real ? OfThisJvm.WATCH : ChildWatch.best(calls, Thread::start);
  }

  /** What there must be only one of in a JVM, however many catalogs are loaded. */
  private static final class OfThisJvm {
    static final DumpableFlag DUMPABLE = new DumpableFlag(LinuxProcessCalls.running());
    static final ChildWatch WATCH = ChildWatch.best(LinuxProcessCalls.running(), Thread::start);
  }

  /**
   * Returns the running system.
   *
   * @param mounter makes the mounts of private namespaces
   * @param rules decides what is the same for every way to run a command
   * @param compiler makes programs of plans that no thread can carry out
   * @throws IOException if this process cannot be looked at in {@code /proc}
   */
  public static SpawnContext running(Mounter mounter, SwitchRules rules, PlanCompiler compiler)
      throws IOException {
    Kernel kernel = LinuxKernel.running();
    return new SpawnContext(
        kernel,
        LinuxProcessCalls.running(),
        mounter,
        rules,
        compiler,
        Thread::start,
        CurrentProcess.of(kernel));
  }

  /** Returns a system with other system calls and threads, for tests. */
  static SpawnContext of(
      Kernel kernel, ProcessCalls calls, Mounter mounter, SwitchRules rules, ThreadStart threads)
      throws IOException {
    PlanCompiler none =
        (plan, reports, userNamespace) -> {
          throw new SwitchException(plan.image().name(), "no plan is compiled here");
        };
    return new SpawnContext(
        kernel, calls, mounter, rules, none, threads, CurrentProcess.of(kernel));
  }

  Kernel kernel() {
    return kernel;
  }

  ProcessCalls calls() {
    return calls;
  }

  Mounter mounter() {
    return mounter;
  }

  SwitchRules rules() {
    return rules;
  }

  PlanCompiler compiler() {
    return compiler;
  }

  ProgramMemory memory() {
    return memory;
  }

  DumpableFlag dumpable() {
    return dumpable;
  }

  /** Returns this JVM as the caller of commands. */
  CurrentProcess process() {
    return process;
  }

  /** Starts a thread, or throws {@link OutOfMemoryError} if the system has none left. */
  void start(Thread thread) {
    threads.start(thread);
  }

  ChildWatch watch() {
    return watch;
  }
}
