// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.Syschroot;
import org.syschroot.examples.ExampleSite;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.ProcFiles;

/** That a JVM can switch where it may write and execute nothing, or is told what to do. */
final class NativeAccessTest {
  private static final boolean FOREIGN = Runtime.version().feature() >= 22;

  @TempDir Path directory;

  /** Starts a command in an image, as any user of the library does. */
  static final class OneStart {
    private OneStart() {}

    public static void main(String[] arguments) throws Exception {
      try {
        Syschroot syschroot = Syschroot.load(Path.of(arguments[0]));
        SwitchRequest request =
            SwitchRequest.in(syschroot.image("sl5")).directory("/").command("cat", "/image");
        Process process = syschroot.start(request);
        System.out.write(process.getInputStream().readAllBytes());
        System.exit(process.waitFor());
      } catch (UnsatisfiedLinkError e) {
        System.out.println(e.getMessage());
        System.exit(1);
      }
    }
  }

  private String start(Path workingDirectory, String mountOptions, String... jvmOptions)
      throws Exception {
    ProcFiles.assumeRootAndBusybox();
    Path site = Files.createDirectory(directory.resolve("site"));
    ExampleSite example = new ExampleSite(site);
    example.image("sl5");
    Path temporary = Files.createDirectory(directory.resolve("temporary"));
    List<String> command = new ArrayList<>();
    String mount =
        "mount -t tmpfs -o " + mountOptions + " tmpfs \"$0\" && cd \"$1\" && shift && exec \"$@\"";
    command.addAll(List.of("unshare", "--mount", "sh", "-c", mount, temporary.toString()));
    command.add(workingDirectory.toString());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djava.io.tmpdir=" + temporary);
    command.addAll(List.of(jvmOptions));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(OneStart.class.getName(), example.config().toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return text;
  }

  @Test
  void start_temporaryDirectoryNoexec_worksOrSaysWhatToDo() throws Exception {
    String text = start(Path.of("/proc"), "noexec");
    if (FOREIGN) {
      assertThat(text).endsWith("sl5\n");
    } else {
      assertThat(text).contains("noexec", "-Djffi.extract.dir=DIR");
    }
  }

  @Test
  void start_temporaryDirectoryReadOnly_worksOrSaysWhatToDo() throws Exception {
    String text = start(Path.of("/proc"), "ro");
    if (FOREIGN) {
      assertThat(text).endsWith("sl5\n");
    } else {
      assertThat(text).contains("writable", "-Djffi.extract.dir=DIR");
    }
  }

  @Test
  void start_otherDirectoryForTheLibrary_works() throws Exception {
    String extract = "-Djffi.extract.dir=" + directory;
    assertThat(start(Path.of("/proc"), "noexec", extract)).endsWith("sl5\n");
  }

  @Test
  void start_nativeAccessDenied_needsTheOption() throws Exception {
    if (Runtime.version().feature() >= 24) {
      assertThat(start(directory, "ro", "--illegal-native-access=deny"))
          .contains("--enable-native-access=ALL-UNNAMED");
    } else {
      assertThat(start(directory, "mode=755")).endsWith("sl5\n");
    }
  }

  @Test
  void start_nativeAccessDeniedButAllowed_worksWithoutAWord() throws Exception {
    if (Runtime.version().feature() >= 24) {
      String allowed = "--enable-native-access=ALL-UNNAMED";
      assertThat(start(Path.of("/proc"), "noexec", "--illegal-native-access=deny", allowed))
          .isEqualTo("sl5\n");
    }
  }
}
