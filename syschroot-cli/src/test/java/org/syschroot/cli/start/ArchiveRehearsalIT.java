// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.start;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestSite;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/**
 * What a start costs, as far as it can be counted: a switch that makes mounts loads none of our
 * classes from a jar, since the rehearsal went the same way, and none that spins code at run time.
 */
@RequiresRoot
@RequiresCommand({"strace", "busybox", "mksquashfs"})
class ArchiveRehearsalIT {
  private static final Pattern ARGUMENT = Pattern.compile("\"((?:[^\"\\\\]++|\\\\.)*+)\"");

  @TempDir Path folder;

  @Test
  void run_imageWithMounts_loadsAllOfOurClassesFromTheArchive() throws Exception {
    assertThat(classesOf("deb32"))
        .anyMatch(line -> line.contains(" org.syschroot.mounts.TreeBind "));
  }

  @Test
  void run_withLayer_loadsAllOfOurClassesFromTheArchive() throws Exception {
    assertThat(classesOf("--throw-away", "deb32"))
        .anyMatch(line -> line.contains(" org.syschroot.mounts.RootMounter "));
  }

  @Test
  void run_imageFile_loadsAllOfOurClassesFromTheArchive() throws Exception {
    assertThat(classesOf("file"))
        .anyMatch(line -> line.contains(" org.syschroot.mounts.ImageFileMounter "));
  }

  @Test
  void run_keptForTheNextStart_loadsAllOfOurClassesFromTheArchive() throws Exception {
    assertThat(classesOf(true, "deb32"))
        .anyMatch(line -> line.contains(" org.syschroot.launcher.StartCompiler "))
        .anyMatch(line -> line.contains(" org.syschroot.trust.WholeFile "));
  }

  @Test
  void run_rootless_loadsAllOfOurClassesFromTheArchive() throws Exception {
    assertThat(classesOf("--rootless", "deb32"))
        .anyMatch(line -> line.contains(" org.syschroot.launcher.SwitchCompiler "))
        .anyMatch(line -> line.contains(" org.syschroot.exec.CompiledSwitch "));
  }

  /** Returns what a JVM tells of its classes that runs "true" in an image. */
  private List<String> classesOf(String... image) throws Exception {
    return classesOf(false, image);
  }

  private List<String> classesOf(boolean kept, String... image) throws Exception {
    Path log = folder.resolve("classes");
    try (TestSite site = TestSite.withDeb32()) {
      site.image("file", "root = \"" + imageFile() + "\"\n");
      List<String> java = commandOfJava(site, kept, image);
      java.replaceAll(word -> word.equals("-Xlog:disable") ? "-Xlog:class+load:file=" + log : word);
      // A pipe of the start script, which is not there now.
      java.removeIf(word -> word.startsWith("-Dsyschroot.caller.environ="));
      Outcome outcome = Program.of(java).run();
      assertThat(outcome.status()).as("%s", outcome).isZero();
      if (kept) {
        assertThat(Files.deleteIfExists(fileOfStart(java))).isTrue();
      }
    }

    List<String> classes = Files.readAllLines(log);
    assertThat(classes)
        .filteredOn(line -> line.contains(" org.syschroot."))
        .allMatch(line -> line.contains("source: shared objects file"));
    // equals and hashCode of records: some ten milliseconds for the first of them.
    assertThat(classes).noneMatch(line -> line.contains("java.lang.runtime.ObjectMethods"));
    return classes;
  }

  private static Path fileOfStart(List<String> java) {
    String option = "-Dsyschroot.start.file=";
    String hex = java.stream().filter(word -> word.startsWith(option)).findFirst().orElseThrow();
    return Path.of(new String(HexFormat.of().parseHex(hex.substring(option.length())), UTF_8));
  }

  private Path imageFile() throws Exception {
    Path tree = folder.resolve("tree");
    for (String directory : List.of("bin", "dev", "proc", "sys", "tmp")) {
      Files.createDirectories(tree.resolve(directory));
    }
    Files.copy(Path.of("/bin/busybox"), tree.resolve("bin/true"));
    Path file = folder.resolve("image.squashfs");
    Outcome packed = Program.of("mksquashfs", tree.toString(), file.toString()).run();
    assertThat(packed.status()).as("%s", packed).isZero();
    return file;
  }

  /** Returns how the start script calls Java. */
  private List<String> commandOfJava(TestSite site, boolean kept, String... image)
      throws Exception {
    Path trace = folder.resolve("trace");
    List<String> words = new ArrayList<>(List.of("strace", "-f", "-qq", "-s", "100000"));
    words.addAll(List.of("-e", "trace=execve", "-o", trace.toString()));
    List<String> run = new ArrayList<>(List.of("--directory", "/"));
    run.addAll(List.of(image));
    run.addAll(List.of("--", "true"));
    String[] all = run.toArray(String[]::new);
    words.addAll(kept ? site.wordsOf("run", all) : site.words(all));
    assertThat(Program.of(words).run().status()).isZero();
    String call =
        Files.readAllLines(trace).stream()
            .filter(line -> line.contains("-XX:SharedArchiveFile="))
            .findFirst()
            .orElseThrow();
    List<String> java = new ArrayList<>();
    Matcher argument = ARGUMENT.matcher(call);
    while (argument.find()) {
      java.add(argument.group(1));
    }
    java.remove(1); // the pathname is the first, the name "java" the second
    return java;
  }
}
