// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** What the doctor and the uname wrapper make of an image whose package database is rpm's. */
@RequiresRoot
@RequiresCommand({"debootstrap", "rpm", "rpmbuild", "dnf", "createrepo_c", "unshare"})
class RpmImageIT {
  private static final String PRELUDE =
      """
      settings < /dev/null
      look() { syschroot doctor day --json > "$W/found" 2> "$W/said" || [ $? = 1 ] || { cat "$W/said"; exit 1; }; }
      has() { grep -q "\\"id\\": \\"$1\\"" "$W/found"; }
      says() { grep -q -e "$1" "$W/found" || { echo "not said: $1"; cat "$W/found"; exit 1; }; }
      rpms() { rpm --root "$I" --dbpath /var/lib/rpm "$@"; }
      """;

  private static void run(String script) throws Exception {
    Outcome outcome =
        AccountsSite.with(TestImages.rpm32())
            .run(
                "UPDATES="
                    + TestImages.rpmPackages().packages("updates")
                    + "\n"
                    + PRELUDE
                    + script);
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }

  @Test
  void doctor_imageOfPackages_knowsTheirFilesAndChangesNothing() throws Exception {
    run(
        """
        find "$I/var/lib/rpm" -printf '%p %s %T@\\n' | sort > "$W/before"
        look
        find "$I/var/lib/rpm" -printf '%p %s %T@\\n' | sort > "$W/after"
        cmp "$W/before" "$W/after"
        ! has privileged-file-unknown || exit 1
        ! has privileged-files-unchecked || exit 1
        eq packaged 2 "$(grep -c '"packaged": "yes"' "$W/found")"
        says 'CVE-2024-2961'
        ! grep CVE-2023-4911 "$W/found" || exit 1 # the changelog of the package names it
        says 'the changelog of the package 2.36-1 does not name them'

        cp "$I/usr/bin/su" "$I/usr/bin/rootme"; chmod 4755 "$I/usr/bin/rootme"
        look
        has privileged-file-unknown
        says "$I/usr/bin/rootme"
        chmod ug-s "$I/usr/bin/rootme"
        look
        ! has privileged-file-unknown || exit 1
        """);
  }

  @Test
  void doctor_hostWithoutRpm_saysWhatToInstall() throws Exception {
    run(
        """
        mount --bind /dev/null /usr/bin/rpm
        look
        has privileged-files-unchecked
        says 'the host has no rpm to read it'
        says 'apt-get install rpm'
        umount /usr/bin/rpm
        look
        ! has privileged-files-unchecked || exit 1
        """);
  }

  /**
   * A database that is damaged, or that cannot be waited for, is no reason to call files unknown.
   */
  @Test
  void doctor_damagedDatabase_isToldOnce() throws Exception {
    run(
        """
        head -c 1000000 /dev/urandom > "$I/var/lib/rpm/rpmdb.sqlite"
        rm -f "$I"/var/lib/rpm/rpmdb.sqlite-*
        look
        has privileged-files-unchecked
        ! has privileged-file-unknown || exit 1
        says "the host's rpm cannot read the image's database: "
        says 'CVE-2023-4911' # the changelog is not known
        ! has check-incomplete || exit 1
        """);
  }

  @Test
  void unameWrapper_packageIsUpdated_isToldAndMended() throws Exception {
    run(
        """
        eq without x86_64 "$(within uname -m)"
        syschroot uname-wrapper day --install
        eq wrapped i686 "$(within uname -m)"
        rpms -U --nodeps "$UPDATES"/coreutils-9.1-*.rpm
        eq overwritten x86_64 "$(within uname -m)"
        syschroot uname-wrapper day --status && exit 1
        look
        has uname-wrapper-overwritten
        says 'syschroot uname-wrapper --install day'
        syschroot uname-wrapper --install day
        eq again i686 "$(within uname -m)"
        look
        ! has uname-wrapper-overwritten || exit 1
        tail -n 1 "$I/usr/bin/uname.bin" | grep -q later # it is that of the update
        syschroot uname-wrapper day --remove
        eq removed x86_64 "$(within uname -m)"
        eq verified '' "$(rpms --verify --nodeps coreutils)"
        """);
  }
}
