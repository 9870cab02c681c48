// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.emulation;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How programs of a processor begin, to know before there is one whether this host can run them.
 * Immutable.
 *
 * @param architecture the processor, by the name of Go: {@code GOARCH}
 */
public record ForeignProgram(String architecture) {
  private static final int HEAD = 64;
  private static final int ET_EXEC = 2;

  private record Form(int bits, boolean bigEndian, int machine) {}

  // e_machine of elf(5)
  private static final Map<String, Form> FORMS =
      Map.ofEntries(
          Map.entry("amd64", new Form(64, false, 62)),
          Map.entry("386", new Form(32, false, 3)),
          Map.entry("arm64", new Form(64, false, 183)),
          Map.entry("arm", new Form(32, false, 40)),
          Map.entry("ppc64le", new Form(64, false, 21)),
          Map.entry("ppc64", new Form(64, true, 21)),
          Map.entry("s390x", new Form(64, true, 22)),
          Map.entry("riscv64", new Form(64, false, 243)),
          Map.entry("loong64", new Form(64, false, 258)),
          Map.entry("mips64le", new Form(64, false, 8)),
          Map.entry("mipsle", new Form(32, false, 8)));
  private static final Map<String, Set<String>> NATIVE =
      Map.of("amd64", Set.of("amd64", "386"), "arm64", Set.of("arm64", "arm"));

  /**
   * Returns whether the processor of a host runs such programs itself.
   *
   * @param host the host's processor, by the name of Go
   */
  public boolean isNative(String host) {
    return architecture.equals(host) || NATIVE.getOrDefault(host, Set.of()).contains(architecture);
  }

  /** Returns the handler that starts such programs in an emulator, if there is one. */
  public Optional<BinfmtHandler> handler(List<BinfmtHandler> handlers) {
    Form form = FORMS.get(architecture);
    if (form == null) {
      return Optional.empty();
    }
    byte[] head = head(form);
    return handlers.stream().filter(handler -> handler.takes(head)).findFirst();
  }

  private static byte[] head(Form form) {
    ByteBuffer head =
        ByteBuffer.allocate(HEAD)
            .order(form.bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    head.put(new byte[] {0x7f, 'E', 'L', 'F'});
    head.put((byte) (form.bits / 32)).put((byte) (form.bigEndian ? 2 : 1)).put((byte) 1);
    head.putShort(16, (short) ET_EXEC).putShort(18, (short) form.machine);
    return head.array();
  }
}
