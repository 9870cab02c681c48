// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where a command starts. */
final class DirectoryCases {
  private static final String SHOW = "/bin/busybox readlink /proc/self/cwd";

  private DirectoryCases() {}

  private static String in(Way way, String directory) throws java.io.IOException {
    return Way.output(way.shell(SHOW).directory(directory)).strip();
  }

  static List<ConformanceCase> all() {
    CaseList cases = new CaseList("directory");
    cases.add(
        "that of the JVM",
        Path.of("").toAbsolutePath().toString(),
        way -> Way.output(way.command(List.of(Way.BUSYBOX, "sh", "-c", SHOW))).strip());
    cases.add("/", "/", way -> in(way, "/"));
    cases.add("/tmp", "/tmp", way -> in(way, "/tmp"));
    cases.add("a slash at the end", "/tmp", way -> in(way, "/tmp/"));
    cases.add("several slashes", "/tmp", way -> in(way, "//tmp//"));
    cases.add("dots", "/tmp", way -> in(way, "/tmp/./../tmp"));
    cases.add(
        "a relative one",
        "/tmp",
        way -> in(way, Path.of("").toAbsolutePath().relativize(Path.of("/tmp")).toString()));
    cases.add(
        "a private one",
        "true",
        way -> in(way, way.directory().toString()).equals(way.directory().toString()));
    cases.add(
        "a blank and a newline in it",
        "/a b\nc",
        way -> {
          Path directory = Files.createDirectories(way.directory().resolve("a b\nc"));
          return in(way, directory.toString()).substring(way.directory().toString().length());
        });
    cases.add(
        "a symbolic link",
        "/real",
        way -> {
          Files.createDirectories(way.directory().resolve("real"));
          Path link = Files.createSymbolicLink(way.directory().resolve("link"), Path.of("real"));
          return in(way, link.toString()).substring(way.directory().toString().length());
        });
    cases.add("one that is not there", "IOException", way -> in(way, "/tmp/no/such"));
    cases.add("a file", "IOException", way -> in(way, way.file("file", "").toString()));
    cases.add("below a file", "IOException", way -> in(way, way.file("file", "") + "/x"));
    cases.add("an empty path", "IOException", way -> in(way, ""));
    cases.add("a name that is too long", "IOException", way -> in(way, "/tmp/" + "x".repeat(300)));
    cases.add("a path that is too long", "IOException", way -> in(way, "/tmp" + "/x".repeat(3000)));
    cases.add(
        "one that is deleted while the command runs",
        "gone",
        way -> {
          Path directory = Files.createDirectories(way.directory().resolve("short-lived"));
          Process process =
              way.shell(
                      "read go; [ -d \"$1\" ] && printf there || printf gone", directory.toString())
                  .directory(directory.toString())
                  .start();
          Files.delete(directory);
          process.getOutputStream().close();
          return Way.text(process);
        });
    cases.add(
        "the JVM's own stays as it is",
        Path.of("").toAbsolutePath(),
        way -> {
          in(way, "/tmp");
          return Files.readSymbolicLink(Path.of("/proc/self/cwd"));
        });
    return cases.list();
  }
}
