// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What an image can have the same effect in as the host, by the names of {@code consistent}. */
public enum SharedItem {
  /** Users and groups, as {@link AccountSource#MERGED} says. */
  ACCOUNTS,
  /** Passwords of the users that the accounts show, in shadow(5). */
  PASSWORDS,
  /** Name servers and search list, resolv.conf(5). */
  RESOLVER,
  /** Host names, hosts(5). */
  HOSTS,
  /** The timezone, localtime(5). */
  TIMEZONE,
  /** The locale of the system, locale.conf(5). */
  LOCALE,
  /** The identifier of the machine, machine-id(5). */
  MACHINE_ID,
  /** The list of mounts, as a symbolic link to that of the kernel. */
  MTAB,
  /** The certificates of authorities that programs trust. */
  CERTIFICATES,
  /** The print server, client.conf(5) of CUPS. */
  PRINTERS;

  /** Returns the item of a name, such as {@code machine-id}. */
  public static Optional<SharedItem> of(String name) {
    return Arrays.stream(values()).filter(item -> item.toString().equals(name)).findFirst();
  }

  /** Returns the names that {@link #of} knows, for messages. */
  public static String names() {
    return Arrays.stream(values())
        .map(name -> "\"" + name + "\"")
        .collect(Collectors.joining(", "));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
