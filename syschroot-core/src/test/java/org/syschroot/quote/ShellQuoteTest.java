// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.quote;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.syschroot.path.OsString;

class ShellQuoteTest {
  @Test
  void always_singleQuote_leavesTheQuotesForIt() {
    assertThat(ShellQuote.always(OsString.of("it's"))).isEqualTo(OsString.of("'it'\\''s'"));
    assertThat(ShellQuote.always(OsString.of(""))).isEqualTo(OsString.of("''"));
  }

  @Test
  void of_words_quotesThoseThatNeedIt() {
    assertThat(
            ShellQuote.of(List.of(OsString.of("/a b/c"), OsString.of("--all"), OsString.of(";"))))
        .isEqualTo(OsString.of("'/a b/c' --all ';'"));
  }
}
