// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/**
 * Users whom the host's name service knows and its files do not, as with LDAP, sssd or NIS: here it
 * is the module libnss-extrausers, which the C library asks in the same way.
 */
@RequiresRoot
@RequiresCommand({"unshare", "useradd"})
class DirectoryUsersIT {
  private static final Path MODULE = Path.of("/usr/lib/libnss_extrausers.so.2");

  private static final String DIRECTORY =
      """
      E=/var/lib/extrausers
      mount -t tmpfs -o mode=755 tmpfs $E
      sed -i 's/^\\(passwd\\|group\\|shadow\\):.*/& extrausers/' /etc/nsswitch.conf
      printf 'carol:x:70001:70001:Carol:/home/carol:/bin/sh\\ndave:x:70002:70001::/home/dave:/bin/sh\\n' > $E/passwd
      printf 'frank:x:70004:70001::/home/frank:/bin/sh\\nfake:x:0:0::/root:/bin/sh\\n' >> $E/passwd
      printf 'team:x:70001:\\nbeam:x:70005:carol,dave\\n' > $E/group
      : > $E/shadow; chmod 640 $E/shadow
      user -u 4001 alice
      eq host 'uid=70001(carol) gid=70001(team) groups=70001(team),70005(beam)' "$(id carol)"
      nobody() { if within id "$1" 2> /dev/null; then echo "$1 is in the image"; exit 1; fi; }
      """;

  @BeforeEach
  void requireTheModule() {
    boolean isThere = Files.exists(MODULE);
    if (Boolean.getBoolean("syschroot.tests.mustRun")) {
      assertThat(isThere).as("libnss-extrausers is installed").isTrue();
    }
    assumeTrue(isThere, "it needs " + MODULE);
  }

  private static void day(String script) throws Exception {
    Outcome outcome = AccountsSite.withDeb32().run(DIRECTORY + script);
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }

  @Test
  void sync_usersOfTheDirectory_areThoseWhoAreNamedOrLoggedIn() throws Exception {
    day(
        """
        printf 'accounts = "merged"\\nusers = ["alice", "carol"]\\n' | settings
        syschroot sync day
        eq 'in users' "$(id carol)" "$(within id carol)"
        nobody dave
        echo 'accounts = "merged"' | settings
        syschroot sync --user 70002 day
        eq 'by number' "$(id dave)" "$(within id dave)"
        eq stays "$(id carol)" "$(within id carol)"
        printf 'erin:x:70003:70001::/home/erin:/bin/sh\\n' >> $E/passwd
        mkdir -p /run/user/70003
        syschroot sync day
        eq 'logged in' "$(id erin)" "$(within id erin)"
        syschroot sync --user fake day
        nobody fake
        """);
  }

  @Test
  void run_asAUserOfTheDirectory_hasNameAndGroups() throws Exception {
    day(
        """
        echo 'accounts = "merged"' | settings
        eq 'by name' 'carol 70001 70005' "$(syschroot run -u carol -d / day -- sh -c 'echo $(id -un) $(id -G)')"
        eq 'by number' dave "$(syschroot run -u 70002:70001 -d / day -- id -un)"
        nobody frank
        """);
  }

  @Test
  void sync_directoryForgetsAUser_imageDoesToo() throws Exception {
    day(
        """
        echo 'accounts = "merged"' | settings
        syschroot sync --user carol --user dave day
        sed -i '/^carol/d' $E/passwd; sed -i s/carol,dave/dave/ $E/group
        syschroot sync day
        nobody carol
        eq dave "$(id dave)" "$(within id dave)"
        syschroot doctor day --json > "$W/found" || true
        eq findings '' "$(grep -oE '"id": "(account|group)[^"]*"' "$W/found")"
        """);
  }
}
