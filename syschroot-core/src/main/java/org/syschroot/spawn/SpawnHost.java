// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.ProcessCalls;
import org.syschroot.mount.Mounter;
import org.syschroot.path.OsString;
import org.syschroot.perform.SwitchRules;
import org.syschroot.plan.Caller;
import org.syschroot.plan.Signals;
import org.syschroot.plan.WorkingDirectory;

/**
 * What starts need of the native system and of this JVM, prepared once. Immutable and thread-safe.
 */
public final class SpawnHost {
  private static final Path ENVIRONMENT = Path.of("/proc/self/environ");

  private final Kernel kernel;
  private final ProcessCalls calls;
  private final Mounter mounter;
  private final SwitchRules rules;
  private final List<OsString> environment;
  private final DumpableFlag dumpable;
  private final ChildWatch watch;
  private final ThreadStart threads;

  /** How a thread is started. */
  @FunctionalInterface
  interface ThreadStart {
    void start(Thread thread);
  }

  private SpawnHost(
      Kernel kernel,
      ProcessCalls calls,
      Mounter mounter,
      SwitchRules rules,
      ThreadStart threads,
      List<OsString> environment) {
    this.kernel = kernel;
    this.calls = calls;
    this.mounter = mounter;
    this.rules = rules;
    this.threads = threads;
    this.environment = environment;
    boolean real = calls == LinuxProcessCalls.running();
    this.dumpable = real ? OfThisJvm.DUMPABLE : new DumpableFlag(calls);
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
   * @throws IOException if this process cannot be looked at in {@code /proc}
   */
  public static SpawnHost running(Mounter mounter, SwitchRules rules) throws IOException {
    return new SpawnHost(
        LinuxKernel.running(),
        LinuxProcessCalls.running(),
        mounter,
        rules,
        Thread::start,
        ownEnvironment());
  }

  /** Returns a system with other system calls and threads, for tests. */
  static SpawnHost of(
      Kernel kernel, ProcessCalls calls, Mounter mounter, SwitchRules rules, ThreadStart threads)
      throws IOException {
    return new SpawnHost(kernel, calls, mounter, rules, threads, ownEnvironment());
  }

  private static List<OsString> ownEnvironment() throws IOException {
    // The bytes, since System.getenv() has lost what is not valid in the JVM's charset.
    return OsString.split(Files.readAllBytes(ENVIRONMENT));
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

  DumpableFlag dumpable() {
    return dumpable;
  }

  /** Starts a thread, or throws {@link OutOfMemoryError} if the system has none left. */
  void start(Thread thread) {
    threads.start(thread);
  }

  ChildWatch watch() {
    return watch;
  }

  /**
   * Returns what a command inherits from this JVM.
   *
   * @param descriptors the numbers of the descriptors that it is to have
   */
  public Caller caller(Set<Integer> descriptors) {
    // The JVM blocks and handles signals for itself: none of it is for the command.
    return new Caller(
        environment, WorkingDirectory.current(kernel, environment), descriptors, Signals.NONE);
  }
}
