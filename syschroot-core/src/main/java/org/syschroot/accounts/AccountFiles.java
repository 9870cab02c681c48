// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.accounts;

import java.util.Optional;

/**
 * The account files of a system, as texts: bytes as characters of ISO 8859-1, so that none is lost.
 * Immutable.
 *
 * @param passwd passwd(5); empty if there is no such file, as with the others
 * @param group group(5)
 * @param shadow shadow(5)
 * @param gshadow gshadow(5)
 */
public record AccountFiles(
    Optional<String> passwd,
    Optional<String> group,
    Optional<String> shadow,
    Optional<String> gshadow) {
  /** No files. */
  public static final AccountFiles NONE =
      new AccountFiles(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /** Returns files without passwords. */
  public static AccountFiles of(String passwd, String group) {
    return new AccountFiles(
        Optional.of(passwd), Optional.of(group), Optional.empty(), Optional.empty());
  }
}
