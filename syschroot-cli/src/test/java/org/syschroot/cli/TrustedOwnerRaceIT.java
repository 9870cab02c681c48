// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.testing.Dose;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * The trusted owner of a tree exchanges its directories for symbolic links to the host, all the
 * time, while root works on the image: whatever comes of it, nothing of the host is touched.
 */
@InOwnMountNamespace
@RequiresCommand({"busybox", "useradd", "userdel", "runuser", "perl"})
class TrustedOwnerRaceIT {
  private static final List<String> DIRECTORIES = List.of("etc", "dev", "tmp", "opt", "bin");

  private SmallTreeSite small;
  private Path tree;
  private Path host;
  private List<String> before;

  @BeforeEach
  void make() throws Exception {
    small = SmallTreeSite.create("sh", "ls", "true");
    tree = small.tree();
    for (String name : List.of("dev", "proc", "sys", "tmp", "opt")) {
      Files.createDirectory(tree.resolve(name));
    }
    Files.writeString(tree.resolve("etc/passwd"), "root:x:0:0::/:/bin/sh\n");
    String owner = small.user().uid() + ":" + small.user().uid();
    SmallTreeSite.succeed("chown", "-h", "-R", owner, tree.toString());
    small
        .site()
        .image(
            "theirs",
            "root = \""
                + tree
                + "\"\nmounts = [\"standard\", \"/usr/share:/opt/share\","
                + " \"/etc/hostname:/etc/hostname\"]\ncwd = \"root\"\ntrusted-owners = [\""
                + small.user().uid()
                + "\"]\n[launchers]\ndirectory = \"/mnt/bin\"\n");
    Files.createDirectory(Path.of("/mnt/bin"));
    host = Files.createDirectory(Path.of("/mnt/host"));
    Files.createDirectory(host.resolve("share"));
    Files.writeString(host.resolve("passwd"), "of the host\n");
    Files.writeString(host.resolve("hostname"), "of the host\n");
    before = SmallTreeSite.content(host);
  }

  @AfterEach
  void remove() throws Exception {
    small.close();
  }

  @Test
  void everyCommandOfRoot_directoriesBecomeLinksMeanwhile_hostIsNotTouched() throws Exception {
    List<Integer> statuses = new ArrayList<>();
    Program.Running racing =
        small.user().program("perl", "-e", race(), tree.toString(), host.toString()).start();
    try {
      Path newer = SmallTreeSite.makeTree(Path.of("/mnt/newer"), "sh", "true");
      for (int i = 0; i < Dose.of(2, 100); i++) {
        for (String command : List.of("mount", "status", "link", "unlink", "umount")) {
          statuses.add(run(command, "theirs"));
        }
        statuses.add(run("run", "theirs", "--", "true"));
        statuses.add(run("doctor", "--time-limit", "5", "theirs"));
      }
      run("umount", "--lazy", "theirs");
      run("update", "theirs", "--from", newer.toString());
      run("remove", "--yes", "theirs");
      assertThat(racing.process().isAlive()).as("the race went on").isTrue();
    } finally {
      List<ProcessHandle> all = racing.process().descendants().toList();
      racing.close();
      all.forEach(each -> each.onExit().join()); // the user is removed next
      racing.process().waitFor();
    }
    assertThat(statuses).as("some of them did their work").contains(0);
  }

  private int run(String command, String... words) throws Exception {
    int status = small.run(command, words).status();
    assertHostUntouched(List.of(command));
    return status;
  }

  private void assertHostUntouched(List<String> after) throws Exception {
    assertThat(SmallTreeSite.content(host)).as("after %s", after).isEqualTo(before);
    assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
        .as("after %s", after)
        .doesNotContain(" " + host);
  }

  /** Follows the tree wherever it goes: an update renames it. */
  private static String race() {
    return "my ($tree, $host) = @ARGV; chdir $tree or die;"
        + " my @names = qw("
        + String.join(" ", DIRECTORIES)
        + "); while (1) { for my $n (@names) {"
        + " rename $n, \".$n\"; symlink $host, $n;"
        + " select undef, undef, undef, rand 0.002;"
        + " unlink $n; rename \".$n\", $n; } }";
  }
}
