// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxPollCalls;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.testing.InOwnMountNamespace;

@InOwnMountNamespace
class CurrentTableTest {
  private static final OsString TMPFS = OsString.of("tmpfs");
  private static final String PROCESS = "/proc/self/";
  private static final Kernel KERNEL = LinuxKernel.running();

  @TempDir Path directory;

  /** A kernel for which the test's thread, in its own namespace, is the process. */
  private static Kernel threadAsProcess() {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> {
              Object[] changed = arguments.clone();
              for (int i = 0; i < changed.length; i++) {
                if (String.valueOf(changed[i]).startsWith(PROCESS)) {
                  String rest = changed[i].toString().substring(PROCESS.length());
                  changed[i] = OsString.of("/proc/thread-self/" + rest);
                }
              }
              try {
                return method.invoke(KERNEL, changed);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private HostPath target() throws IOException {
    return HostPath.of(directory.toRealPath().toString());
  }

  private void mount() throws IOException {
    KERNEL.mount(TMPFS, target().value(), TMPFS, 0, null);
  }

  @Test
  void now_mountedAndUnmounted_isSeenEachTime() throws IOException {
    CurrentTable points = new CurrentTable(threadAsProcess(), LinuxPollCalls.running());
    assertThat(points.now().targets()).isNotEmpty().doesNotContain(target());
    for (int i = 0; i < 50; i++) {
      mount();
      assertThat(points.now().targets()).contains(target()).isEqualTo(MountTable.read().targets());
      KERNEL.umount2(target().value(), 0);
      assertThat(points.now().targets()).doesNotContain(target());
    }
  }

  @Test
  void now_nothingChanged_isNotReadAgain() throws IOException {
    CurrentTable points = new CurrentTable(threadAsProcess(), LinuxPollCalls.running());
    MountTable first = points.now();
    assertThat(points.now()).isSameAs(first);
  }

  @Test
  void now_threadInANamespaceOfItsOwn_isThatOfTheThread() throws IOException {
    mount();
    assertThat(CurrentTable.ofThisProcess().now().targets()).contains(target());
  }

  @Test
  void now_tableCannotBeReadAgain_saysSoAndWorksLater() throws IOException {
    boolean[] refuse = {false};
    CurrentTable points =
        new CurrentTable(
            threadAsProcess(),
            fd -> {
              if (refuse[0]) {
                throw new KernelException("ppoll", "fd=" + fd, 12);
              }
              return LinuxPollCalls.running().isExceptional(fd);
            });
    points.now();
    refuse[0] = true;
    assertThatThrownBy(points::now).isInstanceOf(KernelException.class);
    refuse[0] = false;
    mount();
    assertThat(points.now().targets()).contains(target());
  }
}
