// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.syschroot.mounts.table.MountTable;

/** Measures how long it takes to parse a mount table. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class MountTableBenchmark {
  /** How many lines the table has. */
  @Param({"30", "1000", "10000"})
  public int lines;

  /** Whether there is something to unescape in each line. */
  @Param({"false", "true"})
  public boolean escapes;

  private byte[] text = {};

  /** Makes the table. */
  @Setup
  public void makeText() {
    StringBuilder table = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      table.append(100 + i).append(" 100 0:").append(40 + i % 7).append(" / /srv/images/");
      table.append(i).append(escapes ? "/home\\040of" : "/home/of").append("/user rw,nosuid,relatime");
      table.append(" shared:").append(i).append(" - nfs4 server:/export/home/").append(i);
      table.append(" rw,vers=4.2,hard\n");
    }
    text = table.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Parses it. */
  @Benchmark
  public MountTable parse() throws IOException {
    return MountTable.parse(text);
  }
}
