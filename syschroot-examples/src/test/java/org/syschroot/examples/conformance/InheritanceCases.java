// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.syschroot.testing.ProcFiles;

/** What a command has of the JVM's, and what not. */
final class InheritanceCases {
  private InheritanceCases() {}

  private static String status(String field) {
    return ProcFiles.status(ProcessHandle.current().pid()).getOrDefault(field, "");
  }

  /** Returns a line of the command's status. */
  private static ConformanceCase.Body line(String field) {
    return way ->
        Way.text(way.shell("/bin/busybox grep ^" + field + ": /proc/$$/status").start())
            .replace(field + ":", "")
            .strip()
            .replace('\t', ' ');
  }

  /** Of a program that is no shell: those change what they do at signals. */
  private static ConformanceCase.Body signals(String field) {
    return way -> {
      Process process = way.run(Way.BUSYBOX, "sleep", "60").start();
      String value = ProcFiles.status(process.pid()).get(field);
      process.destroyForcibly().waitFor();
      return value;
    };
  }

  static List<ConformanceCase> all() {
    CaseList cases = new CaseList("inheritance");
    for (String field :
        List.of(
            "Uid",
            "Gid",
            "Groups",
            "Umask",
            "CapEff",
            "CapBnd",
            "NoNewPrivs",
            "Seccomp",
            "Cpus_allowed_list")) {
      cases.add("the JVM's " + field + " in /proc", status(field), line(field));
    }
    cases.addMatching("signals ignored", "[0-9a-f]{16}", signals("SigIgn"));
    cases.addMatching("signals blocked", "[0-9a-f]{16}", signals("SigBlk"));
    cases.add("tracer", "0", line("TracerPid"));
    cases.add(
        "descriptors 0, 1 and 2 alone",
        "[0, 1, 2]",
        way -> {
          Process process = way.shell("echo; exec /bin/busybox sleep 60").start();
          process.getInputStream().read();
          List<String> numbers = ProcFiles.descriptors(process.pid());
          process.destroyForcibly().waitFor();
          return numbers;
        });
    cases.add(
        "a file that the JVM has open is not the command's",
        "false",
        way -> {
          Path file = way.file("open", "");
          try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            Process process = way.shell("echo; exec /bin/busybox sleep 60").start();
            process.getInputStream().read();
            boolean has = false;
            for (String number : ProcFiles.descriptors(process.pid())) {
              Path link = Path.of("/proc/" + process.pid() + "/fd", number);
              has |= Files.readSymbolicLink(link).equals(file);
            }
            process.destroyForcibly().waitFor();
            return has || open.getFD() == null;
          }
        });
    cases.add(
        "a socket that the JVM has open is not the command's",
        "3",
        way -> {
          try (java.net.ServerSocket open = new java.net.ServerSocket(0)) {
            Process process = way.shell("echo; exec /bin/busybox sleep 60").start();
            process.getInputStream().read();
            int count = ProcFiles.descriptors(process.pid()).size();
            process.destroyForcibly().waitFor();
            return open.isBound() ? count : -1;
          }
        });
    cases.add(
        "a command's pipes are not the next one's",
        "3",
        way -> {
          Process first = way.shell("read go").start();
          Process second = way.shell("echo; exec /bin/busybox sleep 60").start();
          second.getInputStream().read();
          int count = ProcFiles.descriptors(second.pid()).size();
          second.destroyForcibly().waitFor();
          first.getOutputStream().close();
          first.waitFor();
          return count;
        });
    cases.add(
        "the command sees the end of its input while another runs",
        "end",
        way -> {
          Process first = way.shell("read go || printf end").start();
          Process second = way.shell("echo; exec /bin/busybox sleep 60").start();
          second.getInputStream().read();
          first.getOutputStream().close();
          String text = Way.text(first);
          second.destroyForcibly().waitFor();
          return text;
        });
    cases.add("process group of the JVM", "true", way -> field(way, 5).equals(own(5)));
    cases.add("session of the JVM", "true", way -> field(way, 6).equals(own(6)));
    cases.add("nice value of the JVM", "true", way -> field(way, 19).equals(own(19)));
    cases.add("controlling terminal of the JVM", "true", way -> field(way, 7).equals(own(7)));
    cases.add("network of the JVM", "true", way -> namespace(way, "net"));
    cases.add("pid namespace of the JVM", "true", way -> namespace(way, "pid"));
    cases.add("user namespace of the JVM", "true", way -> namespace(way, "user"));
    cases.add("IPC namespace of the JVM", "true", way -> namespace(way, "ipc"));
    cases.add("hostname namespace of the JVM", "true", way -> namespace(way, "uts"));
    cases.add(
        "control group of the JVM",
        "true",
        way -> {
          String own = Files.readString(Path.of("/proc/self/cgroup"));
          return Way.text(way.shell("/bin/busybox cat /proc/$$/cgroup").start()).equals(own);
        });
    cases.add(
        "OOM score adjustment of the JVM",
        "true",
        way -> {
          String own = Files.readString(Path.of("/proc/self/oom_score_adj"));
          return Way.text(way.shell("/bin/busybox cat /proc/$$/oom_score_adj").start()).equals(own);
        });
    cases.add(
        "limits of the JVM",
        "true",
        way -> {
          String own = Files.readString(Path.of("/proc/self/limits"));
          return Way.text(way.shell("/bin/busybox cat /proc/$$/limits").start()).equals(own);
        });
    cases.add(
        "no signal is sent when the thread that started it ends",
        "8",
        way -> {
          Process[] process = new Process[1];
          Thread thread =
              new Thread(
                  () -> {
                    try {
                      process[0] = way.shell("read go; exit 8").start();
                    } catch (java.io.IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  });
          thread.start();
          thread.join();
          process[0].getOutputStream().close();
          return process[0].waitFor();
        });
    return cases.list();
  }

  /** Returns a field of /proc/PID/stat, from 1. */
  private static String stat(Path file, int number) throws java.io.IOException {
    String text = Files.readString(file);
    return text.substring(text.lastIndexOf(')') + 2).split(" ")[number - 3];
  }

  private static String own(int number) throws java.io.IOException {
    return stat(Path.of("/proc/self/stat"), number);
  }

  private static String field(Way way, int number) throws Exception {
    Process process = way.shell("echo; read go").start();
    process.getInputStream().read();
    String value = stat(Path.of("/proc/" + process.pid() + "/stat"), number);
    process.getOutputStream().close();
    process.waitFor();
    return value;
  }

  private static boolean namespace(Way way, String kind) throws Exception {
    return Way.text(way.shell("/bin/busybox readlink /proc/self/ns/" + kind).start())
        .strip()
        .equals(Files.readSymbolicLink(Path.of("/proc/self/ns", kind)).toString());
  }
}
