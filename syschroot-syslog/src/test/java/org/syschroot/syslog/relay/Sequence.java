// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks that numbered messages of some senders come once each and in order. Thread-safe. */
final class Sequence implements Consumer<Daemon.Message> {
  private static final Pattern REPORT = Pattern.compile("image [^ ]+: (\\d+) messages dropped");

  private final long[] next;
  private final List<String> wrong = new ArrayList<>();
  private long received;
  private long missing;
  private long reported;

  Sequence(int senders) {
    next = new long[senders];
  }

  static byte[] message(int sender, long number) {
    return ("<13>bench: " + sender + " " + number + " of a sender")
        .getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public synchronized void accept(Daemon.Message message) {
    accept(message.text());
  }

  synchronized void accept(String text) {
    Matcher report = REPORT.matcher(text);
    if (report.find()) {
      reported += Long.parseLong(report.group(1));
      return;
    }
    String[] words = text.split(" ");
    int sender = Integer.parseInt(words[1]);
    long number = Long.parseLong(words[2]);
    if (number < next[sender]) {
      wrong.add("sender " + sender + ": " + number + " after " + (next[sender] - 1));
      return;
    }
    missing += number - next[sender];
    next[sender] = number + 1;
    received++;
  }

  /** Returns the messages that came twice or too late. */
  synchronized List<String> wrong() {
    return List.copyOf(wrong);
  }

  /** Returns how many came. */
  synchronized long received() {
    return received;
  }

  /** Returns how many did not come though a later one of the same sender did. */
  synchronized long missing() {
    return missing;
  }

  /** Returns how many the relay has said were dropped. */
  synchronized long reported() {
    return reported;
  }
}
