// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A repository of RPM packages for i686, built by rpmbuild(8) and createrepo_c(8) of files of a
 * real Debian: a system whose shell, C library and commands run, and whose package database is
 * rpm's.
 */
public final class RpmPackages {
  // The C library says of itself that it is nobody's in particular, as Red Hat's does.
  private static final String SCRIPT =
      """
      set -eu
      cd "$1"
      mkdir -p specs tree packages
      spec() { # NAME VERSION ARCH, the rest of the spec on standard input
        { printf 'Name: %s\\nVersion: %s\\nRelease: 1\\nSummary: of a test\\nLicense: none\\nAutoReqProv: no\\n' "$1" "$2"
          [ "$3" != noarch ] || echo BuildArch: noarch; cat; } > "specs/$1-$2.spec"
        rpmbuild -bb --quiet --target "$3" --define "_topdir $PWD/build" \\
          --define '__os_install_post %{nil}' --define 'debug_package %{nil}' --define '_build_id_links none' \\
          --define '_binary_payload w1.gzdio' --define '_rpmdir %_topdir/RPMS' "specs/$1-$2.spec" > "specs/$1.log" 2>&1 ||
          { cat "specs/$1.log"; exit 1; }
      }
      take() { # of the Debian, into a tree of its own
        name=$1; shift; mkdir -p "tree/$name"
        for path; do (cd "$LOWER" && printf '%s\\0' $path | tar --null -T - -c) | tar -C "tree/$name" -x; done
      }
      packaged() { # NAME: the sections that bring a tree
        printf '%%description\\nOf a test.\\n%%install\\nmkdir -p %%{buildroot}\\ncp -a %s/. %%{buildroot}\\n%%files\\n' "$PWD/tree/$1"
        (cd "tree/$1" && find . ! -type d -printf '/%P\\n')
      }

      mkdir -p tree/filesystem/etc
      printf 'root:x:0:0:root:/root:/bin/sh\\n' > tree/filesystem/etc/passwd
      printf 'root:x:0:\\n' > tree/filesystem/etc/group
      printf 'NAME=Rpms\\nPRETTY_NAME="Rpms 9"\\n' > tree/filesystem/etc/os-release
      (cd tree/filesystem && mkdir -p dev proc sys tmp root usr/bin usr/sbin usr/lib var/lib var/cache run mnt home
       ln -s usr/bin bin; ln -s usr/sbin sbin; ln -s usr/lib lib)
      { packaged filesystem
        printf '%%dir /dev\\n%%attr(555,root,root) /proc\\n%%attr(555,root,root) /sys\\n%%attr(1777,root,root) /tmp\\n'
        printf '%%attr(550,root,root) /root\\n%%dir /usr/bin\\n%%dir /usr/lib\\n'; } | spec filesystem 9 noarch

      take glibc 'usr/lib/i386-linux-gnu' usr/lib/ld-linux.so.2
      # The version of Debian's package becomes blanks behind the text, so that nothing moves.
      libc=$(readlink -f tree/glibc/usr/lib/i386-linux-gnu/libc.so.6)
      perl -pi -e 's/GNU C Library \\((Debian GLIBC \\S+)\\)( stable release version [0-9.]+)\\./"GNU C Library (GNU libc)$2." . " " x (length($1) - 8)/e' "$libc"
      { packaged glibc; printf '%%changelog\\n* Tue Oct 03 2023 A Packager <a@example.org> - 2.36-1\\n- Fix CVE-2023-4911\\n'; } |
        { printf 'Requires: filesystem\\n'; cat; } | spec glibc 2.36 i686

      take bash usr/bin/bash usr/bin/dash usr/bin/sh
      { printf 'Requires: glibc\\nProvides: /bin/sh\\n'; packaged bash
        printf '%%post -p /bin/sh\\necho done > /dev/null && test -e /proc/self/stat && echo posted /dev/* > /etc/posted\\n'; } | spec bash 5 i686

      take coreutils $(cd "$LOWER" && sed -n 's|^/\\(usr/\\)\\{0,1\\}bin/|usr/bin/|p' var/lib/dpkg/info/coreutils.list)
      { printf 'Requires: glibc bash\\n'; packaged coreutils; } | spec coreutils 9 i686
      echo later >> tree/coreutils/usr/bin/uname
      { printf 'Requires: glibc bash\\n'; packaged coreutils; } | spec coreutils 9.1 i686

      take util-linux usr/bin/su usr/bin/mount
      chmod 4755 tree/util-linux/usr/bin/su
      { printf 'Requires: glibc\\n'; packaged util-linux; } | spec util-linux 2 i686

      # A package that is after the host's files, and one that needs what nobody has.
      mkdir -p tree/evil/etc "$PWD/kept"
      echo 'of the host' > "$PWD/kept/file"
      touch tree/evil/etc/evil
      { printf 'Requires: coreutils\\n'; packaged evil
        printf '%%post -p /bin/sh\\nmv /.dnf /etc/moved\\nln -s %s /.dnf\\n' "$PWD/kept"; } | spec evil 1 noarch
      { printf 'Requires: nobody-has-it\\n'; packaged evil; } | spec needy 1 noarch

      mkdir -p tree/yum/etc/yum
      echo plugins=0 > tree/yum/etc/yum/yum.conf
      { printf 'Requires: util-linux coreutils\\n'; packaged yum; } | spec yum 4 noarch

      # Fedora's rpm looks for its database elsewhere.
      mkdir -p tree/sysimage/usr/lib/sysimage/rpm
      { packaged sysimage; echo '%dir /usr/lib/sysimage/rpm'; } | spec sysimage 1 noarch

      # A later coreutils is in a repository of its own.
      mkdir -p packages/base packages/updates
      find build/RPMS -name '*.rpm' -exec mv {} packages/base \\;
      mv packages/base/coreutils-9.1-*.rpm packages/updates
      createrepo_c -q packages/base
      createrepo_c -q packages/updates
      rm -rf build tree
      """;

  private final Path directory;

  RpmPackages(Path directory) {
    this.directory = directory;
  }

  /** Builds all packages in a directory that is made. */
  static void build(Path debian, Path directory) throws IOException, InterruptedException {
    Files.createDirectory(directory);
    Outcome outcome =
        Program.of("sh", "-c", SCRIPT, "sh", directory.toString())
            .with(Map.of("LOWER", debian.toString(), "HOME", directory.toString(), "LC_ALL", "C"))
            .run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }

  /** Returns a directory of the host that the package {@code evil} is after. */
  public Path kept() {
    return directory.resolve("kept");
  }

  /** Returns the directory of a repository, {@code base} or {@code updates}. */
  public Path packages(String name) {
    return directory.resolve("packages").resolve(name);
  }

  /** Returns the text of a repository file. */
  public String repository(String... names) {
    List<String> lines = new ArrayList<>();
    for (String name : names) {
      lines.add("[" + name + "]");
      lines.add("name=" + name + " $releasever");
      lines.add("baseurl=file://" + packages(name));
      lines.add("gpgcheck=0");
    }
    return String.join("\n", lines) + "\n";
  }
}
