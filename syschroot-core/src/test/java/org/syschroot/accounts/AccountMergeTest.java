// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.accounts.AccountMerge.Mode;

class AccountMergeTest {
  private static final PeopleRange PEOPLE = PeopleRange.STANDARD;
  private static final String SECRET = "$6$hash";

  private static AccountMerge merged(AccountFiles image, MergeRecord before, AccountFiles host) {
    return merged(image, before, host, AccountFiles.NONE);
  }

  private static AccountMerge merged(
      AccountFiles image, MergeRecord before, AccountFiles host, AccountFiles further) {
    return AccountMerge.of(
        Mode.MERGED, image, before, PEOPLE, NativeAccounts.people(host, PEOPLE, further));
  }

  @Test
  void of_systemAndPeople_imageKeepsSystemAndShowsPeople() {
    AccountFiles image =
        AccountFiles.of("root:x:0:0::/root:/bin/sh\nmail:x:8:8::/:/bin/sh\n", "root:x:0:\n");
    AccountFiles host =
        AccountFiles.of(
            "root:x:0:0:Host:/root:/bin/zsh\npostgres:x:105:105::/:\n"
                + "alice:x:1000:1000:A:/home/alice:/bin/zsh\n",
            "root:x:0:\npostgres:x:105:\nalice:x:1000:\n");

    AccountMerge merge = merged(image, MergeRecord.EMPTY, host);

    assertThat(merge.files().passwd())
        .contains(
            "root:x:0:0::/root:/bin/sh\nmail:x:8:8::/:/bin/sh\n"
                + "alice:x:1000:1000:A:/home/alice:/bin/zsh\n");
    assertThat(merge.files().group()).contains("root:x:0:\nalice:x:1000:\n");
    assertThat(merge.files().shadow()).isEmpty();
    assertThat(merge.clashes()).isEmpty();
  }

  @Test
  void of_passwordsForAnImageWithoutShadow_allItsUsersHaveALine() {
    AccountFiles image = AccountFiles.of("root:x:0:0::/root:/bin/sh\nopen::5:5::/:\n", "");
    AccountFiles host =
        new AccountFiles(
            Optional.of("alice:x:1000:1000::/:\n"),
            Optional.empty(),
            Optional.of("alice:" + SECRET + ":::::::\n"),
            Optional.empty());

    AccountMerge merge = merged(image, MergeRecord.EMPTY, host);

    assertThat(merge.files().shadow()).contains("root:*:::::::\nalice:" + SECRET + ":::::::\n");
  }

  @Test
  void of_groupOfSystemThatPeopleAreIn_imageGetsItsMembersOnly() {
    AccountFiles image = AccountFiles.of("", "audio:x:29:pulse\nsudo:x:27:\n");
    AccountFiles host =
        AccountFiles.of(
            "daemon:x:1:1::/:\nalice:x:1000:29::/:\nbob:x:1001:29::/:\n",
            "audio:x:29:alice,daemon,bob,ldapuser\nsudo:x:100:alice\nkvm:x:104:bob\n");

    AccountMerge merge = merged(image, MergeRecord.EMPTY, host);

    assertThat(merge.files().group())
        .contains("audio:x:29:pulse,alice,bob,ldapuser\nsudo:x:27:\nkvm:x:104:bob\n");
    assertThat(merge.clashes())
        .extracting(AccountClash::text)
        .containsExactly("sudo is group ID 100 on the host, 27 in the image (the image wins)");
  }

  @Test
  void of_personsNumberOfThePersonInTheImage_hostIsFoundFirst() {
    AccountFiles image = AccountFiles.of("ubuntu:x:1000:1000::/:\n", "");
    AccountFiles host = AccountFiles.of("alice:x:1000:1000::/:\n", "");

    AccountMerge merge = merged(image, MergeRecord.EMPTY, host);

    assertThat(merge.files().passwd()).contains("alice:x:1000:1000::/:\nubuntu:x:1000:1000::/:\n");
    assertThat(merge.clashes())
        .extracting(AccountClash::text)
        .containsExactly("user ID 1000 is alice on the host, ubuntu in the image (the host wins)");
  }

  @Test
  void of_nameOfASystemAccount_imageWins() {
    AccountFiles image = AccountFiles.of("git:x:110:110::/:\n", "");
    AccountFiles host = AccountFiles.of("git:x:1005:1005::/:\n", "");

    AccountMerge merge = merged(image, MergeRecord.EMPTY, host);

    assertThat(merge.files().passwd()).contains("git:x:110:110::/:\n");
    assertThat(merge.clashes())
        .extracting(AccountClash::text)
        .containsExactly("git is user ID 1005 on the host, 110 in the image (the image wins)");
  }

  @Test
  void of_userGoneFromHost_goesFromImageAndItsOwnComesBack() {
    AccountFiles image =
        new AccountFiles(
            Optional.of("alice:x:1003:1003:image::\n"),
            Optional.of("audio:x:29:\n"),
            Optional.of("alice:own:::::::\n"),
            Optional.of("audio:!::\n"));
    AccountFiles host =
        AccountFiles.of("alice:x:1000:1000:host::\n", "audio:x:29:alice\nalice:x:1000:\n");
    AccountMerge with = merged(image, MergeRecord.EMPTY, host);

    AccountMerge without = merged(with.files(), with.record(), AccountFiles.NONE);

    assertThat(with.files().passwd()).contains("alice:x:1000:1000:host::\n");
    assertThat(with.files().gshadow()).contains("audio:!::alice\nalice:!::\n");
    assertThat(without.files()).isEqualTo(image);
    assertThat(without.record()).isEqualTo(MergeRecord.EMPTY);
  }

  /** Some chfn(1) let users put a carriage return into their full names (CVE-2023-29383). */
  @Test
  void of_carriageReturnInAFullName_makesNoLine() {
    String bob = "bob:x:1001:100:B\rmail:x:1002:1002::/:/bin/sh\n";
    String image = "root:x:0:0:r\rtoor::0:0::/:/bin/sh\n";
    AccountMerge merge =
        merged(AccountFiles.of(image, ""), MergeRecord.EMPTY, AccountFiles.of(bob, ""));
    assertThat(merge.files().passwd()).contains(image + bob);
    assertThat(MergeRecord.parse(merge.record().text())).isEqualTo(merge.record());
  }

  @Test
  void of_compatLine_staysLast() {
    AccountFiles image = AccountFiles.of("root:x:0:0:::\n+::::::\n", "");
    AccountFiles host = AccountFiles.of("alice:x:1000:1000:::\n+@staff::::::\n", "");

    assertThat(merged(image, MergeRecord.EMPTY, host).files().passwd())
        .contains("root:x:0:0:::\nalice:x:1000:1000:::\n+::::::\n");
  }

  @Test
  void of_passwordSetInImage_staysUntilHostsAreShown() {
    AccountFiles host = AccountFiles.of("alice:x:1000:1000:::\n", "");
    AccountFiles hostWithPasswords =
        new AccountFiles(
            host.passwd(), host.group(), Optional.of("alice:host:::::::\n"), Optional.empty());
    AccountFiles image =
        new AccountFiles(
            Optional.of(""), Optional.empty(), Optional.of("root:*:::::::\n"), Optional.empty());
    AccountMerge first = merged(image, MergeRecord.EMPTY, host);
    assertThat(first.files().shadow()).contains("root:*:::::::\nalice:*:::::::\n");
    AccountFiles changed =
        new AccountFiles(
            first.files().passwd(),
            first.files().group(),
            Optional.of("root:*:::::::\nalice:inside:::::::\n"),
            Optional.empty());

    AccountMerge kept = merged(changed, first.record(), host);
    AccountMerge shown = merged(kept.files(), kept.record(), hostWithPasswords);
    AccountMerge hidden = merged(shown.files(), shown.record(), host);

    assertThat(kept.files().shadow()).contains("root:*:::::::\nalice:inside:::::::\n");
    assertThat(shown.files().shadow()).contains("root:*:::::::\nalice:host:::::::\n");
    assertThat(hidden.files().shadow()).contains("root:*:::::::\nalice:inside:::::::\n");
  }

  @Test
  void of_usersOfADirectory_areShownWithTheirGroups() {
    AccountFiles ldap =
        AccountFiles.of("carol:x:70001:70001::/home/carol:\n", "staff:x:70001:\nphys:x:50:carol\n");

    AccountMerge merge = merged(AccountFiles.NONE, MergeRecord.EMPTY, AccountFiles.NONE, ldap);

    assertThat(merge.files().passwd()).contains("carol:x:70001:70001::/home/carol:\n");
    assertThat(merge.files().group()).contains("staff:x:70001:\nphys:x:50:carol\n");
  }

  @Test
  void of_hostAlone_showsAllOfTheHostAndGivesBackTheImagesOwn() {
    AccountFiles image = AccountFiles.of("root:x:0:0:own::\nmail:x:8:8:::\n", "mail:x:8:\n");
    AccountFiles host = AccountFiles.of("root:x:0:0:host::\nsshd:x:101:1:::\n", "sshd:x:101:\n");
    NativeAccounts all = NativeAccounts.all(host, AccountFiles.NONE);

    AccountMerge alone = AccountMerge.of(Mode.HOST_ALONE, image, MergeRecord.EMPTY, PEOPLE, all);
    AccountMerge back =
        AccountMerge.of(Mode.MERGED, alone.files(), alone.record(), PEOPLE, NativeAccounts.NONE);

    assertThat(alone.files().passwd()).isEqualTo(host.passwd());
    assertThat(alone.files().group()).isEqualTo(host.group());
    assertThat(back.files()).isEqualTo(image);
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#hundred")
  void of_anyFiles_mergingAgainChangesNothing(SplittableRandom random) {
    AccountFiles host = files(random, "h");
    AccountMerge once = merged(files(random, "i"), MergeRecord.EMPTY, host);

    AccountMerge again = merged(once.files(), MergeRecord.parse(once.record().text()), host);

    assertThat(again.files()).isEqualTo(once.files());
    assertThat(again.record()).isEqualTo(once.record());
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#hundred")
  void of_anyHistory_onlyTheLastStateOfTheHostCounts(SplittableRandom random) {
    AccountFiles image = files(random, "i");
    AccountMerge first = merged(image, MergeRecord.EMPTY, files(random, "h"));
    AccountFiles host = files(random, "h");

    AccountMerge second = merged(first.files(), first.record(), host);
    AccountMerge fresh = merged(image, MergeRecord.EMPTY, host);
    AccountMerge undone = merged(second.files(), second.record(), AccountFiles.NONE);

    assertThat(lines(second.files())).isEqualTo(lines(fresh.files()));
    assertThat(lines(undone.files())).isEqualTo(lines(image));
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#hundred")
  void of_writingBrokenOffAnywhere_mergingAgainMendsIt(SplittableRandom random) {
    AccountFiles image = files(random, "i");
    AccountMerge before = merged(image, MergeRecord.EMPTY, files(random, "h"));
    AccountFiles host = files(random, "h");
    AccountMerge after = merged(before.files(), before.record(), host);
    AccountFiles halfWritten =
        new AccountFiles(
            random.nextBoolean() ? before.files().passwd() : after.files().passwd(),
            random.nextBoolean() ? before.files().group() : after.files().group(),
            random.nextBoolean() ? before.files().shadow() : after.files().shadow(),
            random.nextBoolean() ? before.files().gshadow() : after.files().gshadow());

    AccountMerge mended = merged(halfWritten, before.record().until(after.record()), host);
    AccountMerge undone = merged(mended.files(), mended.record(), AccountFiles.NONE);

    assertThat(lines(mended.files())).isEqualTo(lines(after.files()));
    assertThat(entries(undone.files().passwd())).isEqualTo(entries(image.passwd()));
    assertThat(entries(undone.files().group())).isEqualTo(entries(image.group()));
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#hundred")
  void of_anyFiles_systemAccountsArePreservedAndNoPasswordIsShown(SplittableRandom random) {
    AccountFiles image = files(random, "i");
    AccountMerge merge = merged(image, MergeRecord.EMPTY, files(random, "h"));

    List<AccountLine> result = AccountLine.of(merge.files().passwd().orElse(""));
    for (AccountLine own : AccountLine.of(image.passwd().orElse(""))) {
      long uid = own.number().orElse(0);
      if (!PEOPLE.hasUser(uid)) {
        assertThat(result).contains(own);
        assertThat(first(result, line -> line.number().orElse(0) == uid))
            .isEqualTo(
                first(
                    AccountLine.of(image.passwd().orElse("")),
                    line -> line.number().orElse(0) == uid));
      }
    }
    assertThat(merge.files().passwd().orElse("")).doesNotContain(SECRET);
    assertThat(merge.files().group().orElse("")).doesNotContain(SECRET);
  }

  private static AccountLine first(
      List<AccountLine> lines, java.util.function.Predicate<AccountLine> wanted) {
    return lines.stream().filter(wanted).findFirst().orElseThrow();
  }

  private static Set<String> lines(AccountFiles files) {
    Set<String> lines = new TreeSet<>();
    entries(files.passwd()).forEach(line -> lines.add("passwd " + line));
    entries(files.group()).forEach(line -> lines.add("group " + line));
    entries(files.shadow()).forEach(line -> lines.add("shadow " + line));
    entries(files.gshadow()).forEach(line -> lines.add("gshadow " + line));
    return lines;
  }

  private static Set<String> entries(Optional<String> file) {
    return new TreeSet<>(file.orElse("").lines().toList());
  }

  /** Names and numbers are few, so that they clash. Members come from the host's files alone. */
  private static AccountFiles files(SplittableRandom random, String own) {
    List<String> passwd = new ArrayList<>();
    List<String> group = new ArrayList<>();
    List<String> shadow = new ArrayList<>();
    List<String> gshadow = new ArrayList<>();
    long[] numbers = {1, 8, 33, 105, 999, 1000, 1001, 1002, 70000};
    Set<String> users = new TreeSet<>();
    Set<String> groups = new TreeSet<>();
    for (int i = random.nextInt(8); i > 0; i--) {
      String name = random.nextInt(3) == 0 ? own + random.nextInt(3) : "u" + random.nextInt(5);
      long number = numbers[random.nextInt(numbers.length)];
      if (users.add(name)) {
        String password = own.equals("h") ? SECRET : "x";
        passwd.add(name + ":" + password + ":" + number + ":" + number + "::/home:/bin/" + own);
        shadow.add(name + ":" + SECRET + own + ":::::::");
      }
    }
    for (int i = random.nextInt(8); i > 0; i--) {
      String name = random.nextInt(3) == 0 ? own + random.nextInt(3) : "g" + random.nextInt(5);
      long number = numbers[random.nextInt(numbers.length)];
      if (groups.add(name)) {
        List<String> members = users.stream().filter(user -> random.nextInt(3) == 0).toList();
        group.add(name + ":x:" + number + ":" + String.join(",", members));
        gshadow.add(name + ":!::" + String.join(",", members));
      }
    }
    boolean shadowed = random.nextBoolean();
    return new AccountFiles(
        Optional.of(AccountLine.join(passwd.stream().map(AccountLine::new).toList())),
        Optional.of(AccountLine.join(group.stream().map(AccountLine::new).toList())),
        shadowed && own.equals("i")
            ? Optional.of(AccountLine.join(shadow.stream().map(AccountLine::new).toList()))
            : Optional.empty(),
        shadowed
            ? Optional.of(AccountLine.join(gshadow.stream().map(AccountLine::new).toList()))
            : Optional.empty());
  }
}
