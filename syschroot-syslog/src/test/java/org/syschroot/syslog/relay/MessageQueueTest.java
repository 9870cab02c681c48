// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessageQueueTest {
  private static final int LONGEST = 70_000;

  private record Entry(byte[] bytes, int pid, long start, int uid, int gid) {}

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#ten")
  void queue_anyOrderOfUse_isFirstInFirstOut(SplittableRandom random) throws Exception {
    int limit = 1 << 20;
    QueueRoom messages = new QueueRoom(5000, 1);
    QueueRoom room = new QueueRoom(limit, 1);
    Deque<Entry> model = new ArrayDeque<>();
    try (MessageQueue queue = new MessageQueue(limit, LONGEST, messages, room)) {
      for (int i = 0; i < 20_000; i++) {
        int length = random.nextInt(20) == 0 ? random.nextInt(LONGEST) : random.nextInt(200);
        boolean fits = queue.messagesLeft() > 0 && queue.bytesLeft() > length;
        if (fits && random.nextInt(3) > (i / 2000 % 2)) {
          add(queue, model, random, length);
        } else if (!model.isEmpty()) {
          int number = 1 + random.nextInt(Math.min(70, model.size()));
          compare(queue, model, number);
          queue.remove(number);
          for (int n = 0; n < number; n++) {
            model.removeFirst();
          }
        }
        assertThat(queue.messages()).isEqualTo(model.size());
        assertThat(queue.messagesLeft()).isEqualTo(5000 - model.size());
      }
    }
  }

  private static void add(
      MessageQueue queue, Deque<Entry> model, SplittableRandom random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    Entry entry =
        new Entry(bytes, random.nextInt(), random.nextLong(), random.nextInt(), random.nextInt());
    queue.add(
        ByteBuffer.wrap(bytes), 0, length, entry.pid(), entry.start(), entry.uid(), entry.gid());
    model.addLast(entry);
  }

  private static void compare(MessageQueue queue, Deque<Entry> model, int number) {
    long place = queue.oldest();
    Iterator<Entry> expected = model.iterator();
    for (int i = 0; i < number; i++) {
      Entry entry = expected.next();
      byte[] bytes = new byte[queue.length(place)];
      queue.memory().get(queue.start(place), bytes);
      assertThat(bytes).isEqualTo(entry.bytes());
      assertThat(queue.pid(place)).isEqualTo(entry.pid());
      assertThat(queue.senderStart(place)).isEqualTo(entry.start());
      assertThat(queue.uid(place)).isEqualTo(entry.uid());
      assertThat(queue.gid(place)).isEqualTo(entry.gid());
      if (i + 1 < number) {
        place = queue.after(place);
      }
    }
  }

  @Test
  void room_oneImage_hasAllOfIt() {
    QueueRoom room = new QueueRoom(100, 1);
    assertThat(room.left(0)).isEqualTo(100);
    room.change(0, 30);
    assertThat(room.left(30)).isEqualTo(70);
  }

  @Test
  void room_floodOfOneImage_leavesTheOthersTheirPart() {
    QueueRoom room = new QueueRoom(100, 5); // 10 for each, 50 for all
    assertThat(room.left(0)).isEqualTo(60);
    room.change(0, 60);
    assertThat(room.left(60)).isZero();
    assertThat(room.left(0)).isEqualTo(10);
    room.change(0, 10);
    assertThat(room.left(10)).isZero();
    assertThat(room.left(0)).isEqualTo(10);
    room.change(60, 0);
    assertThat(room.left(10)).isEqualTo(50);
  }
}
