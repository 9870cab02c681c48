// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Both ways to make native calls, as far as this JVM has them, and which one is taken. */
final class RawCallsTest {
  private static final boolean FOREIGN = Runtime.version().feature() >= 22;
  private static final int PROT_NONE = 0;

  static Stream<RawCalls> ways() {
    return FOREIGN ? Stream.of(JffiCalls.load(), ForeignCalls.load()) : Stream.of(JffiCalls.load());
  }

  @ParameterizedTest
  @MethodSource("ways")
  void call_failing_returnsTheNegativeErrno(RawCalls calls) {
    int close = SystemCall.CLOSE.number();
    assertThat(calls.call(close, -1, 0, 0, 0, 0)).isEqualTo(-Errno.EBADF.number());
    int madvise = SystemCall.MADVISE.number();
    assertThat(calls.call(madvise, 1, 1, 0, 0, 0)).isEqualTo(-Errno.EINVAL.number());
    assertThat(calls.call(SystemCall.GETPID.number(), 0, 0, 0, 0, 0))
        .isEqualTo(ProcessHandle.current().pid());
  }

  @ParameterizedTest
  @MethodSource("ways")
  void call_interpretedOrCompiled_takesNoMemory(RawCalls calls) {
    int getpid = SystemCall.GETPID.number();
    calls.call(getpid, 0, 0, 0, 0, 0); // which loads classes
    calls.withoutMemory(SystemCall.GETPID, 0, 0, 0, 0);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    long none = -threads.getThreadAllocatedBytes(self) + threads.getThreadAllocatedBytes(self);
    long before = threads.getThreadAllocatedBytes(self);
    for (int i = 0; i < 100; i++) {
      calls.call(getpid, 0, 0, 0, 0, 0);
      calls.withoutMemory(SystemCall.GETPID, 0, 0, 0, 0);
    }
    assertThat(threads.getThreadAllocatedBytes(self) - before).isEqualTo(none);
    assertThat(calls.withoutMemory(SystemCall.GETPID, 0, 0, 0, 0))
        .isEqualTo(ProcessHandle.current().pid());
    assertThat(calls.withoutMemory(SystemCall.CLOSE, -1, 0, 0, 0)).isNegative();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void close_openAndClosed_returnsZeroAndTheNegativeErrno(RawCalls calls) {
    long open = calls.call(SystemCall.EPOLL_CREATE1.number(), 0, 0, 0, 0, 0);
    assertThat(calls.close((int) open)).isZero();
    assertThat(calls.close(-1)).isEqualTo(-Errno.EBADF.number());
  }

  @ParameterizedTest
  @MethodSource("ways")
  void find_functionOrNot_isAnAddressOrZero(RawCalls calls) {
    assertThat(calls.find("posix_spawn")).isNotZero();
    assertThat(calls.find("no_such_function")).isZero();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void buffer_mappedMemory_isReadAndWritten(RawCalls calls) {
    long address = calls.map(65536);
    assertThat(address).isPositive();
    ByteBuffer buffer = calls.buffer(address, 65536).order(ByteOrder.nativeOrder());
    assertThat(buffer.capacity()).isEqualTo(65536);
    assertThat(buffer.getLong(8)).isZero();
    buffer.putLong(8, 42);
    assertThat(calls.buffer(address, 16).order(ByteOrder.nativeOrder()).getLong(8)).isEqualTo(42);
    ByteBuffer direct = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
    direct.putLong(0, 7);
    long read = calls.buffer(calls.addressOf(direct), 8).order(ByteOrder.nativeOrder()).getLong(0);
    assertThat(read).isEqualTo(7);
    assertThat(calls.call(SystemCall.MUNMAP.number(), address, 65536, PROT_NONE, 0, 0)).isZero();
  }

  @Test
  void running_fromJava22On_isPartOfTheJdk() {
    assertThat(RawCalls.running()).isInstanceOf(FOREIGN ? ForeignCalls.class : JffiCalls.class);
  }

  private static List<String> jvm(String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), OneCall.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return text.lines().toList();
  }

  /** Makes a call, and says by what. */
  static final class OneCall {
    private OneCall() {}

    public static void main(String[] arguments) {
      try {
        LinuxProcessCalls.running().effectiveUid();
        System.out.println(RawCalls.running().getClass().getSimpleName());
      } catch (UnsatisfiedLinkError e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void running_nativeAccessDenied_saysWhatToDo() throws Exception {
    if (Runtime.version().feature() >= 24) {
      assertThat(jvm("--illegal-native-access=deny"))
          .singleElement()
          .asString()
          .contains("--enable-native-access=ALL-UNNAMED");
      assertThat(jvm("--illegal-native-access=deny", "--enable-native-access=ALL-UNNAMED"))
          .containsExactly("ForeignCalls");
    } else {
      assertThat(jvm()).containsExactly(FOREIGN ? "ForeignCalls" : "JffiCalls");
    }
  }

  @Test
  void running_temporaryDirectoryMissing_saysWhatToDoOrNeedsNone() throws Exception {
    List<String> lines =
        jvm("-Djava.io.tmpdir=/no/such/directory", "-Djffi.extract.dir=/no/such/directory");
    if (FOREIGN) {
      assertThat(lines).endsWith("ForeignCalls");
    } else {
      assertThat(lines)
          .singleElement()
          .asString()
          .contains("/no/such/directory", "-Djffi.extract.dir=DIR");
    }
  }
}
