// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Answers of the kernel, as bytes. */
class SocketListingTest {
  private static final int STREAM = 1;
  private static final int DATAGRAM = 2;
  private static final int ESTABLISHED = 1;
  private static final int CLOSED = 7;
  private static final int LISTENING = 10;
  private static final short ERROR = 2;
  private static final short DONE = 3;
  private static final short SOCKET = 20;

  private final List<BoundSocket> bound = new ArrayList<>();
  private final SocketListing listing = new SocketListing(bound);
  private final ByteBuffer bytes = ByteBuffer.allocate(1024).order(ByteOrder.nativeOrder());

  private void header(short type, int length) {
    bytes.putInt(16 + length).putShort(type).putShort((short) 2).putInt(0).putInt(0);
  }

  private void message(int type, int state, int inode, byte[] attributes) {
    header(SOCKET, 16 + attributes.length);
    bytes.put((byte) 1).put((byte) type).put((byte) state).put((byte) 0).putInt(inode).putLong(0);
    bytes.put(attributes);
    bytes.position((bytes.position() + 3) & -4);
  }

  /** The name, whose odd length takes padding, and then the file. */
  private static byte[] named(int file, int device) {
    ByteBuffer all = ByteBuffer.allocate(24).order(ByteOrder.nativeOrder());
    all.putShort((short) 7).putShort((short) 0).put(new byte[] {'/', 'a', 0, 0});
    all.putShort((short) 12).putShort((short) 1).putInt(file).putInt(device);
    return java.util.Arrays.copyOf(all.array(), all.position());
  }

  private byte[] block() {
    byte[] block = java.util.Arrays.copyOf(bytes.array(), bytes.position());
    bytes.clear();
    return block;
  }

  @Test
  void add_severalBlocks_takesWhatTakesMessages() throws KernelException {
    message(DATAGRAM, CLOSED, -1, named(-2, 0x0fe00000));
    message(STREAM, ESTABLISHED, 12, named(5, 6));
    message(STREAM, CLOSED, 13, named(5, 6));
    assertThat(listing.add(block())).isTrue();
    message(STREAM, LISTENING, 14, named(5, 6));
    message(DATAGRAM, CLOSED, 15, new byte[0]);
    header(DONE, 4);
    bytes.putInt(0);
    assertThat(listing.add(block())).isFalse();
    assertThat(bound)
        .containsExactly(
            new BoundSocket(0xffffffffL, 0x0fe00000, 0xfffffffeL), new BoundSocket(14, 6, 5));
  }

  @Test
  void add_error_isThrownWithItsNumber() {
    header(ERROR, 4);
    bytes.putInt(-Errno.ENOENT.number());
    byte[] block = block();
    assertThatThrownBy(() -> listing.add(block))
        .isInstanceOfSatisfying(
            KernelException.class, failure -> assertThat(failure.is(Errno.ENOENT)).isTrue());
  }

  @Test
  void add_nothing_isTheEnd() throws KernelException {
    assertThat(listing.add(new byte[0])).isFalse();
  }

  @Test
  void add_lengthOfNought_endsAllTheSame() throws KernelException {
    assertThat(listing.add(new byte[32])).isFalse();
    message(DATAGRAM, CLOSED, 1, new byte[8]);
    assertThat(listing.add(block())).isTrue();
    assertThat(bound).isEmpty();
  }
}
