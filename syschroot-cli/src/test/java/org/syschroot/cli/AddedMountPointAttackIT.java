// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * Attacks on the mount points that an image lacks, by the user who enters it: what they could add
 * to these, set-user-ID programs of the image would take for the image's.
 */
@InOwnMountNamespace
@RequiresCommand({"busybox", "useradd", "userdel", "runuser"})
class AddedMountPointAttackIT {
  private SmallTreeSite small;
  private TestSite site;
  private OrdinaryUser user;

  @BeforeEach
  void make() throws Exception {
    small = SmallTreeSite.create("sh", "ls", "cat");
    site = small.site();
    user = small.user();
    present(small.tree());
  }

  /** Has nobody be able to write to the tree. */
  void present(Path tree) throws Exception {
    SmallTreeSite.succeed("mount", "--bind", tree.toString(), tree.toString());
    SmallTreeSite.succeed("mount", "-o", "remount,bind,ro", tree.toString());
  }

  /** The options of run that have the root directory made in one way or another. */
  List<String> layers() {
    return List.of("", " --throw-away");
  }

  @AfterEach
  void remove() throws Exception {
    small.close();
  }

  /** The kernel shows a process's root directory to all processes of its user, and the way up. */
  @ParameterizedTest
  @ValueSource(strings = {"points", "points/data", "points/etc", "lower", "root", ""})
  void entryLauncher_wayUpFromTheRootDirectory_addsNothingToTheImage(String place)
      throws Exception {
    site.image(
        "ro",
        "root = \"/mnt/tree\"\nmounts = [\"standard\", \"/opt:/data/a\", \"/opt:/etc/added\"]\n"
            + "[launchers]\ndirectory = \"/mnt\"\nmounts = \"entry\"\n");
    SmallTreeSite.succeed(site.wordsOf("link", "ro").toArray(String[]::new));
    String attack =
        "cd /; mkfifo $HOME/in; /mnt/ro sh -c 'echo up; read end' <$HOME/in >$HOME/out &"
            + " exec 3>$HOME/in; until [ -s $HOME/out ]; do sleep 0.01; done;"
            + " up=/proc/$!/root/../$0; ls -d $up >/dev/null && echo reached;"
            + " echo evil >$up/ld.so.preload; mkdir $up/evil; chmod 777 $up; ls -d $up/evil;"
            + " ls -d /proc/$!/root/evil /proc/$!/root/etc/evil; cat /proc/$!/root/ld.so.preload"
            + " /proc/$!/root/etc/ld.so.preload; exec 3>&-; wait";

    Outcome outcome = user.program("sh", "-c", attack, place).run();

    assertThat(outcome.outText()).as("%s", outcome).isEqualTo("reached\n");
    assertThat(outcome.errText()).contains("Read-only file system");
  }

  /** For a command that root starts as another user, root makes them. */
  @ParameterizedTest
  @ValueSource(strings = {"points", "points/data", "points/etc", "upper", "work", "root", ""})
  void runByRootAsTheUser_wayUpFromTheRootDirectory_addsNothingToTheImage(String place)
      throws Exception {
    site.image(
        "ro",
        "root = \"/mnt/tree\"\nmounts = [\"/proc\", \"/opt:/data/a\", \"/opt:/etc/added\"]\n");
    String run =
        String.join(
            " ", site.wordsOf("run", "--no-cache", "--directory", "/", "--user", user.name()));
    String attack =
        "up=/proc/$1/root/../$0; ls -d /proc/$1/root >/dev/null && echo reached;"
            + " echo evil >$up/ld.so.preload; mkdir $up/evil; chmod 777 $up; ls -d $up/evil;"
            + " ls -d /proc/$1/root/evil /proc/$1/root/etc/evil";
    for (String layer : layers()) {
      Path out = user.home().resolve("out" + layer.length());
      String start =
          "mkfifo /mnt/in; "
              + run
              + layer
              + " ro -- sh -c 'echo up; read end' </mnt/in >"
              + out
              + " & exec 3>/mnt/in; rm /mnt/in;"
              + " until [ -s "
              + out
              + " ]; do sleep 0.01; done;"
              + " setpriv --reuid "
              + user.uid()
              + " --regid "
              + user.uid()
              + " --clear-groups sh -c '"
              + attack
              + "' '"
              + place
              + "' $!; exec 3>&-; wait";

      Outcome outcome = Program.of("sh", "-c", start).run();

      assertThat(outcome.outText()).as("%s", outcome).isEqualTo("reached\n");
      assertThat(outcome.errText()).containsAnyOf("Permission denied", "Read-only", "nonexistent");
    }
  }
}
