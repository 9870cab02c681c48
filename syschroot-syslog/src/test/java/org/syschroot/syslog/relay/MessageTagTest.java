// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MessageTagTest {
  private static int end(byte[] message) {
    byte[] padded = new byte[message.length + 7];
    System.arraycopy(message, 0, padded, 5, message.length);
    return MessageTag.end(ByteBuffer.wrap(padded), 5, message.length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<13>Nov 24 12:00:00 sshd[42]: hello | <13>Nov 24 12:00:00 sshd",
        "<13>Nov  4 12:00:00 sshd: hello     | <13>Nov  4 12:00:00 sshd",
        "<13>sshd: hello                     | <13>sshd",
        "sshd[1]: hello                      | sshd",
        "<191>postfix/smtpd[1]: hello        | <191>postfix/smtpd",
        "<13>hello world                     | <13>hello",
        "<13>1 2026-11-24T12:00:00Z host app 42 - - text | <13>1 2026-11-24T12:00:00Z host app",
        "<13>x                               | <13>x",
        "<1234>x                             | <1234>x",
        "<13 x                               | <13",
      })
  void end_messageWithTag_isBehindTheTag(String message, String head) {
    assertThat(end(message.getBytes(StandardCharsets.US_ASCII))).isEqualTo(head.length());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''",
        "<13>",
        "<13>: hello",
        "'<13>Nov 24 12:00:00 '",
        "<13>1 2026-11-24T12:00:00Z",
        "<13>a-word-that-is-longer-than-any-name-of-a-program-can-be-in-a-tag: x",
        "[42]: hello"
      })
  void end_noTag_isMinusOne(String message) {
    assertThat(end(message.getBytes(StandardCharsets.US_ASCII))).isEqualTo(-1);
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#hundred")
  void end_anyBytes_isWithinThem(SplittableRandom random) {
    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[random.nextInt(60)];
      random.nextBytes(bytes);
      assertThat(end(bytes)).isBetween(-1, bytes.length);
    }
  }
}
