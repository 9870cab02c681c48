// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import java.util.List;
import java.util.stream.Stream;

/**
 * The faults whose remedies {@link RemediesIT} carries out. They are planted by its functions of
 * the shell, in an image at {@code $I} whose settings are in {@code $F}; {@code $W} is a place
 * beside.
 */
final class PlantedFaults {
  private PlantedFaults() {}

  /**
   * A fault: how it is planted, and what somebody does where the remedy is no command, else empty.
   */
  record Fault(String id, String planted, String byHand) {
    Fault(String id, String planted) {
      this(id, planted, "");
    }
  }

  /**
   * Faults that do not get in each other's way, neither they nor their remedies, and the release of
   * Debian they are planted in.
   */
  record Site(String suite, List<Fault> faults) {
    Stream<Site> each() {
      return faults.stream().map(fault -> new Site(suite, List.of(fault)));
    }
  }

  /** All of them. An image for several takes a quarter of the time of an image for each. */
  static final List<Site> TOGETHER =
      List.of(
          new Site(
              "bookworm",
              List.of(
                  new Fault("mount-missing", ":"),
                  new Fault("account-missing", "user -u 4001 alice"),
                  new Fault("account-differs", "user -u 4002 bob; within useradd -M -u 4009 bob"),
                  new Fault(
                      "group-missing", "groupadd -g 4100 physics; within groupadd -g 4101 other"),
                  new Fault(
                      "group-differs", "groupadd -g 4102 optics; within groupadd -g 4103 optics"),
                  new Fault("hosts-differ", "echo '192.0.2.7 fs1' >> /etc/hosts"),
                  new Fault(
                      "resolver-differs",
                      "ln -sf ../run/systemd/resolve/stub-resolv.conf \"$I/etc/resolv.conf\""),
                  new Fault("time-zone-differs", "zone > /etc/localtime"),
                  new Fault(
                      "mtab-missing", "ln -s ../proc/self/mounts /etc/mtab; rm -f \"$I/etc/mtab\""),
                  new Fault(
                      "directory-open-to-all",
                      "mkdir -m 777 \"$I/var/open\"",
                      "chmod +t \"$I/var/open\""),
                  new Fault(
                      "file-open-to-all",
                      "echo > \"$I/var/opened\"; chmod 666 \"$I/var/opened\"",
                      "chmod o-w \"$I/var/opened\""),
                  new Fault(
                      "privileged-file-unknown",
                      "cp \"$I/bin/ls\" \"$I/bin/rootme\"; chmod 4755 \"$I/bin/rootme\"",
                      "chmod ug-s \"$I/bin/rootme\""))),
          new Site(
              "bookworm",
              List.of(
                  new Fault(
                      "passwords-unknown",
                      "setting 'accounts = \"merged\"'; user -u 4002 carol; syschroot sync day; cp -p \"$I/usr/bin/su\" \"$I/usr/bin/sudo\""),
                  new Fault(
                      "account-clash",
                      "setting 'accounts = \"merged\"'; user -u 4001 alice; within useradd -M -u 4001 own; syschroot sync day",
                      "syschroot run day -d / -- usermod -u 4500 own; syschroot run day -d / -- groupmod -g 4500 own; syschroot sync day"),
                  new Fault(
                      "mtab-outdated",
                      "ln -s ../proc/self/mounts /etc/mtab; rm -f \"$I/etc/mtab\"; echo old > \"$I/etc/mtab\""),
                  new Fault(
                      "image-writable-by-others",
                      "chmod o+w \"$I/etc/passwd\"",
                      "chmod o-w \"$I/etc/passwd\""),
                  new Fault(
                      "image-writable-by-group",
                      "chgrp 50 \"$I/etc\"; chmod g+w \"$I/etc\"",
                      "chmod g-w \"$I/etc\""))),
          new Site(
              "bookworm",
              List.of(
                  new Fault(
                      "mount-of-replaced-file",
                      "mounts_too /etc/passwd; mounts_too /etc/group; user -u 4001 alice"),
                  new Fault(
                      "uname-wrapper-outdated",
                      "syschroot uname-wrapper --install day; echo \"# old\" >> \"$I/bin/uname\""),
                  new Fault(
                      "configured-shell-missing",
                      "setting 'shell = \"/bin/zsh\"'",
                      "setting 'shell = \"/bin/bash\"'"),
                  new Fault(
                      "shell-library-missing",
                      "C=\"$I/lib/i386-linux-gnu/libc.so.6\"; mv \"$C\" \"$W/libc\"",
                      "mv \"$W/libc\" \"$C\""))),
          new Site(
              "bookworm",
              List.of(
                  new Fault(
                      "mount-outdated",
                      "echo one > /etc/motd2; touch \"$I/etc/motd2\"; mounts_too /etc/motd2; syschroot mount -q day 2> /dev/null; echo two > /etc/motd3; mv /etc/motd3 /etc/motd2"),
                  new Fault(
                      "library-path-differs",
                      "mount -t tmpfs tmpfs /opt; mkdir /opt/lib; echo /opt/lib > /etc/ld.so.conf.d/of-the-host.conf; mounts_too /opt"),
                  new Fault("shell-missing", "rm \"$I/bin/sh\"", "ln -s dash \"$I/bin/sh\""),
                  new Fault(
                      "configuration-writable-by-others", "chmod o+w \"$F\"", "chmod o-w \"$F\""))),
          new Site(
              "bookworm",
              List.of(
                  new Fault(
                      "name-service-socket-missing",
                      "sed -i 's/^passwd:.*/passwd: files ldap/' /etc/nsswitch.conf; mkdir /run/nslcd"),
                  new Fault(
                      "library-cache-outdated", "rm \"$I\"/usr/lib/i386-linux-gnu/libss.so.2*"),
                  new Fault(
                      "mount-point-missing",
                      "ln -s loop \"$I/loop\"; mounts_too /opt:/loop",
                      "rm \"$I/loop\""),
                  new Fault(
                      "mount-foreign", "mount -t tmpfs tmpfs \"$I/tmp\"", "umount \"$I/tmp\""),
                  new Fault(
                      "mount-extra", "mount -t tmpfs tmpfs \"$I/mnt\"", "umount \"$I/mnt\""))),
          new Site(
              "bookworm",
              List.of(
                  new Fault("job-spool-missing", "mkdir -p /var/spool/slurmd; linked"),
                  new Fault(
                      "launcher-outdated",
                      "linked; printf '[environment]\\nset = { A = \"b\" }\\n' >> \"$F\""),
                  new Fault(
                      "launcher-foreign",
                      "linked; echo mine > \"$W/bin/ls\"",
                      "mv \"$W/bin/ls\" \"$W/bin/ls.mine\"; syschroot link day > /dev/null"),
                  new Fault(
                      "launcher-program-missing",
                      "linked; sed -i \"s/\\\"sh\\\"\\]/\\\"sh\\\", \\\"zsh\\\"]/\" \"$F\"",
                      "sed -i \"s/, \\\"zsh\\\"//\" \"$F\""),
                  new Fault("launcher-root-closed", "linked; chmod 700 \"$W\""))),
          new Site(
              "bookworm",
              List.of(
                  new Fault("launcher-missing", "launchers"),
                  new Fault(
                      "mount-covers-another-file",
                      "zone > /etc/localtime; mkdir -p \"$I/usr/share/zoneinfo/Etc\"; echo utc > \"$I/usr/share/zoneinfo/Etc/UTC\"; ln -sf /usr/share/zoneinfo/Etc/UTC \"$I/etc/localtime\"; mounts_too /etc/localtime"),
                  new Fault("image-noexec", "mount -o remount,noexec \"$I\""))),
          new Site(
              "bookworm",
              List.of(
                  new Fault(
                      "job-spool-read-only",
                      "mkdir -p /var/spool/slurmd; mounts_too /var/spool/slurmd:/var/spool/slurmd:ro; linked"),
                  new Fault("launcher-link-missing", "linked; rm -r \"$I$W/bin\""),
                  new Fault("image-nosuid", "mount -o remount,nosuid \"$I\""))),
          new Site(
              "bookworm",
              List.of(
                  new Fault(
                      "launcher-outdated",
                      "linked; syschroot umount day; umount \"$I\"; cp -a \"$LOWER/.\" \"$I/\"; cp /etc/hosts /etc/resolv.conf \"$I/etc/\"; syschroot mount -q day 2> /dev/null; if \"$W/bin/sh\" -c true; then echo \"the launcher takes another root\"; exit 1; fi"))),
          new Site(
              "bookworm",
              List.of(
                  new Fault(
                      "loader-missing",
                      "L=$(readlink -f \"$I/lib/ld-linux.so.2\" | sed \"s|^$I||\"); mv \"$I/lib/ld-linux.so.2\" \"$W/ld\"",
                      "mv \"$W/ld\" \"$I/lib/ld-linux.so.2\""),
                  new Fault(
                      "image-root-untrusted",
                      "mkdir -p -m 777 \"$W/open\"; mkdir \"$W/open/i\"; mount --bind \"$I\" \"$W/open/i\"; setting \"root = \\\"$W/open/i\\\"\"",
                      "umount \"$W/open/i\"; setting \"root = \\\"$I\\\"\""),
                  new Fault(
                      "site-code-broken",
                      "mkdir \"$W/conf/lib\"; echo junk > \"$W/conf/lib/x.jar\"",
                      "rm \"$W/conf/lib/x.jar\""))),
          new Site(
              "bookworm",
              List.of(
                  new Fault(
                      "launcher-root",
                      "mkdir -p -m 1777 \"$W/open\"; mkdir \"$W/open/i\"; mount --bind \"$I\" \"$W/open/i\"; setting \"root = \\\"$W/open/i\\\"\"; launchers",
                      "syschroot umount day; umount \"$W/open/i\"; setting \"root = \\\"$I\\\"\"; syschroot mount -q day; syschroot link day"))),
          new Site(
              "bookworm",
              List.of(
                  new Fault(
                      "locale-missing",
                      "mount -t tmpfs tmpfs /usr/lib/locale; mkdir /usr/lib/locale/en_US.utf8; mkdir -p /etc/default; echo LANG=en_US.UTF-8 > /etc/default/locale"),
                  new Fault(
                      "printers-differ",
                      "install libcups2; mkdir -p /etc/cups; echo 'ServerName print.example.org' > /etc/cups/client.conf"),
                  new Fault(
                      "name-service-differs",
                      "install libnss-extrausers; sed -i 's/^passwd:.*/passwd: files extrausers/' /etc/nsswitch.conf",
                      "sed -i \"s/^passwd:.*/$(grep ^passwd: /etc/nsswitch.conf)/\" \"$I/etc/nsswitch.conf\""),
                  new Fault(
                      "login-shell-missing",
                      "user -u 4001 alice; usermod -s /bin/zsh alice",
                      "install zsh"),
                  new Fault(
                      "uname-wrapper-overwritten",
                      "syschroot uname-wrapper --install day; cp --remove-destination \"$I/bin/uname.bin\" \"$I/bin/uname\""),
                  new Fault(
                      "glibc-flaw",
                      "C=\"$I/lib/i386-linux-gnu/libc.so.6\"; cp \"$C\" \"$C.new\"; perl -pi -e \"s/deb12u\\d\\d\\)/deb12u02)/\" \"$C.new\"; mv \"$C.new\" \"$C\"",
                      "install --reinstall libc6"))),
          new Site(
              "bookworm",
              List.of(
                  new Fault(
                      "glibc-flaw-possible",
                      "C=\"$I/lib/i386-linux-gnu/libc.so.6\"; cp \"$C\" \"$C.new\"; perl -pi -e \"s/\\(Debian GLIBC \\S+\\)( stable release version [0-9.]+)\\./(GNU libc)\\$1.                    /\" \"$C.new\"; truncate -r \"$C\" \"$C.new\"; mv \"$C.new\" \"$C\"",
                      "install --reinstall libc6"),
                  new Fault(
                      "name-service-module-missing",
                      "sed -i 's/^passwd:.*/passwd: files extrausers/' /etc/nsswitch.conf \"$I/etc/nsswitch.conf\"",
                      "install libnss-extrausers"),
                  new Fault(
                      "uname-wrapper-broken",
                      "syschroot uname-wrapper --install day; rm \"$I/bin/uname.bin\"",
                      "install --reinstall coreutils"))),
          new Site(
              "bullseye",
              List.of(
                  new Fault(
                      "library-kernel-too-old",
                      "M=$(readlink -f \"$I/lib/i386-linux-gnu/libm.so.6\"); cp \"$M\" \"$M.new\"; perl -0777 -pi -e \"s/(\\x04\\0\\0\\0\\x10\\0\\0\\0\\x01\\0\\0\\0GNU\\0\\0\\0\\0\\0)\\x03\\0\\0\\0/\\$1\\x09\\0\\0\\0/\" \"$M.new\"; mv \"$M.new\" \"$M\"",
                      "strip --remove-section=.note.ABI-tag \"$M\""))));
}
