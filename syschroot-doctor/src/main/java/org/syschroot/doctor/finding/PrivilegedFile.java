// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.finding;

import java.util.List;

/**
 * A program that gives who runs it a privilege. Immutable.
 *
 * @param path on the native system
 * @param privileges among {@code setuid}, {@code setgid}, {@code capabilities}
 * @param owner the number of its owner
 * @param group the number of its group
 * @param packaged whether the image's package database knows it: {@code yes}, {@code no}, or {@code
 *     unknown} if that cannot be read
 */
public record PrivilegedFile(
    String path, List<String> privileges, int owner, int group, String packaged) {
  /** Copies the list. */
  public PrivilegedFile {
    privileges = List.copyOf(privileges);
  }
}
