// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.cli.AccountsSite;
import org.syschroot.cli.Outcome;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** What a command says to do about a fault of an image is what the doctor says of it. */
@RequiresRoot
@RequiresCommand("unshare")
class SameHintIT {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "run   | mount-point-missing | ln -s loop \"$I/loop\"; m='\"standard\", \"/opt:/loop\"' | remove the symbolic link",
        "mount | mount-point-missing | ln -s loop \"$I/loop\"; m='\"standard\", \"/opt:/loop\"' | remove the symbolic link",
        "run   | loader-missing      | rm \"$I/lib/ld-linux.so.2\" | reinstall the C library in the image",
        "run   | image-noexec        | mount -o remount,noexec \"$I\" | mount -o remount,exec",
      })
  void command_failsOfWhatTheDoctorFinds_bothSayTheSame(
      String command, String id, String fault, String hint) throws Exception {
    Outcome outcome =
        AccountsSite.withDeb32()
            .run(
                "m='\"standard\"'\n"
                    + fault
                    + "\nprintf 'mounts = [%s]\\n' \"$m\" | settings\n"
                    + "syschroot doctor day --json > \"$W/found\" || true\n"
                    + "grep -A4 '\"id\": \""
                    + id
                    + "\"' \"$W/found\" | grep '\"remedy\": ' >&2\n"
                    + (command.equals("run")
                        ? "syschroot run -d / day -- /bin/sh -c :"
                        : "syschroot mount day"));
    assertThat(outcome.status()).as("%s", outcome).isBetween(125, 126);
    assertThat(outcome.errText().lines().filter(line -> line.contains(hint)).count())
        .as("%s", outcome)
        .isEqualTo(2);
  }
}
