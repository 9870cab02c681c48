// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.List;
import java.util.Optional;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/**
 * The entries that prove where the launcher is, and change to the image's root directory.
 *
 * <p>The path of that directory is looked up once, by chdir(2). What is examined after that is the
 * current directory, and chroot(2) takes the current directory: nothing can be exchanged in
 * between.
 */
final class ProofEntries {
  private static final int ROOT = 0;
  private static final int FAILED = 125;

  private final TableBuilder table;
  private final Constants constants;
  private final Messages messages;
  private final StatusEntries status;
  private final ImageName image;
  private final Operand here;

  ProofEntries(TableBuilder table, Constants constants, Messages messages, ImageName image) {
    this.table = table;
    this.constants = constants;
    this.messages = messages;
    this.status = new StatusEntries(table, constants);
    this.image = image;
    this.here = constants.string(".");
  }

  /** Refuses a caller whose root directory is another one than the host's. */
  void callersRoot(DirectoryIdentity known) {
    table.step("check that the caller is on the host");
    Mark elsewhere =
        messages.completeFailure(
            "the root directory here is not that of the host: leave this image first; if this is"
                + " the host, root: syschroot link "
                + image,
            FAILED);
    Operand root = constants.string("/");
    status.statx(root, 0, StatusEntries.FILE, elsewhere);
    status.requireAlone(ROOT, elsewhere);
    status.requireIdentity(root, known, elsewhere);
  }

  /** Goes to the image's root directory, and refuses any other than that of the time of writing. */
  void tree(HostPath root, LaunchProof proof, String again) {
    table.step("go to the image's root directory and check it");
    Mark replaced =
        messages.completeFailure(
            "the root directory of "
                + image
                + " has been replaced, or users can modify it; "
                + again,
            FAILED);
    enter(proof.exchangeable() ? LaunchProof.holder(root) : root);
    status.statx(here, 0, StatusEntries.FILE, replaced);
    status.requireAlone(proof.owner(), replaced);
    status.requireIdentity(here, proof.tree(), replaced);
    status.end();
    if (proof.exchangeable()) {
      // Only the owner could put it into that directory, which is the one of the time of writing.
      Operand name = constants.string(root.value().baseName());
      table.call(SystemCall.CHDIR, messages.failure("cannot enter the image", FAILED), name);
      status.statx(here, 0, StatusEntries.FILE, replaced);
      status.requireAlone(proof.owner(), replaced);
      status.end();
    }
  }

  private void enter(HostPath directory) {
    String cannot = "cannot enter " + directory;
    constants.string(cannot); // with the path at its end, so that this is there once
    Operand path = constants.string(directory.value());
    table.call(SystemCall.CHDIR, messages.failure(cannot, FAILED), path);
  }

  /**
   * Makes the current directory the root directory.
   *
   * @param otherwise what enters a user namespace if the privilege is missing
   */
  void enter(Optional<NamespaceEntries> otherwise) {
    table.step("enter the image's root");
    Mark failed = new Mark();
    Mark done = new Mark();
    table.call(SystemCall.CHROOT, done, failed, here);
    table.place(failed);
    Mark denied = new Mark();
    refuse("cannot enter", otherwise.isPresent() ? Optional.of(denied) : Optional.empty());
    if (otherwise.isPresent()) {
      table.place(denied);
      otherwise.get().userInstead();
      table.call(SystemCall.CHROOT, done, messages.failure("cannot enter", FAILED), here);
    }
    table.place(done);
  }

  /**
   * Ends where a privilege is missing, and says why it can be.
   *
   * @param otherwise where to go instead
   */
  void refuse(String what, Optional<Mark> otherwise) {
    table.act(
        Action.SAME,
        otherwise.orElseGet(
            () ->
                messages.completeFailure(
                    "cannot enter: Operation not permitted; do not copy or trace a launcher, or"
                        + " keep it on a nosuid mount; see: syschroot launcher show FILE",
                    FAILED)),
        messages.failure(what, FAILED),
        new Operand(Base.RESULT, Errno.EPERM.number()),
        Operand.number(0));
  }

  /**
   * Refuses an image in which a mount is missing. What the caller may not look at passes, and so
   * does what is mounted but broken: programs do not get there either. Before Linux 5.8 the kernel
   * does not tell, and all pass.
   */
  void mounts(List<ImagePath> needed) {
    if (needed.isEmpty()) {
      return;
    }
    table.step("check that the mounts are there");
    Operand text = new Operand(Base.TEXT, 0);
    Mark each = new Mark();
    Mark failed = new Mark();
    Mark found = new Mark();
    Mark missing = new Mark();
    Mark next = new Mark();
    Mark done = new Mark();
    table.act(Action.PICK, null, null, constants.strings(needed), Operand.number(-1));
    table.place(each);
    int flags = StatusEntries.AT_NO_AUTOMOUNT | StatusEntries.AT_STATX_DONT_SYNC;
    status.statx(text, flags, StatusEntries.FILE, found, failed);
    table.place(found);
    status.mountRoot(next, missing, done);
    table.place(failed);
    table.act(
        Action.SAME,
        missing,
        next,
        new Operand(Base.RESULT, Errno.ENOENT.number()),
        Operand.number(0));
    table.place(missing);
    messages.failNaming(
        text,
        new Operand(Base.LENGTH, 0),
        " is not mounted in the image; root: syschroot mount " + image + "\n");
    table.place(next);
    table.again(each, done);
    table.place(done);
    status.end();
  }
}
