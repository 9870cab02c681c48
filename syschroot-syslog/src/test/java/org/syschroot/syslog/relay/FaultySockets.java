// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.LinuxSocketCalls;
import org.syschroot.kernel.SocketCalls;

/** The running kernel, whose next sends fail instead of being made. */
final class FaultySockets {
  private final Queue<Errno> errors = new ConcurrentLinkedQueue<>();

  /** Fails as many of the next sends of a relay, with these errors in turn. */
  void failSends(Errno... next) {
    errors.addAll(List.of(next));
  }

  /** Returns whether all the errors have been met. */
  boolean areMet() {
    return errors.isEmpty();
  }

  SocketCalls calls() {
    SocketCalls real = LinuxSocketCalls.running();
    return (SocketCalls)
        Proxy.newProxyInstance(
            SocketCalls.class.getClassLoader(),
            new Class<?>[] {SocketCalls.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("send")) {
                Errno error = errors.poll();
                if (error != null) {
                  return -error.number();
                }
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
