// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/**
 * The running Linux kernel. Thread-safe.
 *
 * <p>The calls on the process itself are here, those on mounts and files in the classes it extends.
 */
public final class LinuxKernel extends LinuxMountCalls {
  private static final int SIG_SETMASK = 2;
  private static final long SIG_IGN = 1;
  private static final int SIGNAL_SET_BYTES = 8;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int PR_CAPBSET_DROP = 24;
  private static final int PR_CAP_AMBIENT = 47;
  private static final int PR_CAP_AMBIENT_LOWER = 3;
  private static final int CAPABILITY_VERSION_3 = 0x20080522;

  private LinuxKernel() {}

  /** Returns the kernel that this JVM runs on; the native library is loaded at the first call. */
  public static Kernel running() {
    return Holder.KERNEL;
  }

  private static final class Holder {
    static final LinuxKernel KERNEL = new LinuxKernel();
  }

  @Override
  public void chroot(OsString path) throws KernelException {
    long result = call(SystemCall.CHROOT, scratch().string(path));
    if (result < 0) {
      throw failed("chroot", "path=" + path, result);
    }
  }

  @Override
  public void chdir(OsString path) throws KernelException {
    long result = call(SystemCall.CHDIR, scratch().string(path));
    if (result < 0) {
      throw failed("chdir", "path=" + path, result);
    }
  }

  @Override
  public void fchdir(int fd) throws KernelException {
    long result = call(SystemCall.FCHDIR, fd);
    if (result < 0) {
      throw failed("fchdir", "fd=" + fd, result);
    }
  }

  @Override
  public OsString getcwd() throws KernelException {
    Slice buffer = scratch().take(PATH_MAX);
    long length = call(SystemCall.GETCWD, buffer.address(), PATH_MAX, 0, 0);
    if (length < 0) {
      throw failed("getcwd", "", length);
    }
    return bytes(buffer, (int) length - 1);
  }

  @Override
  public long personality(long persona) throws KernelException {
    long before = call(SystemCall.PERSONALITY, persona & 0xffffffffL);
    if (before < 0) {
      throw failed("personality", "persona=0x" + Long.toHexString(persona), before);
    }
    return before;
  }

  @Override
  public void setgroups(List<Integer> groups) throws KernelException {
    Slice array = scratch().take(Math.max(4, 4 * groups.size()));
    for (int i = 0; i < groups.size(); i++) {
      array.bytes().putInt(4 * i, groups.get(i));
    }
    long result = call(SystemCall.SETGROUPS, groups.size(), array.address(), 0, 0);
    if (result < 0) {
      throw failed("setgroups", "groups=" + groups, result);
    }
  }

  @Override
  public void setresgid(int gid) throws KernelException {
    long result = call(SystemCall.SETRESGID, gid, gid, gid, 0);
    if (result < 0) {
      throw failed("setresgid", "gid=" + gid, result);
    }
  }

  @Override
  public void setresuid(int uid) throws KernelException {
    long result = call(SystemCall.SETRESUID, uid, uid, uid, 0);
    if (result < 0) {
      throw failed("setresuid", "uid=" + uid, result);
    }
  }

  @Override
  public void setNoNewPrivileges() throws KernelException {
    long result = call(SystemCall.PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0);
    if (result < 0) {
      throw failed("prctl", "PR_SET_NO_NEW_PRIVS", result);
    }
  }

  @Override
  public void dropCapability(int capability) throws KernelException {
    long dropped = call(SystemCall.PRCTL, PR_CAPBSET_DROP, capability, 0, 0);
    if (dropped < 0) {
      throw failed("prctl", "PR_CAPBSET_DROP, " + capability, dropped);
    }
    long lowered = call(SystemCall.PRCTL, PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, capability, 0);
    if (lowered < 0) {
      throw failed("prctl", "PR_CAP_AMBIENT_LOWER, " + capability, lowered);
    }
    removeFromInheritable(capability);
  }

  /** Root's programs start with their inheritable set, whatever the bounding set says. */
  private void removeFromInheritable(int capability) throws KernelException {
    Scratch memory = scratch();
    Slice header = capabilityHeader(memory);
    Slice sets = capabilities(memory, header);
    int inheritable = capability < 32 ? 8 : 20;
    sets.bytes().putInt(inheritable, sets.bytes().getInt(inheritable) & ~(1 << (capability & 31)));
    long set = call(SystemCall.CAPSET, header.address(), sets.address(), 0, 0);
    if (set < 0) {
      throw failed("capset", "inheritable without " + capability, set);
    }
  }

  @Override
  public boolean hasCapability(int capability) throws KernelException {
    Scratch memory = scratch();
    Slice sets = capabilities(memory, capabilityHeader(memory));
    return (sets.bytes().getInt(capability < 32 ? 0 : 12) & 1 << (capability & 31)) != 0;
  }

  private static Slice capabilityHeader(Scratch memory) {
    Slice header = memory.take(8);
    header.bytes().putInt(0, CAPABILITY_VERSION_3);
    header.bytes().putInt(4, 0); // the calling thread
    return header;
  }

  /** Returns two groups of 32 capabilities: effective, permitted, inheritable ones of each. */
  private Slice capabilities(Scratch memory, Slice header) throws KernelException {
    Slice sets = memory.take(24);
    long got = call(SystemCall.CAPGET, header.address(), sets.address(), 0, 0);
    if (got < 0) {
      throw failed("capget", "", got);
    }
    return sets;
  }

  @Override
  public ResourceLimit getrlimit(int resource) throws KernelException {
    Slice limit = scratch().take(16);
    long result = call(SystemCall.PRLIMIT64, 0, resource, 0, limit.address());
    if (result < 0) {
      throw failed("prlimit64", "resource=" + resource, result);
    }
    return new ResourceLimit(limit.bytes().getLong(0), limit.bytes().getLong(8));
  }

  @Override
  public void setrlimit(int resource, ResourceLimit limit) throws KernelException {
    Slice words = scratch().take(16);
    words.bytes().putLong(0, limit.soft());
    words.bytes().putLong(8, limit.hard());
    long result = call(SystemCall.PRLIMIT64, 0, resource, words.address(), 0);
    if (result < 0) {
      throw failed(
          "prlimit64",
          "resource="
              + resource
              + ", soft="
              + Long.toUnsignedString(limit.soft())
              + ", hard="
              + Long.toUnsignedString(limit.hard()),
          result);
    }
  }

  @Override
  public void setSignalMask(long mask) throws KernelException {
    Slice set = scratch().take(SIGNAL_SET_BYTES);
    set.bytes().putLong(0, mask);
    long result = call(SystemCall.RT_SIGPROCMASK, SIG_SETMASK, set.address(), 0, SIGNAL_SET_BYTES);
    if (result < 0) {
      throw failed("rt_sigprocmask", "SIG_SETMASK, 0x" + Long.toHexString(mask), result);
    }
  }

  @Override
  public void ignoreSignal(int signal) throws KernelException {
    // struct kernel_sigaction: handler, flags, restorer, mask; all zero but the handler.
    Slice action = scratch().take(32);
    action.bytes().putLong(0, SIG_IGN);
    action.bytes().putLong(8, 0);
    action.bytes().putLong(16, 0);
    action.bytes().putLong(24, 0);
    long result = call(SystemCall.RT_SIGACTION, signal, action.address(), 0, SIGNAL_SET_BYTES);
    if (result < 0) {
      throw failed("rt_sigaction", "signal=" + signal + ", SIG_IGN", result);
    }
  }

  @Override
  public void execve(OsString path, List<OsString> arguments, List<OsString> environment)
      throws KernelException {
    Scratch memory = scratch();
    long result =
        call(
            SystemCall.EXECVE,
            memory.string(path),
            memory.strings(arguments),
            memory.strings(environment),
            0);
    throw failed("execve", "path=" + path, result);
  }

  @Override
  public int spawn(
      OsString path,
      List<OsString> arguments,
      List<OsString> environment,
      Map<Integer, Integer> descriptors,
      long blocked,
      long ignored)
      throws KernelException {
    ChildSettings settings =
        new ChildSettings(
            descriptors, blocked, ignored, Map.of(), List.of(), OptionalInt.empty(), false);
    return ChildSpawn.running().run(path, arguments, environment, settings);
  }

  @Override
  public void endThread() {
    ThreadScratch.release();
  }
}
