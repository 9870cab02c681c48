// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What getent(1) and id(1) say of the accounts is what both ways to ask libc say. */
final class AccountsTest {
  static Stream<Accounts> ways() {
    return Stream.of(new PosixAccounts(), new LibcAccounts(), Accounts.ofHost());
  }

  private static List<String> lines(String... command) throws IOException {
    Process process = new ProcessBuilder(command).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .toList();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void user_each_isThatOfGetent(Accounts accounts) throws IOException {
    List<String> passwd = lines("getent", "passwd");
    assertThat(passwd).isNotEmpty();
    for (String line : passwd) {
      String[] fields = line.split(":", -1);
      Accounts.User user = accounts.user(fields[0]).orElseThrow();
      assertThat(user)
          .isEqualTo(
              new Accounts.User(
                  fields[0],
                  Integer.parseInt(fields[2]),
                  Integer.parseInt(fields[3]),
                  fields[4],
                  fields[5],
                  fields[6]));
      assertThat(accounts.user(user.uid())).map(Accounts.User::uid).hasValue(user.uid());
    }
    assertThat(accounts.user("no-such-user")).isEmpty();
    assertThat(accounts.user("")).isEmpty();
    assertThat(accounts.user("n".repeat(100_000))).isEmpty();
    assertThat(accounts.user(0x7ffffff0)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void group_each_isThatOfGetent(Accounts accounts) throws IOException {
    for (String line : lines("getent", "group")) {
      String[] fields = line.split(":", -1);
      int gid = Integer.parseInt(fields[2]);
      assertThat(accounts.group(fields[0])).hasValue(gid);
      assertThat(accounts.groupName(gid)).isPresent();
      assertThat(accounts.membersOf(fields[0]))
          .containsExactly(
              Stream.of(fields[3].split(",")).filter(m -> !m.isEmpty()).toArray(String[]::new));
    }
    assertThat(accounts.group("no-such-group")).isEmpty();
    assertThat(accounts.groupName(0x7ffffff0)).isEmpty();
    assertThat(accounts.membersOf("no-such-group")).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void groupsOf_each_areThoseOfId(Accounts accounts) throws IOException {
    for (String line : lines("getent", "passwd")) {
      String[] fields = line.split(":", -1);
      List<Integer> expected =
          Stream.of(lines("id", "-G", fields[0]).get(0).split(" ")).map(Integer::parseInt).toList();
      assertThat(accounts.groupsOf(fields[0], Integer.parseInt(fields[3])))
          .containsExactlyInAnyOrderElementsOf(expected);
    }
    assertThat(accounts.groupsOf("no-such-user", 77)).containsExactly(77);
  }
}
