// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.dist.Shell.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.testing.RequiresCommand;

/**
 * The labels that {@code docs/packages.md} speaks of, as Debian's policy has them. They are looked
 * up in its file contexts, which needs no SELinux in the kernel.
 */
@RequiresCommand({"matchpathcon", "semodule_unpackage", "bzip2"})
class SelinuxLabelsIT {
  private static final Path PAGE =
      Path.of(System.getProperty("syschroot.tests.checkout"), "docs/packages.md");

  @TempDir Path folder;

  private Path contexts;

  @BeforeEach
  void unpackPolicy() throws Exception {
    contexts = folder.resolve("contexts");
    run(
        "sh",
        "-ec",
        "bzip2 -dc /usr/share/selinux/default/base.pp.bz2 > $0/base.pp;"
            + " semodule_unpackage $0/base.pp $0/base.mod $0/contexts",
        folder.toString());
  }

  private String type(String path) throws IOException, InterruptedException {
    String[] parts = run("matchpathcon", "-f", contexts.toString(), "-m", "file", path).split(":");
    return parts[2];
  }

  private static Matcher inPage(String pattern) throws IOException {
    Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(PAGE));
    assertThat(matcher.find()).as(pattern).isTrue();
    return matcher;
  }

  @Test
  void commandAndLaunchers_haveTheLabelsOfTheirPlaces() throws Exception {
    assertThat(type("/usr/bin/syschroot")).isEqualTo("bin_t");
    assertThat(type("/usr/local/bin/sl5")).isEqualTo("bin_t");
    assertThat(type("/bin5/sh")).isEqualTo("default_t");
  }

  /** As semanage(8) writes it into {@code file_contexts.local}. */
  @Test
  void directoryOfLaunchers_afterTheLinesOfThePage_hasProgramsInIt() throws Exception {
    Matcher line = inPage("\n    semanage fcontext -a -t (\\w+) '(.+)'\n");
    Files.writeString(
        contexts,
        line.group(2) + "\tsystem_u:object_r:" + line.group(1) + ":s0\n",
        StandardOpenOption.APPEND);
    assertThat(type("/bin5")).isEqualTo("bin_t");
    assertThat(type("/bin5/sh")).isEqualTo("bin_t");
  }

  /** As semanage(8) writes it into {@code file_contexts.subs}. */
  @Test
  void programsOfAnImage_afterTheLineOfThePage_areLabelledLikeTheHosts() throws Exception {
    assertThat(type("/sysroot/sl5/usr/bin/passwd")).isEqualTo("default_t");
    Matcher line = inPage("`semanage fcontext -a -e (\\S+) (\\S+)`");
    Files.writeString(folder.resolve("contexts.subs"), line.group(2) + " " + line.group(1) + "\n");
    for (String path : new String[] {"/usr/bin/ls", "/etc/hosts", "/usr/lib/libc.so.6"}) {
      assertThat(type("/sysroot/sl5" + path)).isEqualTo(type(path)).isNotEqualTo("default_t");
    }
  }
}
