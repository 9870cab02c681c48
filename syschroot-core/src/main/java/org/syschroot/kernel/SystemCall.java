// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The numbers of the system calls made here: {@code arch/x86/entry/syscalls/syscall_64.tbl} and
 * {@code include/uapi/asm-generic/unistd.h} of the kernel's sources.
 */
public enum SystemCall {
  /** read(2). */
  READ(0, 63),
  /** write(2). */
  WRITE(1, 64),
  /** close(2). */
  CLOSE(3, 57),
  /** fstat(2). */
  FSTAT(5, 80),
  /** lseek(2). */
  LSEEK(8, 62),
  /** mprotect(2). */
  MPROTECT(10, 226),
  /** munmap(2). */
  MUNMAP(11, 215),
  /** rt_sigaction(2). */
  RT_SIGACTION(13, 134),
  /** rt_sigprocmask(2). */
  RT_SIGPROCMASK(14, 135),
  /** ioctl(2). */
  IOCTL(16, 29),
  /** writev(2). */
  WRITEV(20, 66),
  /** madvise(2). */
  MADVISE(28, 233),
  /** getpid(2). */
  GETPID(39, 172),
  /** sendfile(2). */
  SENDFILE(40, 71),
  /** socket(2). */
  SOCKET(41, 198),
  /** connect(2). */
  CONNECT(42, 203),
  /** shutdown(2). */
  SHUTDOWN(48, 210),
  /** bind(2). */
  BIND(49, 200),
  /** listen(2). */
  LISTEN(50, 201),
  /** setsockopt(2). */
  SETSOCKOPT(54, 208),
  /** getsockopt(2). */
  GETSOCKOPT(55, 209),
  /** execve(2). */
  EXECVE(59, 221),
  /** kill(2). */
  KILL(62, 129),
  /** fcntl(2). */
  FCNTL(72, 25),
  /** flock(2). */
  FLOCK(73, 32),
  /** fsync(2). */
  FSYNC(74, 82),
  /** ftruncate(2). */
  FTRUNCATE(77, 46),
  /** getcwd(2). */
  GETCWD(79, 17),
  /** chdir(2). */
  CHDIR(80, 49),
  /** fchdir(2). */
  FCHDIR(81, 50),
  /** fchmod(2). */
  FCHMOD(91, 52),
  /** fchown(2). */
  FCHOWN(93, 55),
  /** getuid(2). */
  GETUID(102, 174),
  /** getgid(2). */
  GETGID(104, 176),
  /** geteuid(2). */
  GETEUID(107, 175),
  /** getegid(2). */
  GETEGID(108, 177),
  /** getppid(2). */
  GETPPID(110, 173),
  /** setgroups(2). */
  SETGROUPS(116, 159),
  /** setresuid(2). */
  SETRESUID(117, 147),
  /** setresgid(2). */
  SETRESGID(119, 149),
  /** setfsuid(2). */
  SETFSUID(122, 151),
  /** setfsgid(2). */
  SETFSGID(123, 152),
  /** capget(2). */
  CAPGET(125, 90),
  /** capset(2). */
  CAPSET(126, 91),
  /** rt_sigtimedwait(2). */
  RT_SIGTIMEDWAIT(128, 137),
  /** personality(2). */
  PERSONALITY(135, 92),
  /** statfs(2). */
  STATFS(137, 43),
  /** fstatfs(2). */
  FSTATFS(138, 44),
  /** setpriority(2). */
  SETPRIORITY(141, 140),
  /** prctl(2). */
  PRCTL(157, 167),
  /** chroot(2). */
  CHROOT(161, 51),
  /** mount(2). */
  MOUNT(165, 40),
  /** umount2(2). */
  UMOUNT2(166, 39),
  /** gettid(2). */
  GETTID(186, 178),
  /** lsetxattr(2). */
  LSETXATTR(189, 6),
  /** fsetxattr(2). */
  FSETXATTR(190, 7),
  /** lgetxattr(2). */
  LGETXATTR(192, 9),
  /** fgetxattr(2). */
  FGETXATTR(193, 10),
  /** llistxattr(2). */
  LLISTXATTR(195, 12),
  /** fremovexattr(2). */
  FREMOVEXATTR(199, 16),
  /** sched_setaffinity(2). */
  SCHED_SETAFFINITY(203, 122),
  /** getdents64(2). */
  GETDENTS64(217, 61),
  /** clock_gettime(2). */
  CLOCK_GETTIME(228, 113),
  /** exit_group(2). */
  EXIT_GROUP(231, 94),
  /** epoll_ctl(2). */
  EPOLL_CTL(233, 21),
  /** tgkill(2). */
  TGKILL(234, 131),
  /** waitid(2). */
  WAITID(247, 95),
  /** openat(2). */
  OPENAT(257, 56),
  /** mkdirat(2). */
  MKDIRAT(258, 34),
  /** mknodat(2). */
  MKNODAT(259, 33),
  /** fchownat(2). */
  FCHOWNAT(260, 54),
  /** unlinkat(2). */
  UNLINKAT(263, 35),
  /** linkat(2). */
  LINKAT(265, 37),
  /** symlinkat(2). */
  SYMLINKAT(266, 36),
  /** readlinkat(2). */
  READLINKAT(267, 78),
  /** fchmodat(2). */
  FCHMODAT(268, 53),
  /** faccessat(2). */
  FACCESSAT(269, 48),
  /** ppoll(2). */
  PPOLL(271, 73),
  /** unshare(2). */
  UNSHARE(272, 97),
  /** utimensat(2). */
  UTIMENSAT(280, 88),
  /** epoll_pwait(2). */
  EPOLL_PWAIT(281, 22),
  /** accept4(2). */
  ACCEPT4(288, 242),
  /** eventfd2(2). */
  EVENTFD2(290, 19),
  /** epoll_create1(2). */
  EPOLL_CREATE1(291, 20),
  /** dup3(2). */
  DUP3(292, 24),
  /** pipe2(2). */
  PIPE2(293, 59),
  /** recvmmsg(2). */
  RECVMMSG(299, 243),
  /** prlimit64(2). */
  PRLIMIT64(302, 261),
  /** sendmmsg(2). */
  SENDMMSG(307, 269),
  /** setns(2). */
  SETNS(308, 268),
  /** sched_setattr(2). */
  SCHED_SETATTR(314, 274),
  /** renameat2(2). */
  RENAMEAT2(316, 276),
  /** memfd_create(2). */
  MEMFD_CREATE(319, 279),
  /** execveat(2). */
  EXECVEAT(322, 281),
  /** statx(2). */
  STATX(332, 291),
  /** open_tree(2). */
  OPEN_TREE(428, 428),
  /** move_mount(2). */
  MOVE_MOUNT(429, 429),
  /** fsopen(2). */
  FSOPEN(430, 430),
  /** fsconfig(2). */
  FSCONFIG(431, 431),
  /** fsmount(2). */
  FSMOUNT(432, 432),
  /** pidfd_open(2). */
  PIDFD_OPEN(434, 434),
  /** close_range(2). */
  CLOSE_RANGE(436, 436),
  /** openat2(2). */
  OPENAT2(437, 437),
  /** faccessat2(2). */
  FACCESSAT2(439, 439),
  /** mount_setattr(2). */
  MOUNT_SETATTR(442, 442);

  private static final Machine HERE = Machine.current();

  private final int x86;
  private final int arm;

  SystemCall(int x86, int arm) {
    this.x86 = x86;
    this.arm = arm;
  }

  /** Returns the number on the machine that this JVM runs on. */
  int number() {
    return number(HERE);
  }

  /** Returns the number on a machine. */
  public int number(Machine machine) {
    return machine == Machine.AARCH64 ? arm : x86;
  }

  /** Returns the call of a number on a machine, or empty if it is none of these. */
  public static Optional<SystemCall> of(Machine machine, int number) {
    return Arrays.stream(values()).filter(call -> call.number(machine) == number).findFirst();
  }

  /** Returns the name as in the manual. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
