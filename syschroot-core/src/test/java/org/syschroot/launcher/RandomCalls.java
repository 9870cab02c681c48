// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Writes scripts of bash that call launchers in odd ways and print each exit status. */
final class RandomCalls {
  static final int BATCH = 250;
  static final List<String> AS_USER =
      List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "bash", "-c");

  private static final List<String> DIRECTORIES =
      List.of(".", "/", "/tmp", "/proc/self/fd", "/usr/bin", "/dev");
  private static final List<String> NAMES =
      List.of("HOME", "SHELL", "SYSCHROOT_IMAGE", "LD_PRELOAD", "LD_AUDIT", "A", "SYSCHROOT_IMAG");
  private static final List<String> LIMITS = List.of("n", "c", "f", "s", "u", "t", "v", "l");

  private final SplittableRandom random;
  private final List<String> launchers;
  private final boolean withLimits;

  /** Calls these, as bash is to be told. */
  RandomCalls(SplittableRandom random, List<String> launchers, boolean withLimits) {
    this.random = random;
    this.launchers = List.copyOf(launchers);
    this.withLimits = withLimits;
  }

  static RandomCalls of(SplittableRandom random, Path... launchers) {
    return new RandomCalls(random, Stream.of(launchers).map(Path::toString).toList(), true);
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  /** Any bytes but NUL, in bash's form. */
  private String text() {
    StringBuilder text = new StringBuilder("$'");
    int length = random.nextInt(8) == 0 ? random.nextInt(300) : random.nextInt(12);
    for (int i = 0; i < length; i++) {
      text.append(String.format("\\x%02x", 1 + random.nextInt(255)));
    }
    return text.append('\'').toString();
  }

  private String word() {
    return switch (random.nextInt(6)) {
      case 0 -> "''";
      case 1 -> "-";
      case 2 -> "/bin/exit42";
      case 3 -> "../../../bin/sh";
      case 4 -> "-c";
      default -> text();
    };
  }

  String script(int calls) {
    StringBuilder script = new StringBuilder();
    for (int i = 0; i < calls; i++) {
      script.append("( cd ").append(one(DIRECTORIES)).append(";");
      for (int v = random.nextInt(4); v > 0; v--) {
        String value = random.nextBoolean() ? text() : word();
        script.append(" export ").append(one(NAMES)).append('=').append(value).append(';');
      }
      if (withLimits && random.nextInt(3) == 0) {
        limit(script);
      }
      script.append(random.nextInt(10) == 0 ? " exec env -i " : " exec ");
      boolean named = !script.toString().endsWith("-i ");
      if (named) {
        script.append("-a ").append(word()).append(' ');
      }
      script.append(one(launchers));
      for (int a = random.nextInt(6); a > 0; a--) {
        script.append(' ').append(word());
      }
      script.append(redirection()).append(" ); echo \"=$?\"\n");
    }
    return script.toString();
  }

  private void limit(StringBuilder script) {
    String name = one(LIMITS);
    // Less makes the kernel kill whatever is executed, which says nothing of us.
    long least =
        switch (name) {
          case "s" -> 256;
          case "v" -> 100_000;
          case "t" -> 5;
          case "u" -> 0;
          default -> 0;
        };
    script.append(" ulimit -").append(name).append(' ').append(least + random.nextInt(20));
    script.append(';');
  }

  private String redirection() {
    return switch (random.nextInt(5)) {
      case 0 -> " <&- >&- 2>&-";
      case 1 -> " >&- 2>/dev/null";
      case 2 -> " 2>&-";
      default -> " >/dev/null 2>/dev/null </dev/null";
    };
  }
}
