// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/**
 * The system calls around a child: pipes, signals, waiting, and what its start may change in this
 * process. Unlike those of {@link Kernel} they act on processes, not on the calling thread.
 *
 * <p>Every method throws {@link KernelException} with the errno that its manual page lists.
 * Descriptors made here are close-on-exec. Implementations are thread-safe.
 */
public interface ProcessCalls {
  /** The two ends of a pipe. Immutable. */
  record Pipe(int readEnd, int writeEnd) {}

  /** Returns the effective user of the calling thread, geteuid(2). */
  int effectiveUid();

  /** Closes a descriptor, close(2). */
  void close(int fd) throws KernelException;

  /** Makes a pipe, pipe2(2). */
  Pipe pipe() throws KernelException;

  /** Sends a signal to a process, kill(2). */
  void kill(int pid, int signal) throws KernelException;

  /** Waits until a child has ended, which stays a zombie, waitid(2) {@code WNOWAIT}. */
  void awaitEnd(int pid) throws KernelException;

  /**
   * Waits until a child has ended, and removes it, waitid(2).
   *
   * @return its exit status, or 128 and the number of the signal that killed it
   */
  int reap(int pid) throws KernelException;

  /** Returns a descriptor for a process, pidfd_open(2), Linux 5.3. */
  int pidfdOpen(int pid) throws KernelException;

  /** Returns a descriptor that waits for others, epoll_create1(2). */
  int epollCreate() throws KernelException;

  /** Waits for a descriptor to become readable, once, epoll_ctl(2) {@code EPOLLONESHOT}. */
  void epollAdd(int epoll, int fd) throws KernelException;

  /** Returns some descriptors that have become readable, at least one, epoll_pwait(2). */
  int[] epollWait(int epoll) throws KernelException;

  /** Sets the limits of a resource of another process, prlimit(2). */
  void setLimit(int pid, int resource, ResourceLimit limit) throws KernelException;

  /** Returns the limits of a resource of another process, prlimit(2). */
  ResourceLimit limit(int pid, int resource) throws KernelException;

  /** Returns the kernel's number of the calling thread, gettid(2). */
  int threadId();

  /** Returns whether this process has a thread of that number, tgkill(2) with signal 0. */
  boolean hasThread(int threadId);

  /** Returns the dumpable flag of this process, {@code PR_GET_DUMPABLE}. */
  int dumpable() throws KernelException;

  /** Sets the dumpable flag of this process, {@code PR_SET_DUMPABLE}. */
  void setDumpable(int flag) throws KernelException;
}
