// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.BitSet;
import java.util.List;
import org.syschroot.path.OsString;

/**
 * The system calls around a child: pipes, signals, waiting, and what its start may change in this
 * process. Unlike those of {@link Kernel} most act on processes, not on the calling thread.
 *
 * <p>Every method throws {@link KernelException} with the errno that its manual page lists.
 * Descriptors made here are close-on-exec. Implementations are thread-safe.
 */
public interface ProcessCalls {
  /** What is added to the number of a signal that has killed a child. */
  int KILLED = 0x100;

  /** What {@link #reapNow} returns for a child that has not ended. */
  int RUNNING = -1;

  /** The two ends of a pipe. Immutable. */
  record Pipe(int readEnd, int writeEnd) {}

  /** Returns the effective user of the calling thread, geteuid(2). */
  int effectiveUid();

  /** Closes a descriptor, close(2). */
  void close(int fd) throws KernelException;

  /**
   * Opens a pipe that is open once more for reading, which is independent of that opening,
   * openat(2) of {@code /proc/thread-self/fd}.
   */
  int openAgain(int fd) throws KernelException;

  /** Returns a descriptor that reads the content from its beginning, memfd_create(2). */
  int keep(byte[] content) throws KernelException;

  /**
   * Closes each other descriptor of this process that is open for the same end of a pipe: one that
   * a stream of Java has lost in a full heap. Takes no memory of Java's heap.
   */
  void closeOthers(int fd);

  /** Makes a pipe, pipe2(2). */
  Pipe pipe() throws KernelException;

  /** Sends a signal to a process, kill(2). */
  void kill(int pid, int signal) throws KernelException;

  /** Waits until a child has ended, which stays a zombie, waitid(2) {@code WNOWAIT}. */
  void awaitEnd(int pid) throws KernelException;

  /**
   * Waits until a child has ended, and removes it, waitid(2).
   *
   * @return its exit status, or {@link #KILLED} and the number of the signal that killed it
   */
  int reap(int pid) throws KernelException;

  /**
   * Removes a child that has ended, without waiting, waitid(2) {@code WNOHANG}. Takes no memory of
   * Java's heap unless it fails, so that the status cannot be lost to a full heap.
   *
   * @param memory for one thread, at least 128 bytes
   * @return as {@link #reap}, or {@link #RUNNING}
   */
  int reapNow(int pid, NativeMemory memory) throws KernelException;

  /** Returns how many bytes can be read from a pipe at once, ioctl(2) {@code FIONREAD}. */
  int available(int fd) throws KernelException;

  /**
   * Lets no read(2) of this open file wait, fcntl(2) {@code F_SETFL}. Other openings of the same
   * pipe are not affected.
   */
  void setNonBlocking(int fd) throws KernelException;

  /**
   * Reads some bytes, read(2).
   *
   * @return how many; 0 at the end of the file, and if a file that does not block has none now
   */
  int read(int fd, byte[] into, int offset, int length) throws KernelException;

  /** Returns a descriptor for a process, pidfd_open(2), Linux 5.3. */
  int pidfdOpen(int pid) throws KernelException;

  /** Returns a descriptor that waits for others, epoll_create1(2). */
  int epollCreate() throws KernelException;

  /** Waits for a descriptor to be readable, until it is removed, epoll_ctl(2). */
  void epollAdd(int epoll, int fd) throws KernelException;

  /** Waits for a descriptor no longer, epoll_ctl(2). Takes no memory unless it fails. */
  void epollRemove(int epoll, int fd) throws KernelException;

  /**
   * Waits for descriptors that are readable, epoll_pwait(2). Takes no memory unless it fails.
   *
   * @return how many were written to {@code ready}, at least one
   */
  int epollWait(int epoll, ReadyBatch ready) throws KernelException;

  /**
   * Starts a program as {@link Kernel#spawn} does, with settings that hold before it begins.
   *
   * @return the process id
   * @throws KernelException with {@code execve} as its call if the program cannot be executed, with
   *     another if a setting failed; then there is no child
   */
  int spawn(
      OsString path, List<OsString> arguments, List<OsString> environment, ChildSettings settings)
      throws KernelException;

  /**
   * Reserves a few descriptors for {@link #spawn} and {@link Kernel#spawn}, once in a process, so
   * that they take no longer when many others are open later.
   */
  void reserveDescriptors();

  /**
   * Sets the user that permissions of files are checked for in the calling thread, setfsuid(2).
   * Other privileges of root remain, so that a child can still use them.
   */
  void setfsuid(int uid) throws KernelException;

  /**
   * Sets the nice value of the calling thread, which its children inherit, setpriority(2).
   *
   * @param nice from -20 to 19
   */
  void setNice(int nice) throws KernelException;

  /**
   * Sets the processors of the calling thread, which its children inherit, sched_setaffinity(2).
   */
  void setProcessors(BitSet processors) throws KernelException;

  /** Returns the kernel's number of the calling thread, gettid(2). */
  int threadId();

  /** Returns whether this process has a thread of that number, tgkill(2) with signal 0. */
  boolean hasThread(int threadId);

  /** Returns the dumpable flag of this process, {@code PR_GET_DUMPABLE}. */
  int dumpable() throws KernelException;

  /** Sets the dumpable flag of this process, {@code PR_SET_DUMPABLE}. */
  void setDumpable(int flag) throws KernelException;
}
