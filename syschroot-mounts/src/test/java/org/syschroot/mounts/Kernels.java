// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;

/** The running kernel, and the same as if it were older. */
public final class Kernels {
  private Kernels() {}

  public static Kernel running() {
    return LinuxKernel.running();
  }

  /** Returns the running kernel, on which some methods of {@link Kernel} fail with ENOSYS. */
  public static Kernel without(String... methods) {
    List<String> missing = List.of(methods);
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> {
              if (missing.contains(method.getName())) {
                throw new KernelException(method.getName(), "", Errno.ENOSYS.number());
              }
              try {
                return method.invoke(running(), arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  static Kernel beforeLinux52() {
    return without("openat2", "openTree", "mountSetattr", "moveMount");
  }

  static Stream<Named<Kernel>> all() {
    return Stream.of(
        Named.of("this kernel", running()),
        Named.of("as Linux 5.6", without("openTree", "mountSetattr", "moveMount")),
        Named.of("without openat2", without("openat2")),
        Named.of("as Linux 4", beforeLinux52()));
  }
}
