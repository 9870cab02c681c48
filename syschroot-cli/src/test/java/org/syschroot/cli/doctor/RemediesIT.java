// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.AccountsSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.TestImages;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/**
 * The doctor's word holds: each fault is planted in a real image and found, what the doctor says is
 * done, word for word where it is a command, and then the finding is gone and nothing else is
 * worse, also after a new user, and after the mounts were made anew.
 */
@RequiresRoot
@RequiresCommand({"unshare", "useradd"})
class RemediesIT {
  private static final String BEGIN = "<!-- table made by RemediesIT -->\n";
  private static final String END = "<!-- end of the table -->\n";

  // "set X, then: Y" and the verbs "remove ... from mounts" and "add ... to consistent" are
  // commands here, so that the text itself is what is carried out.
  private static final String PRELUDE =
      """
      F=$W/conf/images.d/day.toml
      rm -f /etc/localtime /etc/resolv.conf /etc/mtab
      echo 'nameserver 192.0.2.1' > /etc/resolv.conf; cp /etc/resolv.conf "$I/etc/"
      cp /etc/hosts "$I/etc/hosts"; rm -f "$I/etc/localtime"
      zone() { printf 'TZif2x\\nCET-1CEST,M3.5.0,M10.5.0/3\\n'; }
      setting() { sed -i "/^${1%% =*} = /d" "$F"; printf '%s\\n' "$1" >> "$F"; }
      # the words "remove ro from the mount of DIR" and "add a table [submit] with scheduler = NAME"
      remove() {
        if [ "$1" = ro ]; then sed -i '/^mounts = /s/:ro"/"/' "$F"; return; fi
        for word; do case $word in /*) sed -i "s|, \\"${word%,}\\"||" "$F";; esac; done
      }
      add() {
        if [ "$2" = table ]; then printf '%s\\n%s = "%s"\\n' "$3" "$5" "$7" >> "$F"; return; fi
        for word; do [ "$word" != to ] || break; word=${word%,}
              case $word in accounts) setting 'accounts = "merged"';; *) setting "consistent = [\\"$word\\"]";; esac; done
      }
      mount -t tmpfs -o mode=755 tmpfs /var/spool
      launchers() { printf '[launchers]\\ndirectory = "%s"\\nnames = ["sh"]\\n' "$W/bin" >> "$F"; mkdir -p "$W/bin"; syschroot mount -q day 2> /dev/null; }
      look() { syschroot doctor day --json > "$W/found" 2> /dev/null || true; }
      findings() { cat "$W/found"; }
      ids() { findings | awk -F'"' '$2 == "id" {id = $4} $2 == "severity" && $4 != "notice" {print id}' | sort -u; }
      remedy() { findings | awk -v id="$1" '$0 ~ "\\"id\\": \\"" id "\\"" {mine = 1} mine && /"remedy": / {sub(/^ *"remedy": "/, ""); sub(/",$/, ""); gsub(/\\\\"/, "\\""); print; exit}'; }
      carry_out() {
        case $1 in
          'set '*', then: '*) line=${1#set }; setting "${line%%, then: *}"; eval "${1##*, then: }";;
          *) eval "$(printf '%s' "$1" | sed 's/, then:* /; /g')";;
        esac
      }
      mounts='mounts = ["standard"]'
      """;

  private static final String PROOF =
      """
      look; ids > "$W/before"
      text=$(remedy "$ID")
      [ -n "$text" ] || { echo "not found: $ID"; findings; exit 1; }
      by_hand || carry_out "$text"
      look; ids > "$W/after"
      if findings | grep -q "\\"id\\": \\"$ID\\""; then echo "still there: $ID"; findings; exit 1; fi
      eq 'nothing else is worse' '' "$(comm -13 "$W/before" "$W/after")"
      user -u 4990 newcomer; within useradd --system newdaemon
      syschroot umount day > /dev/null 2>&1 || true
      syschroot mount -q day > /dev/null 2>&1 || true
      look
      if findings | grep -q "\\"id\\": \\"$ID\\""; then echo "there again: $ID"; findings; exit 1; fi
      syschroot umount day > /dev/null 2>&1 || true
      printf '%s\\n' "$text" | sed "s|$I|ROOT|g; s|day|IMAGE|g"
      """;

  /** A fault: how it is planted, and what somebody does where the remedy is no command. */
  private record Fault(String id, String planted, String byHand) {
    Fault(String id, String planted) {
      this(id, planted, "return 1");
    }
  }

  private static final List<Fault> FAULTS =
      List.of(
          new Fault("account-missing", "user -u 4001 alice"),
          new Fault("account-differs", "user -u 4001 alice; within useradd -M -u 4009 alice"),
          new Fault("group-missing", "groupadd -g 4100 physics; within groupadd -g 4101 other"),
          new Fault("group-differs", "groupadd -g 4100 physics; within groupadd -g 4101 physics"),
          new Fault("hosts-differ", "echo '192.0.2.7 fs1' >> /etc/hosts"),
          new Fault(
              "resolver-differs",
              "ln -sf ../run/systemd/resolve/stub-resolv.conf \"$I/etc/resolv.conf\""),
          new Fault("time-zone-differs", "zone > /etc/localtime"),
          new Fault("mtab-missing", "ln -s ../proc/self/mounts /etc/mtab; rm -f \"$I/etc/mtab\""),
          new Fault(
              "mtab-outdated",
              "ln -s ../proc/self/mounts /etc/mtab; rm -f \"$I/etc/mtab\"; echo old > \"$I/etc/mtab\""),
          new Fault(
              "passwords-unknown",
              "setting 'accounts = \"merged\"'; user -u 4001 alice; syschroot sync day;"
                  + " cp -p \"$I/usr/bin/su\" \"$I/usr/bin/sudo\""),
          new Fault(
              "account-clash",
              "setting 'accounts = \"merged\"'; user -u 4001 alice; within useradd -M -u 4001 own;"
                  + " syschroot sync day",
              "syschroot run day -d / -- usermod -u 4500 own; syschroot run day -d / -- groupmod -g"
                  + " 4500 own; syschroot sync day; return 0"),
          new Fault("mount-missing", ":"),
          new Fault(
              "mount-outdated",
              "echo one > /etc/motd2; touch \"$I/etc/motd2\"; mounts='mounts = [\"standard\","
                  + " \"/etc/motd2\"]'; setting \"$mounts\"; syschroot mount -q day 2> /dev/null;"
                  + " echo two > /etc/motd3; mv /etc/motd3 /etc/motd2"),
          new Fault(
              "mount-of-replaced-file",
              "setting 'mounts = [\"standard\", \"/etc/passwd\", \"/etc/group\"]'; user -u 4001 alice"),
          new Fault(
              "mount-covers-another-file",
              "zone > /etc/localtime; mkdir -p \"$I/usr/share/zoneinfo/Etc\"; echo utc >"
                  + " \"$I/usr/share/zoneinfo/Etc/UTC\"; ln -sf /usr/share/zoneinfo/Etc/UTC"
                  + " \"$I/etc/localtime\"; setting 'mounts = [\"standard\", \"/etc/localtime\"]'"),
          new Fault("launcher-missing", "launchers"),
          new Fault(
              "launcher-outdated",
              "launchers; syschroot link day > /dev/null; printf '[environment]\\nset = { A = \"b\" }\\n' >>"
                  + " \"$F\""),
          new Fault(
              "launcher-foreign",
              "launchers; echo mine > \"$W/bin/sh\"",
              "mv \"$W/bin/sh\" \"$W/bin/sh.mine\"; syschroot link day > /dev/null; return 0"),
          new Fault(
              "job-spool-missing",
              "mkdir -p /var/spool/slurmd; launchers; syschroot link day > /dev/null"),
          new Fault(
              "job-spool-read-only",
              "mkdir -p /var/spool/slurmd; setting 'mounts = [\"standard\","
                  + " \"/var/spool/slurmd:/var/spool/slurmd:ro\"]'; launchers; syschroot link day >"
                  + " /dev/null"),
          new Fault("image-noexec", "mount -o remount,noexec \"$I\""),
          new Fault("image-nosuid", "mount -o remount,nosuid \"$I\""),
          new Fault(
              "loader-missing",
              "L=$(readlink -f \"$I/lib/ld-linux.so.2\" | sed \"s|^$I||\"); mv \"$I/lib/ld-linux.so.2\" \"$W/ld\"",
              "mv \"$W/ld\" \"$I/lib/ld-linux.so.2\"; return 0"),
          new Fault(
              "shell-library-missing",
              "C=\"$I/lib/i386-linux-gnu/libc.so.6\"; mv \"$C\" \"$W/libc\"",
              "mv \"$W/libc\" \"$C\"; return 0"),
          new Fault(
              "mount-point-missing",
              "ln -s loop \"$I/loop\"; setting 'mounts = [\"standard\", \"/opt:/loop\"]'",
              "rm \"$I/loop\"; return 0"));

  private static String remedyOf(Fault fault) throws IOException, InterruptedException {
    Outcome outcome =
        AccountsSite.withDeb32()
            .run(
                "echo 'mounts = [\"standard\"]' | settings\nID="
                    + fault.id
                    + "\n"
                    + PRELUDE
                    + "by_hand() { "
                    + fault.byHand
                    + "; }\n"
                    + fault.planted
                    + "\n"
                    + PROOF);
    assertThat(outcome.status()).as("%s: %s", fault.id, outcome).isZero();
    List<String> lines = outcome.outText().lines().toList();
    return lines.get(lines.size() - 1);
  }

  @Test
  void remedies_carriedOutOnARealImage_mendWhatWasFound() throws Exception {
    StringBuilder table =
        new StringBuilder("| finding | remedy | done in the test |\n|---|---|---|\n");
    List<String> failures = new ArrayList<>();
    for (Fault fault : FAULTS) {
      try {
        String remedy = remedyOf(fault);
        String how = fault.byHand.equals("return 1") ? "word for word" : "by hand";
        table.append("| `" + fault.id + "` | " + remedy.replace("|", "\\|") + " | " + how + " |\n");
      } catch (AssertionError e) {
        failures.add(String.valueOf(e.getMessage()));
      }
    }
    assertThat(failures).isEmpty();
    Path page = TestImages.checkout().resolve("docs/doctor.md");
    String text = Files.readString(page);
    int begin = text.indexOf(BEGIN) + BEGIN.length();
    String expected = text.substring(0, begin) + table + text.substring(text.indexOf(END));
    if (Boolean.getBoolean("syschroot.tests.rewritePages")) {
      Files.writeString(page, expected);
    }
    assertThat(Files.readString(page)).isEqualTo(expected);
  }

  @Test
  void doctor_imageThatFollowsTheHost_hasNoFalseAlarm() throws Exception {
    Outcome outcome =
        AccountsSite.withDeb32()
            .run(
                """
                printf 'accounts = "merged"\\nconsistent = ["resolver", "hosts", "timezone", "mtab"]\\nmounts = ["standard", "/home"]\\n' | settings
                """
                    + PRELUDE
                    + """
                user -u 4001 alice
                syschroot mount -q day 2> /dev/null
                look
                eq findings '' "$(ids | grep -v -e locale-missing -e dev-log-unreachable -e mount-extra -e login-shell-missing)"
                syschroot umount day
                """);
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }
}
