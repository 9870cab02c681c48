// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.accounts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A line of passwd(5), group(5), shadow(5) or gshadow(5), kept as it is. Immutable.
 *
 * @param text the line without its end
 */
public record AccountLine(String text) {
  private static final int LONGEST_NUMBER = 10;
  private static final int NUMBER = 2;
  private static final int MEMBERS = 3;

  /**
   * Returns the lines of a file, with those that are empty or comments. Only a line feed ends one,
   * as for the C library: a carriage return, which some chfn(1) let users put into their names, is
   * a character like others.
   */
  public static List<AccountLine> of(String file) {
    return lines(file).map(AccountLine::new).toList();
  }

  static Stream<String> lines(String file) {
    String[] lines = file.split("\n", -1);
    // What follows the last line feed is no line if it is empty.
    boolean ended = lines[lines.length - 1].isEmpty();
    return Arrays.stream(lines, 0, ended ? lines.length - 1 : lines.length);
  }

  /** Returns the text of a file of such lines. */
  public static String join(List<AccountLine> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line.text).append('\n'));
    return text.toString();
  }

  /** Returns the name; empty if this is no entry. */
  public String name() {
    int colon = text.indexOf(':');
    return colon <= 0 || isComment() || isCompat() ? "" : text.substring(0, colon);
  }

  private boolean isComment() {
    return text.startsWith("#");
  }

  /**
   * Returns whether this is an instruction to look elsewhere, such as in NIS (nsswitch.conf(5)).
   */
  boolean isCompat() {
    return text.startsWith("+") || text.startsWith("-");
  }

  /** Returns the number of a user or group; empty if this is no entry. */
  public OptionalLong number() {
    String digits = name().isEmpty() ? "" : field(NUMBER);
    boolean isNumber =
        !digits.isEmpty()
            && digits.length() <= LONGEST_NUMBER
            && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    return isNumber ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
  }

  /** Returns a field, counted from 0; empty if there is none. */
  public String field(int index) {
    String[] fields = text.split(":", -1);
    return index < fields.length ? fields[index] : "";
  }

  AccountLine with(int index, String value) {
    String[] fields = text.split(":", -1);
    String[] longer = Arrays.copyOf(fields, Math.max(fields.length, index + 1));
    Arrays.fill(longer, fields.length, longer.length, "");
    longer[index] = value;
    return new AccountLine(String.join(":", longer));
  }

  /** Returns the members of a group, of group(5) or gshadow(5). */
  public List<String> members() {
    return Arrays.stream(field(MEMBERS).split(",")).filter(name -> !name.isEmpty()).toList();
  }

  AccountLine withMembers(List<String> names) {
    return names.equals(members()) ? this : with(MEMBERS, String.join(",", names));
  }

  AccountLine plusMembers(List<String> names) {
    List<String> all = new ArrayList<>(members());
    names.stream().filter(name -> !all.contains(name)).forEach(all::add);
    return withMembers(all);
  }

  AccountLine minusMembers(List<String> names) {
    return withMembers(members().stream().filter(name -> !names.contains(name)).toList());
  }
}
