// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/**
 * The system calls that a child makes before its program begins, in the form that {@link ChildCode}
 * walks. For one child and one thread.
 */
final class ChildTable {
  // Words at the beginning: the child's process id, the address of the entry that failed and what
  // it
  // returned, the signal mask that the thread had, and that of all signals.
  private static final int PID = 0;
  private static final int FAILED = 8;
  private static final int ERROR = 16;
  private static final int FULL_MASK = 32;
  private static final int ENTRIES = 64;
  private static final int ENTRY = 64;

  private static final int SIGNALS = 64;
  private static final int SIGKILL = 9;
  private static final int SIGSTOP = 19;
  private static final int SIG_SETMASK = 2;
  private static final int SIGNAL_SET_BYTES = 8;
  private static final int SIGACTION_BYTES = 32;
  private static final int MAX_DESCRIPTOR = -1 >>> 1;
  private static final int CLOSE_RANGE_UNSHARE = 2;

  private final Scratch memory;
  private final List<Call> calls = new ArrayList<>();

  /** A call of the child. */
  private record Call(
      SystemCall call, String arguments, boolean mayFail, long a, long b, long c, long d) {}

  ChildTable(Scratch memory) {
    this.memory = memory;
  }

  private void add(SystemCall call, String arguments, long a, long b, long c, long d) {
    calls.add(new Call(call, arguments, false, a, b, c, d));
  }

  /** Adds all settings, in the order in which each is still allowed. */
  void settings(ChildSettings settings) {
    for (int group : settings.controlGroups()) {
      add(SystemCall.WRITE, "fd=" + group, group, memory.string(OsString.of("0")), 1, 0);
    }
    if (settings.ownProc()) {
      long type = memory.string(OsString.of("proc"));
      long flags = MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC;
      String arguments = "source=proc, target=/proc, type=proc";
      add(SystemCall.MOUNT, arguments, type, memory.string(OsString.of("/proc")), type, flags);
    }
    if (settings.uid().isPresent()) {
      int uid = settings.uid().getAsInt();
      add(SystemCall.SETRESUID, "uid=" + uid, uid, uid, uid, 0);
    }
    descriptors(new TreeMap<>(settings.descriptors()));
    defaultSignals(settings.ignored());
    for (Map.Entry<Integer, ResourceLimit> entry : settings.limits().entrySet()) {
      limit(entry.getKey(), entry.getValue());
    }
    Slice mask = memory.take(SIGNAL_SET_BYTES);
    mask.bytes().putLong(0, settings.blocked());
    add(SystemCall.RT_SIGPROCMASK, "", SIG_SETMASK, mask.address(), 0, SIGNAL_SET_BYTES);
  }

  /** To the same effect as {@link ChildDescriptors}, which copies all descriptors. */
  private void descriptors(SortedMap<Integer, Integer> wanted) {
    int highest = wanted.isEmpty() ? -1 : wanted.lastKey();
    int free = highest + 1;
    for (int own : wanted.values()) {
      free = Math.max(free, own + 1);
    }
    // The child has this process's descriptors until now. Of its own it gets those below only.
    add(
        SystemCall.CLOSE_RANGE,
        "first=" + free + ", flags=CLOSE_RANGE_UNSHARE",
        free,
        MAX_DESCRIPTOR,
        CLOSE_RANGE_UNSHARE,
        0);
    // First out of the way, so that no target is the source of a later one.
    int safe = free;
    for (int own : wanted.values()) {
      add(SystemCall.DUP3, own + ", " + safe, own, safe++, 0, 0);
    }
    safe = free;
    for (int number : wanted.keySet()) {
      add(SystemCall.DUP3, safe + ", " + number, safe++, number, 0, 0);
    }
    for (int number = 0; number < highest; number++) {
      if (!wanted.containsKey(number)) {
        calls.add(new Call(SystemCall.CLOSE, "fd=" + number, true, number, 0, 0, 0));
      }
    }
    add(SystemCall.CLOSE_RANGE, "first=" + (highest + 1), highest + 1, MAX_DESCRIPTOR, 0, 0);
  }

  private void defaultSignals(long ignored) {
    Slice action = memory.take(SIGACTION_BYTES);
    for (int i = 0; i < SIGACTION_BYTES; i += Long.BYTES) {
      action.bytes().putLong(i, 0); // SIG_DFL
    }
    for (int signal = 1; signal <= SIGNALS; signal++) {
      boolean keeps = (ignored >>> (signal - 1) & 1) != 0;
      if (signal != SIGKILL && signal != SIGSTOP && !keeps) {
        String arguments = "signal=" + signal;
        add(SystemCall.RT_SIGACTION, arguments, signal, action.address(), 0, SIGNAL_SET_BYTES);
      }
    }
  }

  private void limit(int resource, ResourceLimit limit) {
    Slice words = memory.take(16);
    words.bytes().putLong(0, limit.soft());
    words.bytes().putLong(8, limit.hard());
    add(SystemCall.PRLIMIT64, "resource=" + resource, 0, resource, words.address(), 0);
  }

  /** Adds the last call. */
  void execute(OsString path, List<OsString> arguments, List<OsString> environment) {
    long program = memory.string(path);
    long words = memory.strings(arguments);
    long variables = memory.strings(environment);
    add(SystemCall.EXECVE, "path=" + path, program, words, variables, 0);
  }

  /** Returns the table in memory. */
  Slice write() {
    Slice table = memory.take(ENTRIES + calls.size() * ENTRY);
    for (int i = 0; i < ENTRIES; i += Long.BYTES) {
      table.bytes().putLong(i, 0);
    }
    table.bytes().putLong(FULL_MASK, -1);
    int at = ENTRIES;
    for (Call call : calls) {
      table.bytes().putLong(at, call.call().number());
      table.bytes().putLong(at + 8, call.a()).putLong(at + 16, call.b());
      table.bytes().putLong(at + 24, call.c()).putLong(at + 32, call.d());
      table.bytes().putLong(at + 40, 0).putLong(at + 48, call.mayFail() ? 1 : 0);
      at += ENTRY;
    }
    return table;
  }

  /** Returns the process id that the child of a table has got, or the negative errno. */
  static int pid(Slice table) {
    return (int) table.bytes().getLong(PID);
  }

  /** Returns whether the child of a table has ended because a call failed. */
  static boolean hasFailed(Slice table) {
    return table.bytes().getLong(FAILED) != 0;
  }

  /** Returns the failure of the child of a table. */
  KernelException failure(Slice table) {
    long entry = (table.bytes().getLong(FAILED) - table.address() - ENTRIES) / ENTRY;
    Call call = calls.get((int) entry);
    String name = call.call().name().toLowerCase(Locale.ROOT);
    return new KernelException(name, call.arguments(), (int) -table.bytes().getLong(ERROR));
  }
}
