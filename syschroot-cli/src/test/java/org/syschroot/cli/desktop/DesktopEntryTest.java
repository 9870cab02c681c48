// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.desktop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.caller.ShellPrompt;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.Launchers;
import org.syschroot.path.HostPath;
import org.syschroot.testing.RequiresCommand;

class DesktopEntryTest {
  private static final Path ICON = Path.of("/usr/local/share/icons/x.svg");

  private static Image image(String description, String... launchers) {
    return Image.builder(new ImageName("SL-5.4"), HostPath.of("/sysroot/SL54"))
        .description(description)
        .launchers(new Launchers(HostPath.of("/bin4"), List.of(launchers)))
        .build();
  }

  /** The words of an Exec key, by the rules of the specification for both its layers. */
  private static List<String> words(String value) {
    String unescaped = value.replace("\\\\", "\\");
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < unescaped.length(); i++) {
      char c = unescaped.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == '\\' && quoted) {
        word.append(unescaped.charAt(++i));
      } else if (c == '%') {
        assertThat(unescaped.charAt(++i)).isEqualTo('%');
        word.append('%');
      } else if (c == ' ' && !quoted) {
        words.add(word.toString());
        word.setLength(0);
      } else {
        word.append(c);
      }
    }
    words.add(word.toString());
    return words;
  }

  private static String line(DesktopEntry entry, String key) {
    return entry
        .text()
        .lines()
        .filter(line -> line.startsWith(key + "="))
        .findFirst()
        .orElseThrow()
        .substring(key.length() + 1);
  }

  @Test
  void exec_anyWords_areReadBackAsTheyWere() {
    List<String> words = List.of("env", "a b", "\"$`\\\\%f'", "plain/path", "x;y|z", "100%");

    assertThat(words(ExecValue.of(words))).isEqualTo(words);
  }

  @Test
  void of_image_startsItsShellByALauncher() throws Exception {
    DesktopEntry entry = DesktopEntry.of(image("Scientific Linux", "sh", "bash"), ICON);

    assertThat(words(line(entry, "Exec")))
        .containsExactly(
            "env",
            "debian_chroot=SL-5.4",
            "PROMPT_COMMAND=" + ShellPrompt.command(new ImageName("SL-5.4")),
            "RPROMPT=(SL-5.4)",
            "/bin4/bash");
    assertThat(line(entry, "Name")).isEqualTo("SL-5.4 terminal");
    assertThat(line(entry, "Name[de]")).isEqualTo("SL-5.4-Terminal");
    assertThat(line(entry, "Comment")).isEqualTo("Scientific Linux");
    assertThat(line(entry, "Icon")).isEqualTo(ICON.toString());
    assertThat(line(DesktopEntry.of(image(""), ICON), "Exec")).endsWith(" /bin4/SL-5.4");
  }

  @Test
  void of_imageWithoutAShellsLauncher_isRefused() {
    assertThatThrownBy(() -> DesktopEntry.of(image("", "python3"), ICON))
        .isInstanceOf(DesktopException.class)
        .hasMessageContaining("then: \"syschroot link SL-5.4\"");
  }

  @Test
  @RequiresCommand({"desktop-file-validate", "rsvg-convert"})
  void text_oddDescription_isValidAndTheIconCanBeDrawn(@TempDir Path directory) throws Exception {
    String text = DesktopEntry.of(image("a\\b\t\"$HOME\" äö;", "bash"), ICON).text();
    Path file = Files.writeString(directory.resolve("syschroot-SL-5.4.desktop"), text);

    Outcome validated = Program.of("desktop-file-validate", file.toString()).run();

    assertThat(validated).hasToString("status 0\nout: \nerr: ");
    for (String name : List.of("a", "SL54", "scientific-linux-5.4-x86_64-with-a-long-name")) {
      Path icon =
          Files.writeString(directory.resolve(name + ".svg"), DesktopIcon.svg(new ImageName(name)));
      Outcome drawn = Program.of("rsvg-convert", "-o", icon + ".png", icon.toString()).run();
      assertThat(drawn.status()).as("%s", drawn).isZero();
      assertThat(Files.size(Path.of(icon + ".png"))).isPositive();
    }
  }
}
