// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.util.HashSet;
import java.util.Set;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MessageBatch;

/**
 * Says in whose name a message is sent, as far as the kernel allows. For one thread.
 *
 * <p>Which it does for a pid only with {@code CAP_SYS_ADMIN} and only while a process has it, for
 * uid and gid with {@code CAP_SETUID} and {@code CAP_SETGID}, unix(7).
 */
final class SenderNaming {
  private static final int SOME = 64;

  private final Reporter reporter;
  private final Senders senders;
  private final int ownPid;
  private final Set<ImageName> goneTold = new HashSet<>();
  private Extent extent = Extent.PID;

  private enum Extent {
    PID,
    USER,
    NOTHING
  }

  SenderNaming(Reporter reporter, Senders senders) {
    this.reporter = reporter;
    this.senders = senders;
    this.ownPid = (int) ProcessHandle.current().pid();
  }

  Reporter reporter() {
    return reporter;
  }

  /** Returns whether a message of this pid is sent with it. */
  boolean isNamed(int pid) {
    return extent == Extent.PID && pid != MessageQueue.NO_PID;
  }

  /** Puts the sender of a queued message into a batch; its pid only while it is still the same. */
  void name(MessageBatch batch, int index, ImageFeed feed, long place) {
    MessageQueue queue = feed.queue();
    if (isNamed(queue.pid(place)) && !senders.isStill(queue.pid(place), queue.senderStart(place))) {
      queue.forgetPid(place);
      tellGone(feed);
    }
    int uid = queue.uid(place);
    if (extent == Extent.NOTHING || uid == MessageQueue.NOBODY) {
      return;
    }
    int pid = queue.pid(place);
    batch.setSender(index, isNamed(pid) ? pid : ownPid, uid, queue.gid(place));
  }

  /**
   * Asks for less for the oldest message of an image, or for all, if that is why it was not sent.
   *
   * @param error the errno
   * @return whether it is to be sent again
   */
  boolean recover(int error, ImageFeed feed) throws KernelException {
    MessageQueue queue = feed.queue();
    long oldest = queue.oldest();
    if (error == Errno.ESRCH.number() && isNamed(queue.pid(oldest))) {
      forget(queue, queue.pid(oldest));
      tellGone(feed);
      return true;
    }
    if (error == Errno.EPERM.number() && extent != Extent.NOTHING) {
      extent = extent == Extent.PID ? Extent.USER : Extent.NOTHING;
      if (extent == Extent.NOTHING) {
        tellNotAllowed("user and process ID of the sender", "CAP_SETUID and CAP_SETGID");
      } else {
        tellNotAllowed("the process ID of the sender", "CAP_SYS_ADMIN");
      }
      return true;
    }
    if (error == Errno.EINVAL.number() && queue.uid(oldest) != MessageQueue.NOBODY) {
      queue.forgetSender(oldest); // a user that this user namespace does not have
      return true;
    }
    return false;
  }

  private void tellGone(ImageFeed feed) {
    if (!goneTold.add(feed.image())) {
      return; // before a text is made, which would be garbage
    }
    reporter.tell(
        RelayEvent.Kind.SENDER_GONE,
        feed.image(),
        "image "
            + feed.image()
            + ": a sender ended before its message was forwarded: such messages have the user and"
            + " group ID of the sender, but the process ID of the relay: "
            + ownPid);
  }

  private void tellNotAllowed(String what, String missing) {
    reporter.tell(
        RelayEvent.Kind.SENDER_NOT_PASSED_ON,
        null,
        "cannot forward " + what + ": the relay lacks " + missing);
  }

  /** What a process has sent that is gone comes often in a row. */
  private static void forget(MessageQueue queue, int pid) {
    long place = queue.oldest();
    int count = Math.min(SOME, queue.messages());
    for (int i = 0; i < count; i++) {
      if (queue.pid(place) == pid) {
        queue.forgetPid(place);
      }
      if (i + 1 < count) {
        place = queue.after(place);
      }
    }
  }
}
