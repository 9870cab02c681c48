// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/** The machines whose system call numbers are known here. */
public enum Machine {
  /** x86-64, also called amd64. */
  X86_64,
  /** AArch64, also called arm64. */
  AARCH64;

  /**
   * Returns the machine that this JVM was built for.
   *
   * @throws IllegalStateException if it is another
   */
  public static Machine current() {
    String name = System.getProperty("os.arch", "");
    return switch (name) {
      case "amd64", "x86_64" -> X86_64;
      case "aarch64" -> AARCH64;
      default ->
          throw new IllegalStateException(
              "syschroot runs on x86-64 and AArch64, not on \"" + name + "\"");
    };
  }
}
