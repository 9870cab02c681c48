// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.path.OsString;

/**
 * The entries that report: {@code syschroot: IMAGE: STEP: ERRNO} in one writev(2), so that lines of
 * several processes do not mix. Failures end the table; they are collected until all steps are
 * written.
 */
final class Messages {
  private static final int STDERR = 2;
  private static final int FAILED = 125;
  private static final Operand PARTS = new Operand(Base.FRAME, Base.MESSAGE);
  private static final Operand STATUS_WORD = new Operand(Base.FRAME, Base.STATUS.inFrame());
  private static final Operand TEXT_WORDS = new Operand(Base.FRAME, Base.TEXT.inFrame());
  private static final int PART_BYTES = 16;
  private static final int PART_COUNT = 6;

  /** The numbers that are told: from 1 to ELOOP and from ELIBBAD to EREMOTEIO. */
  private static final int LAST_LOW = 40;

  private static final int FIRST_HIGH = 80;
  private static final int LAST_HIGH = 121;

  /** Names for what the calls of a launcher can return; the others are told by their number. */
  private static final List<Errno> NAMED =
      List.of(
          Errno.EPERM,
          Errno.ENOENT,
          Errno.EINTR,
          Errno.EIO,
          Errno.E2BIG,
          Errno.ENOEXEC,
          Errno.EBADF,
          Errno.EAGAIN,
          Errno.ENOMEM,
          Errno.EACCES,
          Errno.EFAULT,
          Errno.EBUSY,
          Errno.ENODEV,
          Errno.ENOTDIR,
          Errno.EISDIR,
          Errno.EINVAL,
          Errno.ENFILE,
          Errno.EMFILE,
          Errno.ETXTBSY,
          Errno.ERANGE,
          Errno.ENAMETOOLONG,
          Errno.ENOSYS,
          Errno.ELOOP,
          Errno.ELIBBAD,
          Errno.EOPNOTSUPP,
          Errno.ETIMEDOUT,
          Errno.ESTALE,
          Errno.EREMOTEIO);

  private final TableBuilder table;
  private final Constants constants;
  private final String prefix;
  private final List<Failure> failures = new ArrayList<>();

  /** A message at the end of the table; complete, or followed by subject and errno. */
  private record Failure(
      Mark mark, String step, String text, int status, boolean complete, boolean withSubject) {}

  Messages(TableBuilder table, Constants constants, ImageName image) {
    this.table = table;
    this.constants = constants;
    this.prefix = "syschroot: " + image + ": ";
  }

  private Operand part(int number) {
    return PARTS.plus(number * PART_BYTES);
  }

  private void storePart(int number, String text) {
    table.store(part(number), constants.string(text), Operand.number(OsString.of(text).length()));
  }

  /** Adds the entry that everything told here begins with. */
  void begin() {
    table.step("prepare messages");
    storePart(0, prefix);
  }

  /** Sets what {@link #failureWithSubject} and remarks tell after their text. */
  void subject(Operand text, Operand length) {
    table.store(part(2), text, length);
  }

  void subject(String text) {
    storePart(2, text);
  }

  /** Returns where to go when something fails with an errno. */
  Mark failure(String text, int status) {
    return failure(text, status, false, false);
  }

  /** Returns where to go when something fails that the subject belongs to. */
  Mark failureWithSubject(String text, int status) {
    return failure(text, status, false, true);
  }

  /** Returns where to go when the text says it all. */
  Mark completeFailure(String text, int status) {
    return failure(text + "\n", status, true, false);
  }

  /** Equal messages are kept once: two steps can execute the same program. */
  private Mark failure(String text, int status, boolean complete, boolean withSubject) {
    for (Failure known : failures) {
      if (known.text().equals(text)
          && known.status() == status
          && known.complete() == complete
          && known.withSubject() == withSubject) {
        return known.mark();
      }
    }
    Mark mark = new Mark();
    failures.add(new Failure(mark, table.step(), text, status, complete, withSubject));
    return mark;
  }

  /** Adds a line with subject and errno that does not end the switch. */
  void remark(String text, String ending) {
    storePart(1, text);
    errno(ending);
    table.call(SystemCall.WRITEV, null, Operand.number(STDERR), PARTS, Operand.number(PART_COUNT));
  }

  private void errno(String ending) {
    Mark named = new Mark();
    storePart(3, ": ");
    pick(named, 1, LAST_LOW);
    pick(named, FIRST_HIGH, LAST_HIGH);
    String unknown = "unknown error";
    table.store(TEXT_WORDS, constants.string(unknown), Operand.number(unknown.length()));
    table.place(named);
    table.store(part(4), new Operand(Base.TEXT, 0), new Operand(Base.LENGTH, 0));
    storePart(5, ending);
  }

  /** A number that is not between them is passed over, a lower one by counting past the end. */
  private void pick(Mark named, int first, int last) {
    Operand number = new Operand(Base.RESULT, first - 1);
    table.act(Action.PICK, named, null, constants.block(errnoNames(first, last)), number);
  }

  /** One string for each number, and an empty one at the end. */
  private static byte[] errnoNames(int first, int last) {
    StringBuilder names = new StringBuilder();
    for (int number = first; number <= last; number++) {
      String digits = Integer.toString(number);
      names
          .append(Errno.of(number).filter(NAMED::contains).map(Errno::name).orElse(digits))
          .append('\0');
    }
    return Constants.ascii(names.append('\0').toString());
  }

  /** Adds the ends of all failures. */
  void writeFailures() {
    Mark withoutSubject = new Mark();
    Mark withSubject = new Mark();
    Mark complete = new Mark();
    for (Failure failure : failures) {
      table.step(failure.step());
      table.place(failure.mark());
      if (failure.status() != FAILED) {
        table.store(STATUS_WORD, Operand.number(failure.status() - FAILED));
      }
      Mark next = failure.withSubject() ? withSubject : withoutSubject;
      table.act(
          Action.STORE2,
          failure.complete() ? complete : next,
          null,
          part(1),
          constants.string(failure.text()),
          Operand.number(OsString.of(failure.text()).length()));
    }
    table.step("report");
    table.place(withoutSubject);
    table.store(part(2), Operand.number(0), Operand.number(0));
    table.place(withSubject);
    errno("\n");
    Mark end = new Mark();
    table.call(
        SystemCall.WRITEV, end, end, Operand.number(STDERR), PARTS, Operand.number(PART_COUNT));
    table.place(complete);
    table.call(SystemCall.WRITEV, null, Operand.number(STDERR), PARTS, Operand.number(2));
    table.place(end);
    table.exit(new Operand(Base.STATUS, FAILED));
  }
}
