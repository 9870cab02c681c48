// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.path.OsString;

/**
 * The entries that report: {@code syschroot: IMAGE: WHAT FAILED: WHY} in one writev(2), so that
 * lines of several processes do not mix. Failures end the table; they are collected until all steps
 * are written.
 */
class Messages {
  static final int STDERR = 2;

  private static final int FAILED = 125;
  private static final Operand PARTS = new Operand(Base.FRAME, Base.MESSAGE);
  private static final Operand TEXT_WORDS = new Operand(Base.FRAME, Base.TEXT.inFrame());
  private static final int PART_BYTES = 16;
  private static final int PART_COUNT = 6;

  /** The numbers that are told: from 1 to ELOOP, and ESTALE. */
  private static final int LAST_LOW = 40;

  private static final int FIRST_HIGH = 116;
  private static final int LAST_HIGH = 116;

  /** What most often stands in the way is told in words; there is no room for all of them. */
  private static final Set<Errno> IN_WORDS =
      EnumSet.of(
          Errno.EPERM,
          Errno.ENOENT,
          Errno.EIO,
          Errno.E2BIG,
          Errno.ENOEXEC,
          Errno.ENOMEM,
          Errno.EACCES,
          Errno.ENOTDIR,
          Errno.ENAMETOOLONG,
          Errno.ELOOP,
          Errno.ESTALE);

  /** What mounting can fail with besides, for tables that are not as small as they can be. */
  private static final Set<Errno> OF_MOUNTS =
      EnumSet.of(Errno.EBUSY, Errno.ENODEV, Errno.EINVAL, Errno.EMFILE, Errno.ENOSPC, Errno.ENOSYS);

  private final TableBuilder table;
  private final Constants constants;
  private final String prefix;
  private final Set<Errno> inWords = EnumSet.copyOf(IN_WORDS);
  private final int reports;
  private final List<Failure> failures = new ArrayList<>();
  private final Mark withErrno = new Mark();
  private final Mark ofTwoParts = new Mark();

  /** What is written when something fails, at the end of the table. */
  private record Failure(Mark mark, String step, String text, int status, boolean complete) {}

  Messages(TableBuilder table, Constants constants, ImageName image) {
    this(table, constants, image, STDERR);
  }

  /**
   * Creates messages for a descriptor.
   *
   * @param reports the descriptor; one that is not standard error gets a NUL behind the message
   *     that the program ends with
   */
  Messages(TableBuilder table, Constants constants, ImageName image, int reports) {
    this.table = table;
    this.constants = constants;
    this.reports = reports;
    this.prefix = "syschroot: " + image + ": ";
  }

  /** Has errors that come of mounting told in words, too. */
  void tellOfMounts() {
    inWords.addAll(OF_MOUNTS);
  }

  private Operand part(int number) {
    return PARTS.plus(number * PART_BYTES);
  }

  private void storePart(int number, String text) {
    OsString bytes = OsString.of(text);
    table.store(part(number), constants.text(bytes), Operand.number(bytes.length()));
  }

  /** Adds the entry that everything told here begins with. */
  void begin() {
    table.step("prepare messages");
    storePart(0, prefix);
  }

  /** Returns where to go when something fails with an errno. */
  Mark failure(String text, int status) {
    return failure(text, status, false);
  }

  /** Returns where to go when the text says it all. */
  Mark completeFailure(String text, int status) {
    return failure(text + "\n", status, true);
  }

  /** Equal messages are kept once: two steps can execute the same program. */
  Mark failure(String text, int status, boolean complete) {
    for (Failure known : failures) {
      if (known.text().equals(text) && known.status() == status && known.complete() == complete) {
        return known.mark();
      }
    }
    Mark mark = new Mark();
    failures.add(new Failure(mark, table.step(), text, status, complete));
    return mark;
  }

  /** Ends with a line that begins with a text in memory. */
  void failNaming(Operand name, Operand length, String text) {
    table.store(part(1), name, length);
    storePart(2, text);
    table.goTo(ofTwoParts);
  }

  /** Adds what is told of a text in memory: {@code BEFORE NAME BETWEEN ERRNO ENDING}. */
  void tell(String before, Operand name, Operand length, String between, String ending) {
    storePart(1, before);
    table.store(part(2), name, length);
    storePart(3, between);
    ending(ending);
  }

  /** Exchanges the end of what {@link #tell} has added. */
  void ending(String ending) {
    storePart(5, ending);
  }

  /** Ends with what {@link #tell} has added. */
  void fail() {
    table.goTo(withErrno);
  }

  /** Writes what {@link #tell} has added, and goes on. */
  void remark() {
    errno();
    write(PART_COUNT);
  }

  /** Writes what {@link #tell} has added with one more text at its end, and goes on. */
  void remarkEnding(OsString ending) {
    errno();
    table.store(part(6), constants.text(ending), Operand.number(ending.length()));
    write(PART_COUNT + 1);
  }

  /** Writes what {@link #tell} has added with two more texts at its end, and goes on. */
  void remarkEnding(Operand text, Operand length, String ending) {
    table.store(part(6), text, length);
    storePart(7, ending);
    errno();
    write(PART_COUNT + 2);
  }

  /** Writes a line, and goes on. */
  void remarkLine(String text) {
    storePart(1, text);
    write(2);
  }

  /** Writes a line that says twice what is at an address, and goes on. */
  void remarkNaming(Operand name, Operand length, String between, String ending) {
    table.store(part(1), name, length);
    storePart(2, between);
    table.store(part(3), name, length);
    storePart(4, ending);
    write(5);
  }

  private void write(int parts) {
    table.call(SystemCall.WRITEV, null, Operand.number(reports), PARTS, Operand.number(parts));
  }

  private void errno() {
    Mark named = new Mark();
    pick(named, 1, LAST_LOW);
    pick(named, FIRST_HIGH, LAST_HIGH);
    String unknown = "unknown error";
    table.store(TEXT_WORDS, constants.text(OsString.of(unknown)), Operand.number(unknown.length()));
    table.place(named);
    table.store(part(4), new Operand(Base.TEXT, 0), new Operand(Base.LENGTH, 0));
  }

  /** A number that is not between them is passed over, a lower one by counting past the end. */
  private void pick(Mark named, int first, int last) {
    Operand number = new Operand(Base.RESULT, first - 1);
    table.act(Action.PICK, named, null, constants.block(errnoTexts(first, last)), number);
  }

  /** One string for each number, and an empty one at the end. */
  private byte[] errnoTexts(int first, int last) {
    StringBuilder texts = new StringBuilder();
    for (int number = first; number <= last; number++) {
      String digits = Integer.toString(number);
      texts
          .append(Errno.of(number).filter(inWords::contains).map(Errno::text).orElse(digits))
          .append('\0');
    }
    return Constants.ascii(texts.append('\0').toString());
  }

  /** Adds the ends of all failures. */
  void writeFailures() {
    Mark plain = new Mark();
    Mark complete = new Mark();
    for (Failure failure : failures) {
      table.step(failure.step());
      table.place(failure.mark());
      if (failure.status() != FAILED) {
        table.store(Operand.STATUS_WORD, Operand.number(failure.status() - FAILED));
      }
      table.act(
          Action.STORE2,
          failure.complete() ? complete : plain,
          null,
          part(1),
          constants.text(OsString.of(failure.text())),
          Operand.number(OsString.of(failure.text()).length()));
    }
    table.step("report");
    table.place(plain);
    table.store(part(2), Operand.number(0), Operand.number(0));
    storePart(3, ": ");
    ending("\n");
    table.place(withErrno);
    errno();
    Mark end = new Mark();
    table.call(
        SystemCall.WRITEV, end, end, Operand.number(reports), PARTS, Operand.number(PART_COUNT));
    table.place(complete);
    table.store(part(2), Operand.number(0), Operand.number(0));
    table.place(ofTwoParts);
    write(3);
    table.place(end);
    if (reports != STDERR) {
      table.call(
          SystemCall.WRITE, null, Operand.number(reports), constants.string(""), Operand.number(1));
    }
    table.exit(new Operand(Base.STATUS, FAILED));
  }
}
