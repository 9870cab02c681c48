// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;

/** The running kernel, one call of which fails instead of being made. For one start. */
public final class FaultyKernel {
  private static final String SWITCH_THREAD = "syschroot switches";

  private final Kernel real;
  private final String name;
  private final int failing;
  private int calls;
  private String failed = "";

  private FaultyKernel(Kernel real, String name, int failing) {
    this.real = real;
    this.name = name;
    this.failing = failing;
  }

  /**
   * Fails the {@code failing}-th call of the switch thread. Calls of close(2) are not counted: of
   * an open descriptor without data it cannot fail.
   */
  public static FaultyKernel atCall(Kernel real, int failing) {
    return new FaultyKernel(real, "", failing);
  }

  /** Fails the first call of a method by the switch thread. */
  public static FaultyKernel of(Kernel real, String method) {
    return new FaultyKernel(real, method, 1);
  }

  /** Returns the kernel to be used. */
  public Kernel kernel() {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(), new Class<?>[] {Kernel.class}, this::invoke);
  }

  /** Returns the method that has failed, or an empty string. */
  public String failed() {
    return failed;
  }

  private Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    boolean counts =
        Thread.currentThread().getName().equals(SWITCH_THREAD)
            && !method.getName().equals("close")
            && !method.getName().equals("endThread")
            && (name.isEmpty() || name.equals(method.getName()));
    if (counts && ++calls == failing) {
      failed = method.getName();
      throw new KernelException(method.getName(), "injected", Errno.EPERM.number());
    }
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
