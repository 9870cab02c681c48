// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ErrnoTest {
  // The numbers of asm-generic/errno-base.h and errno.h that are skipped there or are aliases.
  private static final Set<Integer> UNUSED = Set.of(41, 58);

  @Test
  void of_everyNumber_isTheErrnoOfThatNumber() {
    for (int number = -1; number <= 300; number++) {
      boolean known = number >= 1 && number <= 133 && !UNUSED.contains(number);
      assertThat(Errno.of(number).isPresent()).as("errno %d", number).isEqualTo(known);
      int expected = number;
      Errno.of(number).ifPresent(errno -> assertThat(errno.number()).isEqualTo(expected));
    }
  }

  @Test
  void values_numbersAndTexts_areUnique() {
    assertThat(new HashSet<>(Arrays.stream(Errno.values()).map(Errno::number).toList()))
        .hasSameSizeAs(Errno.values());
    assertThat(Arrays.stream(Errno.values()).map(Errno::text)).doesNotHaveDuplicates();
  }

  /** Another table of the same: the one that jnr-constants made from the system's headers. */
  @Test
  void number_everyErrno_isThatOfTheHeaders() {
    int compared = 0;
    for (jnr.constants.platform.linux.Errno other : jnr.constants.platform.linux.Errno.values()) {
      if (!other.name().equals("EWOULDBLOCK")
          && !other.name().equals("EDEADLOCK")
          && !other.name().equals("ENOTSUP")) {
        assertThat(Errno.valueOf(other.name()).number())
            .as(other.name())
            .isEqualTo(other.intValue());
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(70);
  }

  @ParameterizedTest
  @CsvSource({
    "1, EPERM, Operation not permitted",
    "2, ENOENT, No such file or directory",
    "8, ENOEXEC, Exec format error",
    "13, EACCES, Permission denied",
    "16, EBUSY, Device or resource busy",
    "18, EXDEV, Invalid cross-device link",
    "22, EINVAL, Invalid argument",
    "28, ENOSPC, No space left on device",
    "38, ENOSYS, Function not implemented",
    "40, ELOOP, Too many levels of symbolic links",
    "84, EILSEQ, Invalid or incomplete multibyte or wide character",
    "116, ESTALE, Stale file handle",
    "122, EDQUOT, Disk quota exceeded",
    "133, EHWPOISON, Memory page has hardware error",
  })
  void toString_errno_isNameAndText(int number, String name, String text) {
    assertThat(Errno.of(number).orElseThrow()).hasToString(name + " (" + text + ")");
  }
}
