// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.NativeMemory;
import org.syschroot.kernel.ProcessCalls;

/**
 * A child process of this JVM that runs in an image. Keeps the contract of {@link Process}: an exit
 * value of 128 and more may mean that a signal killed the command, see {@link #signal()}.
 * Thread-safe.
 *
 * <p>Use it as any {@link Process}; {@code Syschroot.start} and {@link Spawn#start} return one.
 *
 * <pre>{@code
 * SwitchedProcess uname = syschroot.start(SwitchRequest.in(sl5).command("uname", "-r"));
 * byte[] release = uname.getInputStream().readAllBytes();
 * int status = uname.waitFor();
 * }</pre>
 */
public final class SwitchedProcess extends Process {
  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;
  private static final int SIGNALLED = 0x80; // what a shell adds to the number of a signal

  private final int pid;
  private final ProcessCalls calls;
  private final ChildStreams streams;
  private final boolean isInit;
  private final Optional<ProcessHandle> handle;
  private final OutputStream input;
  private final InputStream output;
  private final InputStream error;
  private final CountDownLatch ended = new CountDownLatch(1);
  // What ProcessCalls.reap returns, RUNNING before.
  private volatile int end = ProcessCalls.RUNNING;
  private volatile @Nullable KernelException stolen;
  // Guarded by this: what onExit() has returned and nobody has completed.
  private @Nullable ExitFuture futures;
  private boolean finishing;

  /** The next in a queue of {@link ExitWork}. */
  @Nullable SwitchedProcess nextEnded;

  /** A future of {@link #onExit()}, linked so that none is lost to a full heap. */
  private static final class ExitFuture extends CompletableFuture<Process> {
    private @Nullable ExitFuture next;
  }

  SwitchedProcess(int pid, ProcessCalls calls, ChildStreams streams, boolean isInit)
      throws IOException {
    this.pid = pid;
    this.calls = calls;
    this.streams = streams;
    this.isInit = isInit;
    // Now, since the JDK makes none for a process that has been reaped.
    this.handle = ProcessHandle.of(pid);
    this.input = streams.input();
    this.output = streams.output();
    this.error = streams.error();
  }

  /**
   * Takes the exit status of the child if it has ended, and wakes up whoever waits for it. Does not
   * block, takes no memory unless the status is lost, and can be repeated after an error.
   *
   * @param memory for the system call, of the calling thread
   * @return whether it has ended
   */
  boolean reap(NativeMemory memory) {
    synchronized (this) {
      if (isAlive()) {
        try {
          int status = calls.reapNow(pid, memory);
          if (status == ProcessCalls.RUNNING) {
            return false;
          }
          // Before anybody can see that it has ended: reading does not block from then on.
          streams.noteEnd();
          end = status;
        } catch (KernelException e) {
          streams.noteEnd();
          stolen = e;
        }
      }
    }
    ended.countDown();
    return true;
  }

  /**
   * Does what may take time or memory once the child has ended. Can be repeated.
   *
   * @return whether all is done
   * @throws OutOfMemoryError if something is still to be done
   */
  boolean finish() {
    synchronized (this) {
      finishing = true;
    }
    for (ExitFuture future = firstFuture(); future != null; future = firstFuture()) {
      var unused = future.completeAsync(() -> this);
      remove(future);
    }
    return streams.childEnded();
  }

  private synchronized @Nullable ExitFuture firstFuture() {
    return futures;
  }

  private synchronized void remove(ExitFuture first) {
    futures = first.next;
  }

  /** Returns whether this JVM has the other end of what it writes. */
  boolean hasOutputPipe() {
    return streams.outputPipe() != null;
  }

  /** Returns what it writes, unless it was redirected. */
  @Nullable PipeInput outputPipe() {
    return streams.outputPipe();
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
    // Once it has ended an interrupt is left to whoever waits next, as by a process of the JDK.
    if (hasNotEnded()) {
      ended.await();
    }
    return exitValue();
  }

  @Override
  public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
    long nanoseconds = unit.toNanos(timeout);
    if (hasNotEnded() && (nanoseconds <= 0 || !ended.await(nanoseconds, TimeUnit.NANOSECONDS))) {
      return false;
    }
    checkNotStolen();
    return true;
  }

  private boolean hasNotEnded() {
    return ended.getCount() > 0;
  }

  private void checkNotStolen() {
    KernelException cause = stolen;
    if (cause != null) {
      throw new IllegalStateException(
          "another part of this program has waited for process "
              + pid
              + ": its exit status is"
              + " lost",
          cause);
    }
  }

  private int end() {
    checkNotStolen();
    int status = end;
    if (status == ProcessCalls.RUNNING) {
      throw new IllegalThreadStateException("process has not exited");
    }
    return status;
  }

  @Override
  public int exitValue() {
    int status = end();
    return status < ProcessCalls.KILLED ? status : SIGNALLED + status - ProcessCalls.KILLED;
  }

  /**
   * Returns the number of the signal that has killed the command, see signal(7), or empty if it has
   * exited. {@link #exitValue()} cannot tell a command that was killed from one that has exited
   * with such a number.
   *
   * @throws IllegalThreadStateException if it has not ended
   */
  public OptionalInt signal() {
    int status = end();
    return status < ProcessCalls.KILLED
        ? OptionalInt.empty()
        : OptionalInt.of(status - ProcessCalls.KILLED);
  }

  /** Returns the exit status, or empty if the command runs or its status is lost. */
  OptionalInt exitStatus() {
    return isAlive() || stolen != null ? OptionalInt.empty() : OptionalInt.of(exitValue());
  }

  @Override
  public boolean isAlive() {
    return end == ProcessCalls.RUNNING && stolen == null;
  }

  /**
   * Terminates the command by {@code SIGTERM}; with a pid namespace of its own by {@code SIGKILL},
   * since the kernel protects the first process of a namespace from everything else. Closes the
   * streams.
   */
  @Override
  public void destroy() {
    destroy(isInit ? SIGKILL : SIGTERM);
  }

  /** Kills the command, and closes the streams. */
  @Override
  public Process destroyForcibly() {
    destroy(SIGKILL);
    return this;
  }

  private void destroy(int signal) {
    kill(signal);
    closeQuietly(input);
    closeQuietly(output);
    closeQuietly(error);
  }

  private static void closeQuietly(Closeable stream) {
    try {
      stream.close();
    } catch (IOException nobodyReads) {
      // Process.destroy() reports nothing.
    }
  }

  @Override
  public boolean supportsNormalTermination() {
    return !isInit;
  }

  private synchronized void kill(int signal) {
    // Until it is reaped the number cannot belong to another process.
    if (isAlive()) {
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

  /**
   * Returns a future that completes when the command has ended, as {@link Process#onExit()}: never
   * in a thread that others depend on.
   */
  @Override
  public CompletableFuture<Process> onExit() {
    ExitFuture future = new ExitFuture();
    synchronized (this) {
      if (!finishing) {
        future.next = futures;
        futures = future;
        return future;
      }
    }
    return future.completeAsync(() -> this);
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

  /** Returns its process id and state, for people to read. */
  @Override
  public String toString() {
    return "SwitchedProcess[pid=" + pid + ", " + state() + "]";
  }

  private String state() {
    int status = end;
    if (status == ProcessCalls.RUNNING) {
      return stolen == null ? "running" : "ended, exit status unknown";
    }
    return status < ProcessCalls.KILLED
        ? "exit status " + status
        : "killed by signal " + (status - ProcessCalls.KILLED);
  }
}
