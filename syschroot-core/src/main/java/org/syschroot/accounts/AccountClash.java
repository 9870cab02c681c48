// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.accounts;

/**
 * A name or number that host and image have given to different users or groups. Immutable.
 *
 * @param ofGroups whether it is about groups, else about users
 * @param byName whether both have the name, else both have the number
 * @param host the line of the host
 * @param image the line of the image
 * @param hostWins whether the name or number leads to the host's entry in the image, else to the
 *     image's own
 */
public record AccountClash(
    boolean ofGroups, boolean byName, AccountLine host, AccountLine image, boolean hostWins) {
  /**
   * Returns the clash in words, such as {@code user ID 1000 is alice on the host, ubuntu in ...}.
   */
  public String text() {
    String number = ofGroups ? "group ID " : "user ID ";
    String fact =
        byName
            ? host.name() + " is " + number + number(host) + " on the host, " + number(image)
            : number + number(host) + " is " + host.name() + " on the host, " + image.name();
    return fact + " in the image (the " + (hostWins ? "host" : "image") + " wins)";
  }

  private static long number(AccountLine line) {
    return line.number().orElse(0);
  }
}
