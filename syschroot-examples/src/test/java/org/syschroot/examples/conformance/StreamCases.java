// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The pipes of a command, read, written and closed in every order. */
final class StreamCases {
  private static final int MANY = 3_000_000;

  private StreamCases() {}

  static List<ConformanceCase> all() {
    CaseList cases = new CaseList("streams");
    orders(cases);
    reading(cases);
    afterwards(cases);
    lingering(cases);
    return cases.list();
  }

  private static Closeable stream(Process process, char which) {
    switch (which) {
      case 'i':
        return process.getOutputStream();
      case 'o':
        return process.getInputStream();
      default:
        return process.getErrorStream();
    }
  }

  private static void orders(CaseList cases) {
    for (String order : List.of("ioe", "ieo", "oie", "oei", "eio", "eoi")) {
      cases.add(
          "closed while it runs: " + spelled(order),
          "4",
          way -> {
            Process process = way.shell("while read line; do :; done; exit 4").start();
            for (char which : order.toCharArray()) {
              stream(process, which).close();
            }
            return process.waitFor();
          });
      cases.add(
          "closed when it has ended: " + spelled(order),
          "4",
          way -> {
            Process process = way.shell("echo out; echo err >&2; exit 4").start();
            process.waitFor();
            for (char which : order.toCharArray()) {
              stream(process, which).close();
            }
            return process.exitValue();
          });
    }
    for (char which : "ioe".toCharArray()) {
      cases.add(
          "closed twice: " + spelled(String.valueOf(which)),
          "closed",
          way -> {
            Process process = way.shell("exit 0").start();
            stream(process, which).close();
            stream(process, which).close();
            process.waitFor();
            stream(process, which).close();
            return "closed";
          });
    }
    cases.add(
        "the same objects each time",
        "true true true",
        way -> {
          Process process = way.shell(":").start();
          process.waitFor();
          return (process.getInputStream() == process.getInputStream())
              + " "
              + (process.getErrorStream() == process.getErrorStream())
              + " "
              + (process.getOutputStream() == process.getOutputStream());
        });
  }

  private static String spelled(String order) {
    return order
        .replace("i", "input ")
        .replace("o", "output ")
        .replace("e", "error ")
        .strip()
        .replace("errerrorr", "error")
        .replace("inputut", "input");
  }

  private static void reading(CaseList cases) {
    cases.add("output", "out\n", way -> way.output("echo out; echo err >&2"));
    cases.add("error", "err\n", way -> Way.error(way.shell("echo out; echo err >&2").start()));
    cases.add(
        "one byte at a time",
        "97 98 -1",
        way -> {
          InputStream in = way.shell("printf ab").start().getInputStream();
          return in.read() + " " + in.read() + " " + in.read();
        });
    cases.add(
        "past the end, again",
        "-1 -1",
        way -> {
          InputStream in = way.shell(":").start().getInputStream();
          return in.read() + " " + in.read();
        });
    cases.add(
        "no bytes",
        "0",
        way -> {
          Process process = way.shell("read go; echo x").start();
          int count = process.getInputStream().read(new byte[0]);
          process.getOutputStream().close();
          return count;
        });
    cases.add(
        "a part of an array",
        "0 97 98 0",
        way -> {
          byte[] bytes = new byte[4];
          way.shell("printf ab").start().getInputStream().readNBytes(bytes, 1, 2);
          return bytes[0] + " " + bytes[1] + " " + bytes[2] + " " + bytes[3];
        });
    cases.add(
        "skip",
        "c",
        way -> {
          InputStream in = way.shell("printf abc").start().getInputStream();
          in.skipNBytes(2);
          return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        });
    cases.add(
        "mark and reset",
        "true abab",
        way -> {
          InputStream in = way.shell("printf ab").start().getInputStream();
          in.mark(10);
          String first = new String(in.readNBytes(2), StandardCharsets.US_ASCII);
          in.reset();
          return in.markSupported()
              + " "
              + first
              + new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        });
    cases.add(
        "available before and after",
        "0 3",
        way -> {
          Process process = way.shell("read go; printf abc").start();
          int before = process.getInputStream().available();
          process.getOutputStream().close();
          process.waitFor();
          return before + " " + process.getInputStream().available();
        });
    cases.add(
        "all bytes",
        "256 true",
        way -> {
          byte[] all = new byte[256];
          for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
          }
          Process process = way.run(Way.BUSYBOX, "cat").start();
          try (OutputStream out = process.getOutputStream()) {
            out.write(all);
          }
          byte[] back = process.getInputStream().readAllBytes();
          return back.length + " " + java.util.Arrays.equals(all, back);
        });
    cases.add(
        "lines by inputReader",
        "[a, b]",
        way -> way.shell("echo a; echo b").start().inputReader().lines().toList());
    cases.add(
        "lines by errorReader",
        "[c]",
        way -> way.shell("echo c >&2").start().errorReader().lines().toList());
    cases.add(
        "inputReader of a charset",
        "ä",
        way ->
            way.shell("printf '\\303\\244'")
                .start()
                .inputReader(StandardCharsets.UTF_8)
                .readLine());
    cases.add(
        "inputReader of two charsets",
        "IllegalStateException",
        way -> {
          Process process = way.shell(":").start();
          process.inputReader(StandardCharsets.UTF_8);
          return process.inputReader(StandardCharsets.US_ASCII);
        });
    cases.add(
        "3 000 000 bytes of output",
        MANY,
        way ->
            way.shell("/bin/busybox head -c " + MANY + " /dev/zero")
                .start()
                .getInputStream()
                .readAllBytes()
                .length);
    cases.add(
        "3 000 000 bytes of error",
        MANY,
        way ->
            way.shell("/bin/busybox head -c " + MANY + " /dev/zero >&2")
                .start()
                .getErrorStream()
                .readAllBytes()
                .length);
    cases.add(
        "output and error at once",
        "1000000 1000000",
        way -> {
          Process process =
              way.shell(
                      "/bin/busybox head -c 1000000 /dev/zero >&2 & /bin/busybox head -c 1000000 /dev/zero; wait")
                  .start();
          CompletableFuture<Integer> error =
              CompletableFuture.supplyAsync(
                  () -> {
                    try {
                      return process.getErrorStream().readAllBytes().length;
                    } catch (IOException e) {
                      return -1;
                    }
                  });
          return process.getInputStream().readAllBytes().length + " " + error.get();
        });
    cases.add(
        "output that is read as it comes",
        "one two",
        way -> {
          Process process = way.shell("echo one; read go; echo two").start();
          String first =
              new String(process.getInputStream().readNBytes(3), StandardCharsets.US_ASCII);
          process.getInputStream().read();
          process.getOutputStream().close();
          return first + " " + Way.text(process).strip();
        });
  }

  private static void afterwards(CaseList cases) {
    cases.add(
        "output read when it has ended",
        "out\n",
        way -> {
          Process process = way.shell("echo out").start();
          process.waitFor();
          return Way.text(process);
        });
    cases.add(
        "error read when it has ended",
        "err\n",
        way -> {
          Process process = way.shell("echo err >&2").start();
          process.waitFor();
          return Way.error(process);
        });
    cases.add(
        "60 000 bytes read when it has ended",
        60_000,
        way -> {
          Process process = way.shell("/bin/busybox head -c 60000 /dev/zero").start();
          process.waitFor();
          return process.getInputStream().readAllBytes().length;
        });
    cases.add(
        "the rest, part of which was read before",
        "ab c",
        way -> {
          Process process = way.shell("printf ab; read go; printf c").start();
          String first =
              new String(process.getInputStream().readNBytes(2), StandardCharsets.US_ASCII);
          process.getOutputStream().close();
          process.waitFor();
          return first + " " + Way.text(process);
        });
    cases.add(
        "read from a closed stream",
        "IOException",
        way -> {
          Process process = way.shell("echo out").start();
          process.getInputStream().close();
          return process.getInputStream().read();
        });
    cases.add(
        "read from a stream closed when it had ended",
        "IOException",
        way -> {
          Process process = way.shell("echo out").start();
          process.waitFor();
          process.getInputStream().close();
          return process.getInputStream().read();
        });
    cases.add(
        "written when it has ended",
        "IOException",
        way -> {
          Process process = way.shell(":").start();
          process.waitFor();
          Way.write(process, "x");
          return "written";
        });
    cases.add(
        "a reader that waits for the end",
        "-1",
        way -> {
          Process process = way.shell("read go").start();
          CompletableFuture<Integer> reader =
              CompletableFuture.supplyAsync(
                  () -> {
                    try {
                      return process.getInputStream().read();
                    } catch (IOException e) {
                      return -2;
                    }
                  });
          process.getOutputStream().close();
          return reader.get(20, TimeUnit.SECONDS);
        });
    cases.add(
        "no descriptor is left of 30 that nobody reads",
        "true",
        way -> {
          way.shell(":").start().waitFor();
          long before = descriptors();
          List<Process> processes = new ArrayList<>();
          for (int i = 0; i < 30; i++) {
            processes.add(way.shell("echo out; echo err >&2").start());
          }
          for (Process process : processes) {
            process.waitFor();
          }
          long deadline = System.nanoTime() + 10_000_000_000L;
          while (descriptors() > before + 10 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
          }
          return descriptors() <= before + 10;
        });
  }

  private static long descriptors() {
    return new java.io.File("/proc/self/fd").list().length;
  }

  private static void lingering(CaseList cases) {
    String grandchild = "/bin/busybox sleep 20 & echo $!; exit 3";
    cases.add(
        "waitFor with a grandchild that has the pipes",
        "3",
        way -> {
          Process process = way.shell(grandchild).start();
          int status = process.waitFor();
          kill(Way.text(process));
          return status;
        });
    cases.add(
        "output read at the end, with such a grandchild",
        "a number",
        way -> {
          Process process = way.shell(grandchild).start();
          process.waitFor();
          String text = Way.text(process);
          kill(text);
          return text.matches("\\d+\n") ? "a number" : text;
        });
    cases.add(
        "onExit with such a grandchild",
        "3",
        way -> {
          Process process = way.shell(grandchild).start();
          int status = process.onExit().get(10, TimeUnit.SECONDS).exitValue();
          kill(Way.text(process));
          return status;
        });
    cases.add(
        "such a grandchild goes on",
        "true",
        way -> {
          Process process = way.shell(grandchild).start();
          process.waitFor();
          return kill(Way.text(process));
        });
  }

  private static boolean kill(String pid) {
    return ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow().destroyForcibly();
  }
}
