// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.ProcessCalls;

/**
 * The running system, one call of which fails instead of being made: by the thread that starts a
 * command or the one that switches. For one start at a time.
 */
public final class FaultySystem {
  private static final String SWITCH_THREAD = "syschroot switches";

  /**
   * Those that cannot fail when the arguments are right, and what takes back a start that has
   * failed: of two faults at once nothing can be promised.
   */
  private static final Set<String> SURE =
      Set.of("close", "endThread", "kill", "reap", "awaitEnd", "dumpable", "setDumpable");

  private Thread starter = Thread.currentThread();
  private String name = "";
  private int failing;
  private boolean fillsHeap;
  private int calls;
  private volatile String failed = "";

  /** Fails the {@code nth} call of the next start by this thread; 0 for none. */
  public void failCall(int nth) {
    failCall("", nth);
  }

  /** Fails the {@code nth} call of a method; an empty name for any. */
  public void failCall(String method, int nth) {
    starter = Thread.currentThread();
    fillsHeap = false;
    name = method;
    failing = nth;
    calls = 0;
    failed = "";
  }

  /** Has no memory for the {@code nth} call of the next start by this thread; 0 for none. */
  public void runOutOfMemoryAt(int nth) {
    failCall("", nth);
    fillsHeap = true;
  }

  /** Returns the method that has failed, or an empty string. */
  public String failed() {
    return failed;
  }

  /** Returns the kernel to be used. */
  public Kernel kernel() {
    return proxy(Kernel.class, LinuxKernel.running());
  }

  /** Returns the further calls to be used. */
  public ProcessCalls calls() {
    return proxy(ProcessCalls.class, LinuxProcessCalls.running());
  }

  private <T> T proxy(Class<T> type, T real) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> invoke(real, method, arguments)));
  }

  private Object invoke(Object real, Method method, Object[] arguments) throws Throwable {
    if (isToFail(method)) {
      failed = method.getName();
      if (fillsHeap) {
        throw new OutOfMemoryError("injected");
      }
      throw new KernelException(method.getName(), "injected", Errno.EPERM.number());
    }
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private synchronized boolean isToFail(Method method) {
    Thread thread = Thread.currentThread();
    boolean counts =
        (thread == starter || thread.getName().equals(SWITCH_THREAD))
            && method.getExceptionTypes().length > 0
            && !SURE.contains(method.getName())
            && (name.isEmpty() || name.equals(method.getName()));
    return counts && ++calls == failing;
  }
}
