// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.ProcessCalls;

/**
 * A command that runs in an image, as a child of this JVM. Keeps the contract of {@link Process}:
 * an exit value of 128 and more may mean that a signal killed the command. Thread-safe.
 */
public final class SwitchedProcess extends Process {
  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;

  private final int pid;
  private final ProcessCalls calls;
  private final ChildStreams streams;
  private final boolean isInit;
  private final Optional<ProcessHandle> handle;
  private final OutputStream input;
  private final InputStream output;
  private final InputStream error;
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();
  private boolean reaped;

  SwitchedProcess(int pid, ProcessCalls calls, ChildStreams streams, boolean isInit) {
    this.pid = pid;
    this.calls = calls;
    this.streams = streams;
    this.isInit = isInit;
    // Now, since the JDK makes none for a process that has been reaped.
    this.handle = ProcessHandle.of(pid);
    this.input = new BufferedOutputStream(streams.input());
    this.output = new BufferedInputStream(streams.output());
    this.error = new BufferedInputStream(streams.error());
  }

  /** Called once, when the child has ended. Does not block. */
  void reap() {
    int status = 0;
    KernelException stolen = null;
    synchronized (this) {
      try {
        status = calls.reap(pid);
      } catch (KernelException e) {
        stolen = e;
      }
      reaped = true;
    }
    streams.childEnded();
    if (stolen == null) {
      exit.complete(status);
    } else {
      exit.completeExceptionally(stolen);
    }
  }

  @Override
  public OutputStream getOutputStream() {
    return input;
  }

  @Override
  public InputStream getInputStream() {
    return output;
  }

  @Override
  public InputStream getErrorStream() {
    return error;
  }

  @Override
  public int waitFor() throws InterruptedException {
    try {
      return exit.get();
    } catch (ExecutionException e) {
      throw lost(e);
    }
  }

  @Override
  public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
    if (exit.isDone()) {
      return true;
    }
    if (timeout <= 0) {
      return false;
    }
    try {
      exit.get(timeout, unit);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw lost(e);
    }
  }

  private IllegalStateException lost(Exception cause) {
    return new IllegalStateException(
        "somebody else has waited for process " + pid + ": its exit status is lost", cause);
  }

  @Override
  public int exitValue() {
    if (!exit.isDone()) {
      throw new IllegalThreadStateException("process has not exited");
    }
    try {
      return exit.getNow(0);
    } catch (RuntimeException e) {
      throw lost(e);
    }
  }

  @Override
  public boolean isAlive() {
    return !exit.isDone();
  }

  /**
   * Terminates the command by {@code SIGTERM}; with a pid namespace of its own by {@code SIGKILL},
   * since the kernel protects the first process of a namespace from everything else.
   */
  @Override
  public void destroy() {
    kill(isInit ? SIGKILL : SIGTERM);
  }

  @Override
  public Process destroyForcibly() {
    kill(SIGKILL);
    return this;
  }

  @Override
  public boolean supportsNormalTermination() {
    return !isInit;
  }

  private synchronized void kill(int signal) {
    // Until it is reaped the number cannot belong to another process.
    if (!reaped) {
      try {
        calls.kill(pid, signal);
      } catch (KernelException endedOrNotAllowed) {
        // Process.destroy() reports nothing.
      }
    }
  }

  @Override
  public long pid() {
    return pid;
  }

  /** Returns a future that completes in the thread that waits for all children: do not block it. */
  @Override
  public CompletableFuture<Process> onExit() {
    return exit.handle((status, stolen) -> this);
  }

  @Override
  public ProcessHandle toHandle() {
    return handle.orElseThrow(
        () -> new UnsupportedOperationException("/proc does not show process " + pid));
  }

  @Override
  public ProcessHandle.Info info() {
    return toHandle().info();
  }

  @Override
  public Stream<ProcessHandle> children() {
    return handle.stream().flatMap(ProcessHandle::children);
  }

  @Override
  public Stream<ProcessHandle> descendants() {
    return handle.stream().flatMap(ProcessHandle::descendants);
  }

  @Override
  public String toString() {
    String state = isAlive() ? "running" : "ended";
    return "SwitchedProcess[pid=" + pid + ", " + state + "]";
  }
}
