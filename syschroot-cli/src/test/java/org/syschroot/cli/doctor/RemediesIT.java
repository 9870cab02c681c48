// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.AccountsSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.doctor.PlantedFaults.Fault;
import org.syschroot.cli.doctor.PlantedFaults.Site;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/**
 * The doctor's word holds: each fault is planted in a real image and found, what the doctor says is
 * done, word for word where it is a command, and then the finding is gone and nothing else is
 * worse, also after a new user, and after the mounts were made anew.
 *
 * <p>Every run does all of them, several in one image; the heavy dose has an image for each.
 */
@RequiresRoot
@RequiresCommand({"unshare", "useradd", "strip"})
class RemediesIT {
  private static final String BEGIN = "<!-- table made by RemediesIT -->\n";
  private static final Pattern ID = Pattern.compile("`([a-z0-9-]+)`");
  private static final String END = "<!-- end of the table -->\n";

  // "set X, then: Y" and the verbs "remove ... from mounts" and "add ... to consistent" are
  // commands here, so that the text itself is what is carried out.
  private static final String PRELUDE =
      """
      F=$W/conf/images.d/day.toml
      cp /etc/resolv.conf "$W/resolv.conf"
      rm -f /etc/localtime /etc/resolv.conf /etc/mtab
      echo 'nameserver 192.0.2.1' > /etc/resolv.conf; cp /etc/resolv.conf "$I/etc/"
      cp /etc/hosts "$I/etc/hosts"; rm -f "$I/etc/localtime"
      zone() { printf 'TZif2x\\nCET-1CEST,M3.5.0,M10.5.0/3\\n'; }
      # A setting stands above all tables; what is kept consistent is added to what is already.
      setting() {
        key=${1%% =*}; line=$1
        kept=$(sed -n 's/^consistent = \\[\\(.*\\)\\]$/\\1/p' "$F")
        if [ "$key" = consistent ] && [ -n "$kept" ]; then line="consistent = [$kept, ${1#*[}"; fi
        { printf '%s\\n' "$line"; sed "/^$key = /d" "$F"; } > "$W/new"; cat "$W/new" > "$F"
      }
      mounts_too() { sed -i "/^mounts = /s|]|, \\"$1\\"]|" "$F"; }
      # the words "remove ro from the mount of DIR" and "add a table [submit] with scheduler = NAME"
      remove() {
        if [ "$1" = ro ]; then sed -i '/^mounts = /s/:ro"/"/' "$F"; return; fi
        for word; do case $word in /*) sed -i "s|, \\"${word%,}\\"||" "$F";; esac; done
      }
      add() {
        if [ "$2" = table ]; then printf '%s\\n%s = "%s"\\n' "$3" "$5" "$7" >> "$F"; return; fi
        if [ "$2" = file ]; then cp /etc/ld.so.conf.d/of-the-host.conf "$7"; return; fi
        case "$*" in *' to mounts') for word; do case $word in /*) sed -i "/^mounts = /s|]|, \\"${word%,}\\"]|" "$F";; esac; done; return;; esac
        for word; do [ "$word" != to ] || break; word=${word%,}
              case $word in accounts) setting 'accounts = "merged"';; *) setting "consistent = [\\"$word\\"]";; esac; done
      }
      mount -t tmpfs -o mode=755 tmpfs /var/spool
      launchers() {
        [ ! -d "$W/bin" ] || return 0
        printf '[launchers]\\ndirectory = "%s"\\nnames = ["ls", "sh"]\\n' "$W/bin" >> "$F"
        mkdir -p "$W/bin"; syschroot mount -q day 2> /dev/null
      }
      linked() { launchers; [ -e "$W/bin/sh" ] || syschroot link day > /dev/null; }
      look() { syschroot doctor day --json > "$W/found" 2> /dev/null || true; }
      findings() { cat "$W/found"; }
      ids() { findings | awk -F'"' '$2 == "id" {id = $4} $2 == "severity" && $4 != "notice" {print id}' | sort -u; }
      remedy() { findings | awk -v id="$1" '$0 ~ "\\"id\\": \\"" id "\\"" {mine = 1} mine && /"remedy": / {sub(/^ *"remedy": "/, ""); sub(/",$/, ""); gsub(/\\\\"/, "\\""); print; exit}'; }
      # the words "install PACKAGE (Debian) or ... in the image"
      install() {
        package=$1; [ "$1" != --reinstall ] || package="$1 $2"
        cp "$I/etc/resolv.conf" "$W/of-the-image"; cp "$W/resolv.conf" "$I/etc/resolv.conf"
        printf '#!/bin/sh\\nexit 101\\n' > "$I/usr/sbin/policy-rc.d"; chmod 755 "$I/usr/sbin/policy-rc.d"
        syschroot run -d / --env DEBIAN_FRONTEND=noninteractive day -- sh -c "{ [ -e /updated ] || apt-get update -qq && touch /updated; } &&
          apt-get install -y -qq --no-install-recommends $package" > "$W/installed" 2>&1 || { cat "$W/installed"; return 1; }
        cp "$W/of-the-image" "$I/etc/resolv.conf"
      }
      carry_out() {
        case $1 in
          'set '*', then: '*) line=${1#set }; setting "${line%%, then: *}"; eval "${1##*, then: }";;
          *) eval "$(printf '%s' "$1" | sed 's/ ([A-Z][^)]*)[^,]*, then: /; /; s/, then:\\{0,1\\} /; /g')";;
        esac
      }
      """;

  // IDS are the faults in the order of planting; the last planted is the first to be mended.
  private static final String PROOF =
      """
      look; ids > "$W/before"
      n=0
      for id in $IDS; do
        n=$((n + 1)); text=$(remedy "$id"); printf '%s\\n' "$text" > "$W/text.$n"
        [ -n "$text" ] || { echo "not found: $id"; findings; exit 1; }
      done
      for ((i = n; i > 0; i--)); do by_hand $i || carry_out "$(cat "$W/text.$i")"; done
      none_left() {
        look
        for id in $IDS; do
          if findings | grep -q "\\"id\\": \\"$id\\""; then echo "$1: $id"; findings; exit 1; fi
        done
      }
      none_left 'still there'; ids > "$W/after"
      eq 'nothing else is worse' '' "$(comm -13 "$W/before" "$W/after")"
      user -u 4990 newcomer; within useradd --system newdaemon
      syschroot umount day > /dev/null 2>&1 || true
      syschroot mount -q day > /dev/null 2>&1 || true
      none_left 'there again'
      syschroot umount day > /dev/null 2>&1 || true
      for ((i = 1; i <= n; i++)); do sed "s|$I|ROOT|g; s|day|IMAGE|g" "$W/text.$i"; done
      """;

  private static final String KERNEL = "it takes another kernel, or other words at its start";
  private static final String MACHINE = "it takes another machine";

  /** Remedies that no test can carry out, and why. */
  private static final Map<String, String> NOT_CARRIED_OUT =
      Map.ofEntries(
          Map.entry("kernel-too-old", KERNEL),
          Map.entry("vsyscall-missing", KERNEL),
          Map.entry("i386-emulation-missing", KERNEL),
          Map.entry("x32-missing", KERNEL),
          Map.entry("arm32-missing", MACHINE),
          Map.entry("cpu-too-old", MACHINE),
          Map.entry("foreign-architecture", "emulators are registered for the whole machine"),
          Map.entry("emulator-missing", "emulators are registered for the whole machine"),
          Map.entry("automounts-cut-off", "the propagation of / is decided at boot"),
          Map.entry("job-directory-shared", "it takes a job of a scheduler: SlurmPrivateTmpIT"),
          Map.entry("mount-stale", "it takes a server that has lost a directory, and has it again"),
          Map.entry("dev-log-unreachable", "it takes a daemon: SyslogTestCommandIT, SyslogRelayIT"),
          Map.entry("inode-too-large", "it takes a filesystem with more than 2^32 inodes"),
          Map.entry("file-too-large", "which files can be split, their owner knows"),
          Map.entry("image-root-missing", "nothing else can be found before, so all else is new"),
          Map.entry("image-partly-looked-at", "what is to be looked at by hand differs each time"),
          Map.entry("check-incomplete", "what is in the way differs each time"));

  /** Whatever the page lists as an error or a warning has its remedy carried out, or a reason. */
  @Test
  void remedies_ofEveryErrorAndWarning_areCarriedOutOrHaveAReason() throws IOException {
    String text = Files.readString(TestImages.checkout().resolve("docs/doctor.md"));
    Set<String> listed = new TreeSet<>();
    for (String line : text.substring(0, text.indexOf(BEGIN)).lines().toList()) {
      String[] cells = line.split("\\|");
      if (cells.length > 3 && cells[2].matches(".*(error|warning).*") && cells[1].contains("`")) {
        ID.matcher(cells[1]).results().forEach(id -> listed.add(id.group(1)));
      }
    }
    listed.remove("error"); // the table of severities
    listed.remove("warning");
    Set<String> proven =
        PlantedFaults.TOGETHER.stream()
            .flatMap(site -> site.faults().stream())
            .map(Fault::id)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(NOT_CARRIED_OUT.keySet()).doesNotContainAnyElementsOf(proven);
    proven.addAll(NOT_CARRIED_OUT.keySet());
    assertThat(listed).hasSizeGreaterThan(60);
    String shown =
        text.substring(text.indexOf("| finding | remedy"), text.indexOf("| finding | why its"));
    assertThat(shown)
        .doesNotContain("run as root", "chown root /", "go-w")
        .doesNotContainPattern("[a-z][A-Z]");
    assertThat(proven).containsAll(listed);
  }

  /** Returns the rows of a site's faults in the table, by their finding. */
  private static SortedMap<String, String> rowsOf(Site site, Path tree)
      throws IOException, InterruptedException {
    List<Fault> faults = site.faults();
    StringBuilder script = new StringBuilder("echo 'mounts = [\"standard\"]' | settings\nIDS='");
    faults.forEach(fault -> script.append(fault.id()).append(' '));
    script.append("'\n").append(PRELUDE).append("by_hand() {\ncase $1 in\n");
    for (int i = 0; i < faults.size(); i++) {
      if (!faults.get(i).byHand().isEmpty()) {
        script.append(i + 1).append(") ").append(faults.get(i).byHand()).append("; return 0;;\n");
      }
    }
    script.append("esac\nreturn 1\n}\n");
    faults.forEach(fault -> script.append(fault.planted()).append('\n'));
    Outcome outcome = AccountsSite.with(tree).run(script + PROOF);
    assertThat(outcome.status()).as("%s: %s", faults, outcome).isZero();
    List<String> lines = outcome.outText().lines().toList();
    SortedMap<String, String> rows = new TreeMap<>();
    for (int i = 0; i < faults.size(); i++) {
      String remedy = lines.get(lines.size() - faults.size() + i).replace("|", "\\|");
      String how = faults.get(i).byHand().isEmpty() ? "word for word" : "by hand";
      rows.put(
          faults.get(i).id(), "| `" + faults.get(i).id() + "` | " + remedy + " | " + how + " |\n");
    }
    return rows;
  }

  @Test
  void remedies_carriedOutOnARealImage_mendWhatWasFound() throws Exception {
    List<Site> all =
        Dose.isHeavy()
            ? PlantedFaults.TOGETHER.stream().flatMap(Site::each).toList()
            : PlantedFaults.TOGETHER;
    SortedMap<String, String> rows = new TreeMap<>();
    List<String> failures = new ArrayList<>();
    ExecutorService sites = Executors.newFixedThreadPool(2); // each in namespaces of its own
    try {
      List<Future<SortedMap<String, String>>> mended = new ArrayList<>();
      for (Site site : all) {
        Path tree = TestImages.debian(site.suite(), "i386");
        mended.add(sites.submit(() -> rowsOf(site, tree)));
      }
      for (Future<SortedMap<String, String>> each : mended) {
        try {
          rows.putAll(each.get());
        } catch (ExecutionException e) {
          failures.add(String.valueOf(e.getCause()));
        }
      }
    } finally {
      sites.shutdownNow();
    }
    assertThat(failures).isEmpty();
    StringBuilder table =
        new StringBuilder("| finding | remedy | done in the test |\n|---|---|---|\n");
    rows.values().forEach(table::append);
    table.append("\n| finding | why its remedy is not carried out |\n|---|---|\n");
    new TreeMap<>(NOT_CARRIED_OUT)
        .forEach((id, reason) -> table.append("| `" + id + "` | " + reason + " |\n"));
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
