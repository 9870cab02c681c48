// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.syschroot.accounts.AccountFiles;
import org.syschroot.accounts.AccountMerge;
import org.syschroot.accounts.MergeRecord;
import org.syschroot.accounts.NativeAccounts;
import org.syschroot.accounts.PeopleRange;
import org.syschroot.image.AccountSource;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.ImagePath;

/**
 * The account files of an image, brought to what {@link AccountMerge} says. For one thread.
 *
 * <p>Each file is replaced as a whole under the lock of the image's own tools. The record is
 * written first, for both states, so that after a crash nothing of the host counts as the image's
 * own.
 */
final class ImageAccounts {
  private static final ImagePath ETC = ImagePath.of("/etc");
  private static final ImagePath RECORD = ETC.resolve(".syschroot-accounts");
  private static final int MODE = 0644;
  private static final int SECRET = 0600;
  private static final int ONLY_OWNER = 0700;
  private static final int NOT_OTHERS = 0770;

  private final Kernel kernel;
  private final int imageRoot;
  private final HostAccounts host;
  private final AccountSource source;
  private final boolean passwords;

  ImageAccounts(
      Kernel kernel, int imageRoot, HostAccounts host, AccountSource source, boolean passwords) {
    this.kernel = kernel;
    this.imageRoot = imageRoot;
    this.host = host;
    this.source = source;
    this.passwords = passwords;
  }

  /** Returns whether anything in the image's files comes from the host. */
  static boolean hasRecord(Kernel kernel, int imageRoot) throws IOException {
    try (ImagePlace place = ImagePlace.of(kernel, imageRoot, RECORD)) {
      return place.status().isPresent();
    }
  }

  /** The files as they are, with what of them comes from the host. */
  private record State(AccountFiles files, MergeRecord record) {}

  /**
   * Returns what the image is to have, whatever it has.
   *
   * @throws IOException if a file cannot be read
   */
  AccountMerge merge() throws IOException {
    return merge(state());
  }

  private AccountMerge merge(State now) throws IOException {
    NativeAccounts accounts = host.of(source, passwords, now.record.users());
    AccountMerge.Mode mode =
        source == AccountSource.NATIVE ? AccountMerge.Mode.HOST_ALONE : AccountMerge.Mode.MERGED;
    String definitions = read("login.defs").orElse("");
    return AccountMerge.of(mode, now.files, now.record, PeopleRange.of(definitions), accounts);
  }

  private State state() throws IOException {
    AccountFiles files =
        new AccountFiles(read("passwd"), read("group"), read("shadow"), read("gshadow"));
    try (ImagePlace place = ImagePlace.of(kernel, imageRoot, RECORD)) {
      return new State(
          files,
          place.content().map(text -> MergeRecord.parse(text(text))).orElse(MergeRecord.EMPTY));
    }
  }

  /**
   * Writes what has changed.
   *
   * @return whether anything had
   * @throws MountException if another program is changing the files
   * @throws IOException if a file cannot be read or written; those before it are written
   */
  boolean renew() throws IOException {
    State seen = state();
    if (isDone(seen, merge(seen))) {
      return false;
    }
    PasswordLock lock = PasswordLock.take(kernel, imageRoot);
    try {
      State now = state();
      AccountMerge merge = merge(now);
      write(now.record.until(merge.record()));
      for (Map.Entry<String, String> file : changed(now.files, merge.files()).entrySet()) {
        write(file.getKey(), file.getValue());
      }
      write(merge.record());
      return true;
    } finally {
      lock.close();
    }
  }

  private static boolean isDone(State now, AccountMerge merge) {
    return now.record.equals(merge.record()) && changed(now.files, merge.files()).isEmpty();
  }

  /** The order is that in which a reader who comes in between is best served. */
  static Map<String, String> changed(AccountFiles before, AccountFiles after) {
    Map<String, String> changed = new LinkedHashMap<>();
    put(changed, "group", before.group(), after.group());
    put(changed, "gshadow", before.gshadow(), after.gshadow());
    put(changed, "shadow", before.shadow(), after.shadow());
    put(changed, "passwd", before.passwd(), after.passwd());
    return changed;
  }

  private static void put(
      Map<String, String> changed, String name, Optional<String> before, Optional<String> after) {
    if (after.isPresent() && !after.equals(before)) {
      changed.put(name, after.get());
    }
  }

  /** Returns the files that a merge gives other content than the image's own. */
  Map<String, String> changed(AccountMerge merge) throws IOException {
    return changed(state().files, merge.files());
  }

  private void write(MergeRecord record) throws IOException {
    try (ImagePlace place = ImagePlace.of(kernel, imageRoot, RECORD)) {
      if (record.isEmpty()) {
        place.remove();
      } else {
        place.replace(record.text().getBytes(StandardCharsets.ISO_8859_1), SECRET, -1);
      }
    }
  }

  private void write(String name, String text) throws IOException {
    try (ImagePlace place = ImagePlace.followed(kernel, imageRoot, ETC.resolve(name))) {
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      Optional<FileStatus> there = place.status();
      int mode = mode(name, there);
      if (passwords && name.endsWith("shadow")) {
        // Not for whom the image gives its own file to.
        place.replace(bytes, mode, -1, there.map(FileStatus::gid).orElse(-1));
      } else {
        place.replace(bytes, mode, -1);
      }
    }
  }

  /**
   * Passwords of the host can be read by the group of the image's file only if that group can read
   * them on the host.
   */
  int mode(String name, Optional<FileStatus> there) throws IOException {
    if (!name.endsWith("shadow")) {
      return there.map(FileStatus::permissions).orElse(MODE);
    }
    if (there.isEmpty()) {
      return SECRET;
    }
    boolean mayRead = !passwords || host.mayReadShadow(there.get().gid());
    return there.get().permissions() & (mayRead ? NOT_OTHERS : ONLY_OWNER);
  }

  private Optional<String> read(String name) throws IOException {
    try (ImagePlace place = ImagePlace.followed(kernel, imageRoot, ETC.resolve(name))) {
      place.requireOfImage(); // else what is the host's would count as the image's own
      return place.content().map(ImageAccounts::text);
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
