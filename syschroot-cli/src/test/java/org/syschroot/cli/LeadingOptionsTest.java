// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LeadingOptionsTest {
  @ParameterizedTest
  @CsvSource({
    "list,list",
    "'',''",
    "--config /c list,list --config /c",
    "--config=/c -v run x -- -q,run --config=/c -v x -- -q",
    "-q --verbose list --json,list -q --verbose --json",
    "-v syslog relay --all,syslog relay -v --all",
    "-q syslog -v --config /c relay --all,syslog relay -q -v --config /c --all",
    "-v syslog,syslog -v",
    "syslog -v,syslog -v",
    "-q --config /c,-q --config /c",
    "-v syslog --help,syslog --help -v",
    "help,--help",
    "help run,run --help",
    "-q help run,run --help -q",
    "help syslog relay,syslog relay --help",
    "help help,--help",
    "help -h,--help",
    "help --help list,list --help",
    "syslog help,syslog --help",
    "syslog help relay,syslog relay --help",
    "--version,--version",
    "-V,-V",
    "-q --version,--version",
    "run help,run help",
    "--config,--config",
    "--unknown list,--unknown list"
  })
  void behindSubcommand_wordsOfAnyOrder_haveTheSubcommandFirst(String given, String expected) {
    assertThat(LeadingOptions.behindSubcommand(words(given))).containsExactly(words(expected));
  }

  private static String[] words(String text) {
    return text.isEmpty() ? new String[0] : text.split(" ");
  }
}
