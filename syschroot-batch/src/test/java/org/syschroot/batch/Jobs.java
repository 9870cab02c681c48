// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/** Jobs for the image sl4, with the scripts they need. */
final class Jobs implements JobScripts {
  private final List<BatchLauncher> launchers = new ArrayList<>();
  private final Map<String, String> scripts = new HashMap<>();
  private String standardInput = "";
  private boolean rootSuffices = true;

  /** The launchers /bin4/NAME; {@code sl4} is that of the whole image. */
  static Jobs withLaunchers(String... names) {
    Jobs jobs = new Jobs();
    Stream.of(names)
        .map(
            name ->
                new BatchLauncher(
                    HostPath.of("/bin4/" + name),
                    name.equals("sl4") ? Optional.empty() : Optional.of(name)))
        .forEach(jobs.launchers::add);
    return jobs;
  }

  Jobs script(String path, String text) {
    scripts.put(path, text);
    return this;
  }

  Jobs standardInput(String text) {
    standardInput = text;
    return this;
  }

  Jobs withFurtherSettings() {
    rootSuffices = false;
    return this;
  }

  BatchJob job(String... arguments) {
    return new BatchJob(
        "sl4",
        HostPath.of("/sysroot/SL4"),
        rootSuffices,
        launchers,
        Stream.of(arguments).map(OsString::of).toList(),
        Optional.of(OsString.of("/bin/bash")),
        this);
  }

  @Override
  public byte[] read(OsString path) throws IOException {
    String text = scripts.get(path.toString());
    if (text == null) {
      throw new FileNotFoundException(path.toString());
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public byte[] readStandardInput() {
    return standardInput.getBytes(StandardCharsets.UTF_8);
  }

  /** Returns the words of a command, with bars between them. */
  static String words(Submission submission) {
    return String.join(
        "|", submission.command().stream().map(OsString::toString).toArray(String[]::new));
  }
}
