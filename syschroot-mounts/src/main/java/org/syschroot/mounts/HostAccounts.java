// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.syschroot.accounts.AccountFiles;
import org.syschroot.accounts.AccountLine;
import org.syschroot.accounts.NativeAccounts;
import org.syschroot.accounts.PeopleRange;
import org.syschroot.image.AccountSource;

/**
 * The account files of the host, read when they are needed. Immutable.
 *
 * @param etc the directory {@code /etc} of the host
 * @param directory knows users that its files do not have
 * @param wanted names or numbers of users who are to be found there, if the files do not have them
 */
record HostAccounts(Path etc, DirectoryService directory, Set<String> wanted) {
  private static final int GROUP_MAY_READ = 040;

  /**
   * Returns what an image shows.
   *
   * @param shown names that it shows already
   */
  NativeAccounts of(AccountSource source, boolean passwords, Set<String> shown) throws IOException {
    if (source == AccountSource.IMAGE) {
      return NativeAccounts.NONE;
    }
    AccountFiles files =
        new AccountFiles(
            read("passwd"),
            read("group"),
            passwords ? read("shadow") : Optional.empty(),
            Optional.empty());
    AccountFiles further = further(files.passwd().orElse(""), shown);
    return source == AccountSource.NATIVE
        ? NativeAccounts.all(files, further)
        : NativeAccounts.people(files, PeopleRange.of(read("login.defs").orElse("")), further);
  }

  private AccountFiles further(String passwd, Set<String> shown) {
    Set<String> unknown = new TreeSet<>(wanted);
    unknown.addAll(shown);
    for (AccountLine line : AccountLine.of(passwd)) {
      unknown.remove(line.name());
      line.number().ifPresent(number -> unknown.remove(Long.toString(number)));
    }
    return unknown.isEmpty() ? AccountFiles.NONE : directory.find(unknown);
  }

  /** Returns whether the members of a group may read the host's shadow(5). */
  boolean mayReadShadow(int gid) throws IOException {
    try {
      Map<String, Object> shadow = Files.readAttributes(etc.resolve("shadow"), "unix:gid,mode");
      return Integer.valueOf(gid).equals(shadow.get("gid"))
          && shadow.get("mode") instanceof Integer mode
          && (mode & GROUP_MAY_READ) != 0;
    } catch (NoSuchFileException none) {
      return false;
    }
  }

  private Optional<String> read(String name) throws IOException {
    try {
      byte[] bytes = Files.readAllBytes(etc.resolve(name));
      return Optional.of(new String(bytes, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException missing) {
      return Optional.empty();
    }
  }
}
