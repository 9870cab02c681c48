// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/**
 * The numbers of the system calls made here: {@code arch/x86/entry/syscalls/syscall_64.tbl} and
 * {@code include/uapi/asm-generic/unistd.h} of the kernel's sources.
 */
enum SystemCall {
  READ(0, 63),
  WRITE(1, 64),
  CLOSE(3, 57),
  RT_SIGACTION(13, 134),
  RT_SIGPROCMASK(14, 135),
  GETPID(39, 172),
  EXECVE(59, 221),
  KILL(62, 129),
  FCNTL(72, 25),
  FLOCK(73, 32),
  GETCWD(79, 17),
  CHDIR(80, 49),
  FCHDIR(81, 50),
  GETEUID(107, 175),
  SETGROUPS(116, 159),
  SETRESUID(117, 147),
  SETRESGID(119, 149),
  CAPGET(125, 90),
  CAPSET(126, 91),
  PERSONALITY(135, 92),
  PRCTL(157, 167),
  CHROOT(161, 51),
  MOUNT(165, 40),
  UMOUNT2(166, 39),
  GETDENTS64(217, 61),
  GETTID(186, 178),
  EPOLL_CTL(233, 21),
  TGKILL(234, 131),
  WAITID(247, 95),
  OPENAT(257, 56),
  MKDIRAT(258, 34),
  UNLINKAT(263, 35),
  READLINKAT(267, 78),
  UNSHARE(272, 97),
  EPOLL_PWAIT(281, 22),
  EPOLL_CREATE1(291, 20),
  PIPE2(293, 59),
  PRLIMIT64(302, 261),
  STATX(332, 291),
  OPEN_TREE(428, 428),
  MOVE_MOUNT(429, 429),
  PIDFD_OPEN(434, 434),
  CLOSE_RANGE(436, 436),
  OPENAT2(437, 437),
  MOUNT_SETATTR(442, 442);

  private static final boolean ARM = Machine.current() == Machine.AARCH64;

  private final int x86;
  private final int arm;

  SystemCall(int x86, int arm) {
    this.x86 = x86;
    this.arm = arm;
  }

  /** Returns the number on the machine that this JVM runs on. */
  int number() {
    return ARM ? arm : x86;
  }
}
