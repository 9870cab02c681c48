// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.OrdinaryUser;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;
import org.syschroot.cli.Troubleshooting;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** Provokes each message of the table on batch jobs in {@code docs/troubleshooting.md}. */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "useradd", "runuser"})
class BatchMessagesIT {
  /** Only in this test's mount namespace. */
  private static final Path MNT = Path.of("/mnt");

  private TestSite site;
  private OrdinaryUser user;

  @BeforeEach
  void makeSite() throws Exception {
    site = TestSite.empty();
    user = OrdinaryUser.create();
    done("mount", "-t", "tmpfs", "-o", "mode=755", "none", MNT.toString());
    done("mkdir", "/mnt/bin4", "/mnt/empty");
    script("bash");
    script("ksh");
    configure("");
  }

  @AfterEach
  void removeSite() throws Exception {
    run(Program.of(site.wordsOf("umount", "deb")));
    done("umount", MNT.toString());
    done("rm", "-rf", TestImages.deb32() + "/mnt/bin4"); // its links there
    user.close();
    site.close();
  }

  private static void done(String... words) throws Exception {
    Outcome outcome = Program.of(words).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }

  private static void script(String shell) throws Exception {
    Path file = Files.writeString(MNT.resolve(shell + "-job"), "#!/bin/" + shell + "\n:\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void configure(String more) throws Exception {
    site.image(
        "deb",
        "root = \""
            + TestImages.deb32()
            + "\"\nmounts = [\"standard\"]\n"
            + more
            + "[launchers]\ndirectory = \"/mnt/bin4\"\nnames = [\"sh\", \"bash\"]\n"
            + "[submit]\nscheduler = \"slurm\"\n");
  }

  private static String run(Program program) throws Exception {
    return program.run().errText();
  }

  private List<String> submission(String script) {
    return site.wordsOf("submit", "deb", "--", script);
  }

  private String submit(String script) throws Exception {
    return run(Program.of(submission(script)));
  }

  private String submitAsUser() throws Exception {
    return run(user.program(submission("/mnt/bash-job").toArray(String[]::new)));
  }

  private String submitBy(String shellCommand) throws Exception {
    List<String> words = new ArrayList<>(List.of("sh", "-c", shellCommand, "sh"));
    words.addAll(submission("/mnt/bash-job"));
    return run(Program.of(words));
  }

  /** In the order of what has to be put right one after the other. */
  private Map<String, String> provoked() throws Exception {
    Map<String, String> messages = new LinkedHashMap<>();
    configure("groups = [\"daemon\"]\n");
    messages.put("user NAME is not allowed to use this image; allowed: group NAME", submitAsUser());
    configure("");
    messages.put("DIR is not mounted, so jobs would fail", submit("/mnt/bash-job"));
    done(site.wordsOf("mount", "deb").toArray(String[]::new));
    messages.put("FILE is missing, so jobs would fail", submit("/mnt/bash-job"));
    done(site.wordsOf("link", "deb").toArray(String[]::new));
    messages.put("IMAGE has no launcher for NAME", submit("/mnt/ksh-job"));
    messages.put("the job script FILE does not exist", submit("/mnt/no-job"));
    messages.put("sbatch: command not found", submitBy("PATH=/mnt/empty; exec \"$@\""));
    messages.put(
        "standard input is closed, but the job script is passed by it",
        submitBy("exec \"$@\" <&-"));
    configure("[environment]\nset = { A = \"b\" }\n");
    messages.put("FILE is outdated (REASON), so jobs would fail", submit("/mnt/bash-job"));
    configure("");
    done("chmod", "700", "/mnt/bin4/bash");
    messages.put("FILE is not executable for you, so jobs would fail", submitAsUser());
    done("chmod", "755", "/mnt/bin4/bash");
    return messages;
  }

  @Test
  void tableOfThePage_eachMessage_isWhatIsSaid() throws Exception {
    Map<String, String> messages = provoked();
    assertThat(Troubleshooting.table("Batch jobs"))
        .containsExactlyInAnyOrderElementsOf(messages.keySet());
    messages.forEach(
        (row, said) -> {
          String text = row.replaceAll("[()]", "\\\\$0").replaceAll("\\b[A-Z]{3,}\\b", ".+");
          assertThat(said.strip()).as(row).matches("(?s)syschroot: .*" + text + ".*");
        });
  }
}
