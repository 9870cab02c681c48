// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.syschroot.kernel.CloneFlags;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.MountFlags;
import org.syschroot.path.OsString;

/** Carries out {@link InOwnMountNamespace}. */
final class MountNamespaceExtension
    implements BeforeEachCallback, AfterEachCallback, InvocationInterceptor {
  private static final Namespace NAMESPACE = Namespace.create(MountNamespaceExtension.class);
  private static final Path HOST_TABLE = Path.of("/proc/self/mountinfo");

  /** The thread of one test, and what the host's mount table was before it. */
  private record Room(ExecutorService thread, List<String> before) {}

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    Room room = new Room(Executors.newSingleThreadExecutor(), Files.readAllLines(HOST_TABLE));
    context.getStore(NAMESPACE).put(Room.class, room);
    run(room, MountNamespaceExtension::enterNamespace);
  }

  private static @Nullable Void enterNamespace() throws IOException {
    Kernel kernel = LinuxKernel.running();
    kernel.unshare(CloneFlags.CLONE_NEWNS);
    kernel.mount(null, OsString.of("/"), null, MountFlags.MS_REC | MountFlags.MS_PRIVATE, null);
    return null;
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    Room room = room(context);
    room.thread().shutdownNow();
    assertThat(Files.readAllLines(HOST_TABLE))
        .as("the host's mount table after the test")
        .isEqualTo(room.before());
  }

  private static Room room(ExtensionContext context) {
    Room room = context.getStore(NAMESPACE).get(Room.class, Room.class);
    if (room == null) {
      throw new IllegalStateException("no mount namespace was made for this test");
    }
    return room;
  }

  private static <T> T run(Room room, Callable<T> work) throws Exception {
    try {
      return room.thread().submit(work).get();
    } catch (ExecutionException e) {
      throwAsIs(e.getCause());
      throw e;
    }
  }

  private static void throwAsIs(@Nullable Throwable failure) throws Exception {
    if (failure instanceof Error) {
      throw (Error) failure;
    }
    if (failure instanceof Exception) {
      throw (Exception) failure;
    }
  }

  private static void proceed(InvocationInterceptor.Invocation<Void> test, ExtensionContext context)
      throws Exception {
    run(
        room(context),
        () -> {
          try {
            return test.proceed();
          } catch (Throwable failure) {
            throwAsIs(failure);
            throw new IllegalStateException(failure);
          }
        });
  }

  @Override
  public void interceptBeforeEachMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    proceed(invocation, context);
  }

  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    proceed(invocation, context);
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    proceed(invocation, context);
  }

  @Override
  public void interceptAfterEachMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    proceed(invocation, context);
  }
}
