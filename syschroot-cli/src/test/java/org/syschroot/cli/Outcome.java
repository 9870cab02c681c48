// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.nio.charset.StandardCharsets;

/**
 * What a program did: its exit status, 128 and the signal's number if one killed it, and output.
 */
public record Outcome(int status, byte[] out, byte[] err) {
  public String outText() {
    return new String(out, StandardCharsets.UTF_8);
  }

  public String errText() {
    return new String(err, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "status " + status + "\nout: " + outText() + "\nerr: " + errText();
  }
}
