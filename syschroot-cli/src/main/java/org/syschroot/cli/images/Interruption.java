// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import java.io.IOException;
import java.time.Duration;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.FailureMessages;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.LinuxSignalCalls;
import org.syschroot.kernel.SignalCalls;

/**
 * Makes the first SIGINT, SIGTERM or SIGHUP an interruption of one thread, so that it can take back
 * what it has begun. The start script blocks these signals for the subcommands that want this;
 * where it did not, they end the process as they always do.
 */
final class Interruption implements Runnable {
  private static final long SIGNALS =
      SignalCalls.bit(SignalCalls.SIGINT)
          | SignalCalls.bit(SignalCalls.SIGTERM)
          | SignalCalls.bit(SignalCalls.SIGHUP);
  private static final Duration TURN = Duration.ofHours(1);

  private final Kernel kernel;
  private final Thread interrupted;
  private volatile int signal;

  private Interruption(Kernel kernel, Thread interrupted) {
    this.kernel = kernel;
    this.interrupted = interrupted;
  }

  /** What takes back what it has begun when its thread is interrupted. */
  interface Work {
    void run() throws IOException;
  }

  /**
   * Does work that the signals interrupt. If one has come and the work failed by it, this process
   * ends by the signal, as who waits for it expects.
   */
  static void during(Work work, Kernel kernel, Console console) throws IOException {
    Interruption interruption = ofThisThread(kernel);
    try {
      work.run();
    } catch (IOException e) {
      if (interruption.signal != 0) {
        console.error(FailureMessages.of(e));
        interruption.endByIt();
      }
      throw e;
    }
  }

  private static Interruption ofThisThread(Kernel kernel) {
    Interruption interruption = new Interruption(kernel, Thread.currentThread());
    if ("blocked".equals(System.getProperty("syschroot.signals"))) {
      Thread waiting = new Thread(interruption, "signals");
      waiting.setDaemon(true);
      waiting.start();
    }
    return interruption;
  }

  @Override
  public void run() {
    try {
      while (signal == 0) {
        signal = LinuxSignalCalls.running().await(SIGNALS, TURN);
      }
      interrupted.interrupt();
    } catch (KernelException e) {
      throw new IllegalStateException(e);
    }
  }

  private void endByIt() throws KernelException {
    kernel.setSignalMask(0);
    LinuxProcessCalls.running().kill((int) ProcessHandle.current().pid(), signal);
  }
}
