// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.ProcessCalls;

/** What {@link PipeInput} shows while the rest of a child's output is being kept. */
@Timeout(60)
final class PipeInputTest {
  private final ProcessCalls calls = LinuxProcessCalls.running();
  private final CountDownLatch keeping = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  /** Returns the calls, of which one waits. */
  private ProcessCalls waitingIn(String method) {
    return (ProcessCalls)
        Proxy.newProxyInstance(
            ProcessCalls.class.getClassLoader(),
            new Class<?>[] {ProcessCalls.class},
            (proxy, called, arguments) -> {
              if (called.getName().equals(method)) {
                keeping.countDown();
                goOn.await();
              }
              try {
                return called.invoke(calls, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void available_whileTheRestIsKept_isTheRest() throws Exception {
    ProcessCalls.Pipe pipe = calls.pipe();
    PipeInput input = new PipeInput(waitingIn("setNonBlocking"), pipe.readEnd());
    LinuxKernel.running().write(pipe.writeEnd(), new byte[] {1, 2, 3});
    calls.close(pipe.writeEnd());
    input.noteEnd();
    Thread keeper = new Thread(input::childEnded);
    keeper.start();
    keeping.await();

    FutureTask<Integer> available = new FutureTask<>(input::available);
    Thread asker = new Thread(available);
    asker.start();
    asker.join(200); // so long it would not take without waiting
    goOn.countDown();

    assertThat(available.get()).isEqualTo(3);
    keeper.join();
  }

  @Test
  void available_whenKeepingTheRestEnds_isTheRest() throws Exception {
    for (int i = 0; i < 5_000; i++) {
      ProcessCalls.Pipe pipe = calls.pipe();
      PipeInput input = new PipeInput(calls, pipe.readEnd());
      LinuxKernel.running().write(pipe.writeEnd(), new byte[] {1, 2, 3});
      calls.close(pipe.writeEnd());
      input.noteEnd();
      Thread keeper = new Thread(input::childEnded);
      keeper.start();
      while (keeper.isAlive()) {
        assertThat(input.available()).isEqualTo(3);
      }
      keeper.join();
      input.close();
    }
  }

  @Test
  void available_whileAnotherThreadReads_isNothingAtOnce() throws Exception {
    ProcessCalls.Pipe pipe = calls.pipe();
    PipeInput input = new PipeInput(calls, pipe.readEnd());
    FutureTask<Integer> read = new FutureTask<>(input::read);
    Thread reader = new Thread(read);
    reader.start();
    while (reader.getState() == Thread.State.NEW || !blocksIn(reader, "read")) {
      Thread.onSpinWait();
    }

    assertThat(input.available()).isZero();

    input.noteEnd();
    input.childEnded();
    assertThat(input.available()).isZero();
    LinuxKernel.running().write(pipe.writeEnd(), new byte[] {7});
    assertThat(read.get()).isEqualTo(7);
    calls.close(pipe.writeEnd());
  }

  @Test
  void read_restOfSeveralPieces_isWhatWasWritten() throws Exception {
    byte[] written = new byte[65_000];
    new Random(1).nextBytes(written);
    ProcessCalls.Pipe pipe = calls.pipe();
    LinuxKernel.running().write(pipe.writeEnd(), written);
    PipeInput input = new PipeInput(calls, pipe.readEnd());
    calls.close(pipe.writeEnd());
    input.noteEnd();
    assertThat(input.childEnded()).isTrue();
    assertThat(input.available()).isEqualTo(written.length);
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    read.write(input.read());
    for (byte[] some = input.readNBytes(777); some.length > 0; some = input.readNBytes(777)) {
      read.write(some);
    }
    assertThat(read.toByteArray()).isEqualTo(written);
    assertThat(input.available()).isZero();
  }

  private static boolean blocksIn(Thread thread, String method) {
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.getClassName().equals("java.io.FileInputStream")
          && frame.getMethodName().startsWith(method)) {
        return true;
      }
    }
    return false;
  }
}
