// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Entry point. Knows no class but the JVM's own and one of this package, so that it is loaded
 * whatever is missing, and can report it: the JVM itself would end with 1 and a stack trace.
 */
public final class Main {
  private static final int FAILED = 125;

  private Main() {}

  /**
   * Runs the command and exits.
   *
   * @param decoded the arguments as the JVM decoded them; used only for their number, since
   *     decoding loses bytes
   */
  public static void main(String[] decoded) {
    int status;
    try {
      status = Invocation.run(decoded.length);
    } catch (Throwable e) {
      tell(reason(e));
      status = FAILED;
    }
    Runtime.getRuntime().halt(status);
  }

  private static String reason(Throwable failure) {
    if (failure instanceof OutOfMemoryError) {
      return "out of memory: ".concat(String.valueOf(failure.getMessage()));
    }
    if (failure instanceof StackOverflowError) {
      return "the stack is too small: raise the limit with \"ulimit -s\"";
    }
    if (failure instanceof LinkageError) {
      return "a file of syschroot is missing or damaged: reinstall syschroot ("
          .concat(failure.toString())
          .concat(")");
    }
    return failure.toString();
  }

  private static void tell(String message) {
    try (FileOutputStream err = new FileOutputStream(FileDescriptor.err)) {
      String line = "syschroot: ".concat(message).concat("\n");
      err.write(line.getBytes(StandardCharsets.UTF_8));
    } catch (IOException nobodyReads) {
      // The status says it.
    }
  }
}
