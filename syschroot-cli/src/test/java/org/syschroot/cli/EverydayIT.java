// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/**
 * A day of a host with a real image: users come and go, packages are installed inside, and people
 * work there by programs that know them by name. In the evening the account files of both systems
 * are consistent, and nothing is stale. Every run does all the work in the first image, and a part
 * of it in each other one; {@code -Pstress} does all in each.
 */
@RequiresRoot
@RequiresCommand({"unshare", "useradd", "dpkg-deb", "ip", "ssh-keygen", "debootstrap", "umoci"})
class EverydayIT {
  /** The images of three kinds of sites. */
  enum Kind {
    I386_OF_2022(Work.values()) {
      @Override
      Path tree() throws IOException, InterruptedException {
        return TestImages.withPrograms(TestImages.deb32());
      }
    },
    AMD64_OF_TODAY(Work.SU_AND_SUDO, Work.SSH) {
      @Override
      Path tree() throws IOException, InterruptedException {
        return TestImages.withPrograms(TestImages.amd64("trixie"));
      }
    },
    CONTAINER_WITH_ONE_USER(Work.SU_AND_SUDO, Work.CRON, Work.MAIL) {
      @Override
      Path tree() throws IOException, InterruptedException {
        return TestImages.container();
      }
    };

    private final List<Work> works;

    Kind(Work... works) {
      this.works = List.of(works);
    }

    abstract Path tree() throws IOException, InterruptedException;

    /** Returns the work of this run. */
    String work() {
      return Stream.of(Work.values())
          .filter(work -> Dose.isHeavy() || works.contains(work))
          .map(work -> work.script)
          .collect(Collectors.joining());
    }
  }

  /** What people do. */
  enum Work {
    SU_AND_SUDO(
        """
        eq su 'bob physics' "$(inside su bob -c 'echo $(id -un) $(id -Gn | tr " " "\\n" | grep physics)')"
        eq 'su of a user' alice "$(echo secret | as bob su alice -c 'id -un' 2> /dev/null)"

        printf '%%physics ALL = (bob) NOPASSWD: ALL\\nalice ALL = (root) /usr/bin/id\\n' > "$I/etc/sudoers.d/day"
        chmod 440 "$I/etc/sudoers.d/day"
        eq sudo bob "$(as alice sudo -n -u bob id -un)"
        eq 'sudo with a password' root "$(echo secret | as alice sudo -S -p '' /usr/bin/id -un)"
        """),
    CRON(
        """
        echo '@reboot echo "$LOGNAME $(id -un) $(id -gn)" > cron.out' > /home/alice/crontab
        as alice crontab crontab
        eq crontab "$(cat /home/alice/crontab)" "$(inside crontab -u alice -l | grep -v '^#')"
        "$SYSCHROOT" run --config "$W/conf" -d / day -- cron -f & cron=$!
        within_seconds 30 test -s /home/alice/cron.out
        kill $cron; wait $cron || true
        eq cron 'alice alice alice' "$(cat /home/alice/cron.out)"
        """),
    SCREEN(
        """
        mkdir -p "$I/run/screen"; chmod 1777 "$I/run/screen"
        as bob screen -dmS work sh -c 'id -un > screen.out; exec sleep 600'
        within_seconds 30 test -s /home/bob/screen.out
        as bob screen -ls | grep -q work
        as bob screen -S work -X quit
        eq screen bob "$(cat /home/bob/screen.out)"
        """),
    SSH(
        """
        mkdir -p "$I/run/sshd"
        mkdir -m 700 /home/bob/.ssh /home/alice/.ssh
        ssh-keygen -q -t ed25519 -N '' -f /home/alice/.ssh/id_ed25519
        cp /home/alice/.ssh/id_ed25519.pub /home/bob/.ssh/authorized_keys
        chown -R alice:alice /home/alice/.ssh; chown -R bob:bob /home/bob/.ssh
        { declare -f; declare -p W I SYSCHROOT; } > "$W/functions"
        cat > "$W/ssh" << 'END'
        set -eu
        . "$1"
        ip link set lo up
        "$SYSCHROOT" run --config "$W/conf" -d / day -- /usr/sbin/sshd -D -p 2222 -o ListenAddress=127.0.0.1 \\
          -o PidFile=none -E /run/sshd.log & sshd=$!
        within_seconds 30 grep -q 'listening on' "$I/run/sshd.log" || cat "$I/run/sshd.log"
        eq 'ssh -l' bob "$(as alice ssh -p 2222 -l bob -o BatchMode=yes -o StrictHostKeyChecking=no \\
          -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR 127.0.0.1 id -un)"
        kill $sshd; wait $sshd || true
        END
        unshare --net bash "$W/ssh" "$W/functions"
        """),
    MAIL(
        """
        printf 'Subject: hello\\n\\nfrom alice\\n' | as alice /usr/sbin/sendmail bob
        within_seconds 30 grep -q 'from alice' "$I/var/mail/bob"
        eq mail bob "$(within stat -c %U /var/mail/bob)"
        grep -q '^From:.*alice@' "$I/var/mail/bob"
        """);

    private final String script;

    Work(String script) {
      this.script = script;
    }
  }

  private static final String MORNING =
      """
      printf 'accounts = "merged"\\nconsistent = ["passwords", "hosts"]\\nmounts = ["standard", "/home"]\\n' | settings
      mount -t tmpfs -o mode=755 tmpfs /home
      person() { useradd -m -s /bin/bash "$@"; }
      as() {
        local name=$1; shift
        syschroot run -u "$name" -d "/home/$name" --env "HOME=/home/$name" --env "USER=$name" \\
          --env "LOGNAME=$name" day -- "$@"
      }
      inside() { syschroot run -d / day -- "$@"; }
      # what pwck(8) and grpck(8) have to say, but for homes that nobody has made
      wrong() { { "$@" pwck -r; "$@" grpck -r; } 2>&1 | grep -vE "directory .* does not exist|no changes|^pwck|^grpck" || true; }
      wrong command > "$W/host-before"
      person -u 4001 alice; person -u 4002 bob; echo alice:secret | chpasswd
      groupadd -g 4100 physics; usermod -aG physics alice; usermod -aG physics bob
      syschroot mount -q day
      eq names 'alice bob' "$(as alice id -un) $(as bob id -un)"
      """;

  private static final String PACKAGES =
      """
      package() {
        mkdir -p "$W/$1/DEBIAN"
        printf 'Package: %s\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@example.org>\\nDescription: x\\n' "$1" > "$W/$1/DEBIAN/control"
        { echo '#!/bin/sh'; echo 'set -e'; cat; } > "$W/$1/DEBIAN/postinst"; chmod 755 "$W/$1/DEBIAN/postinst"
        dpkg-deb --build "$W/$1" "$I/$1.deb" > /dev/null
        inside dpkg -i "/$1.deb" > "$W/dpkg" || { cat "$W/dpkg"; exit 1; }
      }
      # what packages of programs that are there have made, if it has been lost
      package base << 'END'
      getent group mail > /dev/null || groupadd -g 8 mail
      getent passwd mail > /dev/null || useradd -u 8 -g mail -M -d /var/mail -s /usr/sbin/nologin mail
      getent passwd sshd > /dev/null || useradd --system -M -d /run/sshd -s /usr/sbin/nologin sshd
      END
      mkdir -p "$W/daemon/usr/lib/daemon"; echo program > "$W/daemon/usr/lib/daemon/helper"
      package daemon << 'END'
      groupadd --system daemonic
      useradd --system -M -g daemonic daemonic
      dpkg-statoverride --update --add root daemonic 4750 /usr/lib/daemon/helper
      END
      eq statoverride 'root daemonic 4750' "$(within stat -c '%U %G %a' /usr/lib/daemon/helper)"
      """;

  private static final String EVENING =
      """
      userdel -r bob 2> /dev/null
      person -u 4003 carol; usermod -aG physics carol; chsh -s /bin/dash alice
      within useradd -M -u 4500 own
      syschroot sync day
      eq 'is here' 'alice carol daemonic own' "$(within getent passwd alice carol daemonic own | cut -d: -f1 | paste -sd' ')"
      eq members 'alice,carol' "$(within getent group physics | cut -d: -f4)"
      eq shell /bin/dash "$(within getent passwd alice | cut -d: -f7)"
      if within id bob 2> /dev/null; then echo 'bob is still there'; exit 1; fi
      mkdir -p "$W/next"
      package next < /dev/null
      inside dpkg -P daemon next > /dev/null 2>&1
      printf 'Subject: hello\\n\\nto carol\\n' | as alice /usr/sbin/sendmail carol
      within_seconds 30 grep -q 'to carol' "$I/var/mail/carol"

      eq 'the image' '' "$(wrong within)"
      eq 'the host' "$(cat "$W/host-before")" "$(wrong command)"
      syschroot status day > "$W/status" || { cat "$W/status"; exit 1; }
      if grep -E 'stale|missing|foreign|extra' "$W/status"; then exit 1; fi
      syschroot doctor day --json > "$W/found" || true
      eq findings '' "$(grep -oE '"id": "(account|group|passwords|mount|hosts)[^"]*"' "$W/found" | sort -u)"
      syschroot umount day
      """;

  @ParameterizedTest
  @EnumSource
  void day_onARealImage_endsWithConsistentAccounts(Kind kind) throws Exception {
    Outcome outcome =
        AccountsSite.with(kind.tree()).run(MORNING + PACKAGES + kind.work() + EVENING);
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }
}
