// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Accounts;
import org.syschroot.kernel.ProcessStatus;

/**
 * The numbers that this host's files leave to the caller: {@code /etc/subuid} and {@code
 * /etc/subgid}, if newuidmap(1) and newgidmap(1) are there to map them. Thread-safe.
 */
final class SubordinateIds implements IdRanges.Source {
  private final Path directory;
  private final Path programs;

  /** Creates the source of a host. */
  SubordinateIds(Path directory, Path programs) {
    this.directory = directory;
    this.programs = programs;
  }

  @Override
  public IdRanges ofCaller() {
    if (!Files.isExecutable(programs.resolve("newuidmap"))
        || !Files.isExecutable(programs.resolve("newgidmap"))) {
      return IdRanges.NONE;
    }
    try {
      ProcessStatus status = ProcessStatus.read();
      if (!status.value("NoNewPrivs:").equals("0")) {
        return IdRanges.NONE; // set-user-ID programs have no effect
      }
      int uid = status.effectiveUid();
      String number = Integer.toUnsignedString(uid);
      String name = Accounts.ofHost().user(uid).map(Accounts.User::name).orElse(number);
      IdRanges found =
          new IdRanges(
              ranges(directory.resolve("subuid"), name, number),
              ranges(directory.resolve("subgid"), name, number));
      return found.isEmpty() ? IdRanges.NONE : found;
    } catch (IOException unknown) {
      return IdRanges.NONE;
    }
  }

  private static List<IdRanges.Range> ranges(Path file, String name, String number) {
    List<IdRanges.Range> found = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
        String[] fields = line.split(":", -1);
        if (fields.length == 3 && (fields[0].equals(name) || fields[0].equals(number))) {
          found.add(new IdRanges.Range(Long.parseLong(fields[1]), Long.parseLong(fields[2])));
        }
      }
    } catch (IOException | IllegalArgumentException unusable) {
      return List.of();
    }
    return found;
  }
}
