// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

import java.util.List;
import java.util.Set;

/**
 * A process that has a socket open. Immutable.
 *
 * @param pid the process
 * @param program its name, as in {@code /proc/PID/comm}
 * @param role what it is to the log
 * @param inNativeSystem whether its root directory is the native system's; else it is itself in an
 *     image, or in a container
 */
public record SocketHolder(int pid, String program, Role role, boolean inNativeSystem) {
  private static final Set<String> DAEMONS =
      Set.of("rsyslogd", "syslog-ng", "systemd-journald", "systemd-journal", "syslogd", "metalog");
  private static final List<String> RELAY = List.of("syslog", "relay");
  private static final String COMMAND = "org.syschroot.cli.Main";

  /** What a process is to the log. */
  public enum Role {
    /** The relay of this project. */
    RELAY,
    /** A syslog daemon. */
    DAEMON,
    /** systemd itself, which opens sockets on behalf of the journal. */
    INIT,
    /** Something else. */
    OTHER
  }

  /**
   * Returns the holder that a process is.
   *
   * @param commandLine its words, as in {@code /proc/PID/cmdline}
   */
  static SocketHolder of(
      int pid, String program, List<String> commandLine, boolean inNativeSystem) {
    return new SocketHolder(pid, program, role(pid, program, commandLine), inNativeSystem);
  }

  private static Role role(int pid, String program, List<String> commandLine) {
    int main = commandLine.indexOf(COMMAND);
    if (main >= 0 && commandLine.subList(main, commandLine.size()).containsAll(RELAY)) {
      return Role.RELAY;
    }
    if (DAEMONS.contains(program)) {
      return Role.DAEMON;
    }
    return pid == 1 ? Role.INIT : Role.OTHER;
  }

  /** Returns such as {@code rsyslogd (pid 612)}. */
  @Override
  public String toString() {
    String name = role == Role.RELAY ? "the relay" : program;
    return name + " (pid " + pid + ")";
  }
}
