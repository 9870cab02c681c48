// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.cli.AccountsSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.TestImages;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/**
 * Images as they are made, with nothing wrong in them: what the doctor warns of really happens, and
 * when they follow the host it finds nothing. The heavy dose has all ten, which it downloads; each
 * run has those that are kept from earlier ones, and asks {@code -q} and unmounts one of them.
 */
@RequiresRoot
@RequiresCommand({"unshare", "useradd", "debootstrap", "umoci"})
class UntouchedImagesIT {
  private static final int ALL = 10;

  /** An image, and what makes it. */
  record Untouched(String name, Making making) {
    boolean isOfEachRun() {
      return name.equals("bookworm i386");
    }

    interface Making {
      Path tree() throws IOException, InterruptedException;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Untouched> images() throws IOException {
    List<Untouched> images = new ArrayList<>();
    for (String suite : List.of("bullseye", "bookworm", "trixie", "sid")) {
      for (String arch : List.of("i386", "amd64")) {
        boolean isOfEachRun = suite.equals("bookworm") && arch.equals("i386");
        if (isOfEachRun || Dose.isHeavy() || TestImages.hasDebian(suite, arch)) {
          images.add(new Untouched(suite + " " + arch, () -> TestImages.debian(suite, arch)));
        }
      }
    }
    images.add(new Untouched("container", TestImages::container));
    images.add(new Untouched("of the host", TestImages::ofHost));
    return images;
  }

  private static final String LOOK =
      """
      user -u 4001 alice
      look() { syschroot doctor day --json > "$W/found" 2> "$W/err" || true; }
      # the ids of what is no notice
      ids() { awk -F'"' '$2 == "id" {id = $4} $2 == "severity" && $4 != "notice" {print id}' "$W/found" | sort -u; }
      effect() { grep -A2 "\\"id\\": \\"$1\\"" "$W/found" | sed -n 's/.*"effect": "\\(.*\\)",/\\1/p'; }
      """;

  private static final String QUIET =
      """
      syschroot doctor -q day > "$W/quiet" 2>&1
      eq quiet '' "$(cat "$W/quiet")"
      syschroot umount day
      """;

  @ParameterizedTest
  @MethodSource("images")
  void doctor_asMade_warnsOfNothingThatDoesNotHappen(Untouched image) throws Exception {
    run(
        image,
        """
        printf 'accounts = "merged"\nmounts = ["standard", "/home"]\n' | settings
        syschroot sync day
        look
        # Without a network, as name servers may know what the files do not.
        addresses() { unshare --net "$@" getent ahosts "$name" | cut -d' ' -f1 | sort -u; }
        for id in $(ids); do
          case $id in
          hosts-differ)
            names=$(effect hosts-differ | sed 's/.*: //; s/,//g')
            [ -n "$names" ]
            for name in $names; do
              if [ "$(addresses)" = "$(addresses chroot "$I")" ]; then echo "$name is known"; exit 1; fi
            done;;
          resolver-differs)
            servers() { grep -E '^(nameserver|search|domain|options)' "$1" || true; }
            if [ "$(servers /etc/resolv.conf)" = "$(servers "$I/etc/resolv.conf")" ]; then echo 'same servers'; exit 1; fi;;
          *) echo "a false alarm, or one that this test cannot tell from one: $id"; cat "$W/found"; exit 1;;
          esac
        done
        """);
  }

  @ParameterizedTest
  @MethodSource("images")
  void doctor_followsTheHost_findsNothing(Untouched image) throws Exception {
    run(
        image,
        """
        { echo 'accounts = "merged"'; echo 'mounts = ["standard", "/home"]'
          echo 'consistent = ["resolver", "hosts", "timezone", "mtab", "locale", "certificates"]'; } | settings
        syschroot mount -q day
        look
        eq findings '' "$(ids)"
        """
            + (image.isOfEachRun() || Dose.isHeavy() ? QUIET : ""));
  }

  @Test
  void images_heavyDose_areTen() throws Exception {
    assertThat(images()).hasSizeBetween(Dose.isHeavy() ? ALL : 3, ALL);
  }

  private static void run(Untouched image, String script) throws Exception {
    Outcome outcome = AccountsSite.with(image.making().tree()).run(LOOK + script);
    assertThat(outcome.status()).as("%s: %s", image, outcome).isZero();
  }
}
