// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** The units that renew images, started by a real systemd. */
@RequiresRoot
@RequiresCommand({"unshare", "useradd", RealSystemd.COMMAND})
class SyncUnitsIT {
  private static void day(String script) throws IOException, InterruptedException {
    Outcome outcome = AccountsSite.withDeb32().run(RealSystemd.FUNCTIONS + script);
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }

  @Test
  void path_accountsChangeOnTheHost_imageFollowsBySystemd() throws Exception {
    day(
        """
        printf 'accounts = "merged"\\nconsistent = ["hosts", "printers"]\\n' | settings
        syschroot sync --install-units day > /dev/null
        systemctl enable -q syschroot-sync.path
        boot << 'END'
        systemctl is-active -q syschroot-sync.path
        user -u 4001 alice
        within_seconds 20 within id alice
        for i in 1 2 3 4 5 6 7 8 9; do groupadd -g 410$i team$i; done; usermod -aG team9 alice
        within_seconds 20 sh -c "chroot $I id -Gn alice | grep -qw team9"
        chsh -s /bin/dash alice
        within_seconds 20 grep -q '^alice:.*:/bin/dash$' "$I/etc/passwd"
        echo '192.0.2.9 node9' >> /etc/hosts
        within_seconds 20 grep -q node9 "$I/etc/hosts"
        mkdir -p /run/user/4001
        for round in 1 2 3 4 5 6 7 8; do
          groupadd -g 420$round "round$round"; usermod -aG "round$round" alice
          within_seconds 20 sh -c "chroot $I id -Gn alice | grep -qw round$round"
        done
        mkdir -p /etc/cups; echo 'ServerName 192.0.2.8' > /etc/cups/client.conf
        within_seconds 20 grep -q 192.0.2.8 "$I/etc/cups/client.conf"
        userdel alice
        within_seconds 20 sh -c "! chroot $I id alice"
        if systemctl is-failed -q syschroot-sync.service; then systemctl status syschroot-sync.service; exit 1; fi
        END
        if pgrep -f 'sync --config '"$W" > /dev/null; then echo 'a process is left'; exit 1; fi
        """);
  }
}
