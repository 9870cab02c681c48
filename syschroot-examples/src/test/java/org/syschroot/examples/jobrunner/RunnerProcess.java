// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.syschroot.examples.ExampleSite;

/** A job runner in a JVM of its own, and its queue. */
final class RunnerProcess {
  private final ExampleSite site;
  private final Path queue;

  RunnerProcess(ExampleSite site, Path queue) throws IOException {
    this.site = site;
    this.queue = Files.createDirectories(queue);
    Files.createDirectories(queue.resolve("new"));
  }

  void submit(String name, String toml) throws IOException {
    Path part = queue.resolve("new/." + name);
    Files.writeString(part, toml);
    Files.move(part, queue.resolve("new/" + name + ".toml"), StandardCopyOption.ATOMIC_MOVE);
  }

  Process start(String... options) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(ProcessHandle.current().info().command().orElseThrow());
    words.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    words.addAll(List.of("-cp", System.getProperty("java.class.path")));
    words.add(JobRunner.class.getName());
    words.addAll(List.of("--config", site.config().toString()));
    words.addAll(List.of(options));
    words.add(queue.toString());
    return new ProcessBuilder(words)
        .redirectErrorStream(true)
        .redirectOutput(Redirect.appendTo(queue.resolve("log").toFile()))
        .start();
  }

  Path queue() {
    return queue;
  }

  String log() throws IOException {
    return Files.readString(queue.resolve("log"));
  }

  List<String> names(String state) throws IOException {
    Path directory = queue.resolve(state);
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  String result(String name) throws IOException {
    return Files.readString(queue.resolve("done/" + name + "/result.toml"));
  }

  String output(String name) throws IOException {
    return Files.readString(queue.resolve("done/" + name + "/output"));
  }
}
