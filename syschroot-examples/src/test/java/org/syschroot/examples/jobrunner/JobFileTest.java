// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.plan.Identity;
import org.syschroot.plan.Limit;

final class JobFileTest {
  @Test
  void parse_everything_isUnderstood() throws Exception {
    Job job =
        JobFile.parse(
            """
            image = "sl5"
            command = ["make", "-j4"]
            directory = "/home/alice"
            timeout-seconds = 600
            uid = 1000
            gid = 100
            groups = [27, 28]
            [environment]
            HOME = "/home/alice"
            EMPTY = ""
            [limits]
            cpu-seconds = 60
            open-files = 256
            address-space-bytes = 4294967296
            """);
    assertThat(job)
        .isEqualTo(
            new Job(
                "sl5",
                List.of("make", "-j4"),
                "/home/alice",
                Map.of("HOME", "/home/alice", "EMPTY", ""),
                Map.of(
                    Limit.CPU_SECONDS, 60L,
                    Limit.OPEN_FILES, 256L,
                    Limit.ADDRESS_SPACE_BYTES, 1L << 32),
                Duration.ofMinutes(10),
                Optional.of(new Identity(1000, 100, List.of(27, 28)))));
  }

  @Test
  void parse_theLeast_hasDefaults() throws Exception {
    Job job = JobFile.parse("image = \"a\"\ncommand = [\"b\"]");
    assertThat(job.directory()).isEqualTo("/");
    assertThat(job.timeout()).isEqualTo(Duration.ofHours(1));
    assertThat(job.identity()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "command = ['a']                                  | image",
        "image = 'a'                                      | command",
        "image = 'a'; command = []                        | command",
        "image = 'a'; command = ['']                      | command",
        "image = 'a'; command = 'b'                       | line 2",
        "image = 'a'; command = ['b', 1]                  | strings",
        "image = 'a'; command = ['b']; uid = 1; gid = 1; groups = [4294967296] | from 0 to",
        "image = 'a'; command = ['b']; uid = 1; gid = 1; groups = [-1]         | from 0 to",
        "image = 'a'; command = ['b']; uid = 4294967295; gid = 1               | from 0 to",
        "image = 1; command = ['b']                       | line 1",
        "image = 'a'; command = ['b']; comand = 1         | allowed are image",
        "image = 'a'; command = ['b']; directory = 'c'    | begin with /",
        "image = 'a'; command = ['b']; timeout-seconds = 0 | from 1",
        "image = 'a'; command = ['b']; uid = 1            | both",
        "image = 'a'; command = ['b']; groups = [1]       | both",
        "image = 'a'; command = ['b']; uid = -1; gid = 1  | from 0",
        "image = 'a'; command = ['b']; limits.cpu = 1     | cpu-seconds",
        "image = 'a'; command = ['b']; limits.cpu-seconds = -1 | negative",
        "image = 'a'; command = ['b']; environment.A = 1  | strings",
        "image =                                          | line 1",
      })
  void parse_badJob_isRefusedWithAdvice(String text, String said) {
    String toml = text.replace('\'', '"').replace("; ", "\n");
    assertThatThrownBy(() -> JobFile.parse(toml))
        .isInstanceOf(JobFormatException.class)
        .hasMessageContaining(said);
  }
}
