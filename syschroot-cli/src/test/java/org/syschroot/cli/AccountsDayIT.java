// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** A day in the life of a host and its images: users come and go on both sides. */
@RequiresRoot
@RequiresCommand({"unshare", "useradd", "dpkg-deb"})
class AccountsDayIT {
  @AfterEach
  void requireTheMachineUnchanged() throws IOException {
    assertThat(Files.readString(Path.of("/etc/passwd"))).doesNotContain(":4001:", ":4002:");
    assertThat(Files.readString(Path.of("/etc/group"))).doesNotContain(":4001:", "physics");
  }

  private static void day(String script) throws IOException, InterruptedException {
    Outcome outcome = AccountsSite.withDeb32().run(script);
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }

  @Test
  void merged_usersComeAndGoOnTheHost_imageFollowsWithoutANewMount() throws Exception {
    day(
        """
        echo 'accounts = "merged"' | settings
        user -u 4001 alice; groupadd -g 4100 physics; usermod -aG physics,audio alice
        syschroot run day -- true
        eq id 'uid=4001(alice) gid=4001(alice) groups=4001(alice),29(audio),4100(physics)' "$(within id alice)"
        syschroot mount -q day
        syschroot sync --install-units day > "$W/units"
        unit=$(sed -n 's/^ExecStart=//p' /etc/systemd/system/syschroot-sync.service)
        grep -q '^PathChanged=/etc$' /etc/systemd/system/syschroot-sync.path
        renew() { sh -c "$unit"; }
        before=$(grep -c . /proc/self/mountinfo)
        user -u 4002 bob; chsh -s /bin/dash alice; renew
        eq bob 4002 "$(within id -u bob)"
        eq chsh /bin/dash "$(within getent passwd alice | cut -d: -f7)"
        userdel bob; renew
        if within id bob 2> /dev/null; then echo 'bob is still there'; exit 1; fi
        eq mounts "$before" "$(grep -c . /proc/self/mountinfo)"
        syschroot status day > /dev/null
        syschroot umount day
        """);
  }

  @Test
  void merged_packagesAreInstalledInside_theirAccountsStay() throws Exception {
    day(
        """
        echo 'accounts = "merged"' | settings
        user -u 4001 alice
        syschroot mount -q day
        mkdir -p "$W/svc/DEBIAN" "$W/svc/usr/lib/svc" "$W/over/DEBIAN"
        echo program > "$W/svc/usr/lib/svc/helper"
        printf 'Package: %s\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@example.org>\\nDescription: x\\n' svc > "$W/svc/DEBIAN/control"
        cat > "$W/svc/DEBIAN/postinst" <<'X'
        #!/bin/sh
        set -e
        groupadd --system svc
        useradd --system -M -g svc svc
        dpkg-statoverride --update --add root svc 4750 /usr/lib/svc/helper
        X
        printf 'Package: %s\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@example.org>\\nDescription: x\\n' over > "$W/over/DEBIAN/control"
        sed -i 's/^ *//' "$W/svc/DEBIAN/postinst"; chmod 755 "$W/svc/DEBIAN/postinst"
        dpkg-deb --build "$W/svc" "$I/svc.deb" > /dev/null
        dpkg-deb --build "$W/over" "$I/over.deb" > /dev/null
        syschroot run day -d / -- dpkg -i /svc.deb
        user -u 4002 bob
        syschroot sync day
        syschroot run day -d / -- dpkg -i /over.deb
        syschroot run day -d / -- dpkg -P svc over
        eq svc svc "$(within stat -c %G /usr/lib/svc 2> /dev/null || within id -gn svc)"
        within useradd -M carol
        eq carol 4003 "$(within id -u carol)"
        syschroot sync day
        eq all 'alice bob carol svc' "$(within getent passwd alice bob carol svc | cut -d: -f1 | paste -sd' ')"
        eq consistent '' "$( (within pwck -r; within grpck -r) 2>&1 | grep -v 'directory .* does not exist' | grep -v 'no changes' || true)"
        pwck -r 2>&1 | grep -E 'alice|bob' | grep -v 'directory' && exit 1
        syschroot umount day
        """);
  }

  @Test
  void merged_withoutPrivilegeAndByLaunchersWithMounts_usersHaveTheirNames() throws Exception {
    day(
        """
        printf 'accounts = "merged"\\n[launchers]\\ndirectory = "%s"\\nmounts = "entry"\\n' "$W/bin" | settings
        user -u 4001 alice
        syschroot sync day
        as_alice() { setpriv --reuid 4001 --regid 4001 --init-groups "$@"; }
        mkdir "$W/bin"
        syschroot link day --into "$W/bin"
        eq rootless alice "$(as_alice "$SYSCHROOT" run --config "$W/conf" --rootless day -- id -un)"
        eq entry alice "$(as_alice "$W/bin/day" id -un)"
        user -u 4002 bob
        syschroot sync day
        eq rootless bob "$(as_alice "$SYSCHROOT" run --config "$W/conf" --rootless day -- id -un 4002)"
        eq entry bob "$(as_alice "$W/bin/day" id -un 4002)"
        """);
  }

  @Test
  void merged_suInTheImage_worksByNameAndShowsNoPassword() throws Exception {
    day(
        """
        echo 'accounts = "merged"' | settings
        user -u 4001 alice; echo 'alice:secret' | chpasswd
        syschroot sync day
        eq su 'alice 4001' "$(within su alice -c 'echo $(whoami) $(id -u)')"
        eq hash '*' "$(within getent shadow alice | cut -d: -f2)"
        eq mode 'root shadow 640' "$(within stat -c '%U %G %a' /etc/shadow)"
        printf 'accounts = "merged"\\nconsistent = ["passwords"]\\n' | settings
        syschroot sync day
        eq same "$(getent shadow alice)" "$(within getent shadow alice)"
        eq mode 'root shadow 640' "$(within stat -c '%U %G %a' /etc/shadow)"
        user -u 4002 bob
        syschroot sync day
        eq 'su of a user' alice "$(echo secret | within su bob -c 'su alice -c whoami' 2> /dev/null)"
        chgrp 0 /etc/shadow; user -u 4003 carol
        syschroot sync day
        eq 'less than on the host' 'root shadow 600' "$(within stat -c '%U %G %a' /etc/shadow)"
        """);
  }

  @Test
  void image_afterMerged_getsItsOwnFilesBack() throws Exception {
    day(
        """
        cat "$I"/etc/passwd "$I"/etc/group "$I"/etc/shadow "$I"/etc/gshadow > "$W/before"
        echo 'accounts = "merged"' | settings
        user -u 4001 alice; usermod -aG audio alice
        syschroot sync day
        within id alice > /dev/null
        echo 'accounts = "image"' | settings
        syschroot sync day
        cat "$I"/etc/passwd "$I"/etc/group "$I"/etc/shadow "$I"/etc/gshadow > "$W/after"
        diff "$W/before" "$W/after"
        """);
  }

  @Test
  void native_hostsSystemAccounts_areTheImages() throws Exception {
    day(
        """
        echo 'accounts = "native"' | settings
        user -u 4001 alice; useradd --system -u 777 hostdaemon
        syschroot sync day
        eq passwd "$(cut -d: -f1,3- /etc/passwd)" "$(cut -d: -f1,3- "$I/etc/passwd")"
        eq daemon 777 "$(within id -u hostdaemon)"
        """);
  }

  @Test
  void merged_readOnlyImage_isMountedOverAndRenewedByMount() throws Exception {
    day(
        """
        printf 'accounts = "merged"\\nconsistent = ["hosts"]\\n' | settings
        echo own > "$I/etc/hosts"; echo '127.0.0.1 localhost' > /etc/hosts
        mount -o remount,ro "$I"
        user -u 4001 alice
        eq run alice "$(syschroot run day -- id -un 4001)"
        syschroot mount -q day
        eq mounted alice "$(within id -un 4001)"
        user -u 4002 bob
        eq 'run again' bob "$(syschroot run day -- id -un 4002 2> "$W/err")"
        grep -q '/etc/passwd is stale' "$W/err"
        eq hosts '127.0.0.1 localhost' "$(within cat /etc/hosts)"
        before=$(grep -v etc/ /proc/self/mountinfo)
        syschroot mount -q day
        eq renewed bob "$(within id -un 4002)"
        user -u 4003 carol
        syschroot sync day
        eq 'renewed by sync' carol "$(within id -un 4003)"
        eq 'the others' "$before" "$(grep -v etc/ /proc/self/mountinfo)"
        syschroot status day > /dev/null
        syschroot umount day
        """);
  }

  @Test
  void merged_useraddRunsInTheImage_renewalWaitsForIt() throws Exception {
    day(
        """
        echo 'accounts = "merged"' | settings
        user -u 4001 alice
        mkfifo "$W/go"
        perl -e 'use Fcntl; open F, ">", $ARGV[0]; chmod 0600, $ARGV[0];
                 my $lock = pack("ssx4qqi", F_WRLCK, 0, 0, 0, 0);
                 fcntl(F, F_SETLK, $lock) or die $!;
                 $| = 1; print "locked\\n"; <STDIN>' "$I/etc/.pwd.lock" < "$W/go" > "$W/lock" &
        exec 9> "$W/go"
        while [ ! -s "$W/lock" ]; do :; done
        "$SYSCHROOT" sync --config "$W/conf" day 9>&- & renewal=$!
        while ! ls -l /proc/$renewal/fd | grep -q pwd.lock; do kill -0 $renewal; done
        if within id alice 2> /dev/null; then echo 'did not wait'; exit 1; fi
        exec 9>&-
        wait $renewal
        eq alice 4001 "$(within id -u alice)"
        """);
  }
}
