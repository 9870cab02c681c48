#!/bin/bash
# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0
#
# A newcomer's path on a system of RPM packages: the RPM package by dnf, the demo, an image by dnf, mounts, a
# launcher, an ordinary user, an image from an archive, its layer and versions, an image without root,
# everything removed again. Prints how long each step took. What a page tells to type is looked up in that
# page before it is executed.
#
#     newcomers-path-rpm.sh PACKAGE.rpm
#
# Run as root in a Debian whose root directory is a mount, with dnf, rpm, createrepo-c and a headless JRE 17 of
# Debian. The system is made of that Debian's files, as packages that have the names and say the things of
# Fedora's, so that what the RPM package needs is found or missing as it is there. It is in a directory of its
# own, deleted at the end; mounts are in a namespace that vanishes with this script.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)

if [ "${1:-}" != --inside ] && [ "${1:-}" != --in-namespace ]; then
  place=$(mktemp -d /var/tmp/newcomer-rpm.XXXXXX)
  chmod 755 "$place"
  status=0
  unshare --mount --propagation private "$0" --in-namespace "$place" "$(readlink -e "$1")" || status=$?
  rm -rf --one-file-system "$place"
  exit $status
fi

. "$here/steps.sh"
PAGES=$here/..

rpm_packages() {
  local name
  mkdir packages
  for name in base dnf perl java-17-openjdk-headless; do mkdir -p "tree/$name/usr/bin"; done
  mkdir -p tree/base/usr/{sbin,lib,lib64,local/bin} tree/base/{dev,proc,sys,run,tmp,root,home,srv,mnt} \
    tree/base/var/{cache,lib,log,tmp}
  ln -s usr/bin usr/sbin usr/lib usr/lib64 tree/base
  chmod 1777 tree/base/tmp tree/base/var/tmp
  closure login mawk mount passwd util-linux | grep -v -x perl-base > base.list
  # shellcheck disable=SC2046
  {
    debian_files base $(cat base.list)
    debian_files dnf $(closure dnf rpm | grep -v -x -f base.list -e perl-base)
    debian_files perl perl-base
    debian_files java-17-openjdk-headless $(closure openjdk-17-jre-headless | grep -v -x -f base.list -e perl-base)
  }
  ln -s mawk tree/base/usr/bin/awk # one of Debian's alternatives, which no package has
  ln -s ../lib/jvm/java-17-openjdk-amd64/bin/java tree/java-17-openjdk-headless/usr/bin/java
  (cd / && cp --parents -a etc/pam.d etc/nsswitch.conf etc/ld.so.conf "$place/tree/base")
  printf 'root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/bash\n' > tree/base/etc/passwd
  printf 'root:x:0:\nalice:x:1000:\n' > tree/base/etc/group
  printf 'NAME=Packages\nID=packages\nVERSION_ID=9\n' > tree/base/usr/lib/os-release
  mkdir -p tree/base/etc/rpm tree/base/etc/yum.repos.d tree/dnf/etc/dnf
  printf '%%_dbpath /var/lib/rpm\n' > tree/base/etc/rpm/macros.place # Debian's rpm has another one
  printf '[main]\nassumeyes=1\n' > tree/dnf/etc/dnf/dnf.conf
  printf '[all]\nname=all $releasever\nbaseurl=file://%s\ngpgcheck=0\n' /srv/packages > tree/base/etc/yum.repos.d/all.repo
  specification > all.spec
  rpmbuild -bb --quiet --define "_topdir $place/build" --define '__os_install_post %{nil}' \
    --define 'debug_package %{nil}' --define '_build_id_links none' --define '_binary_payload w.ufdio' all.spec
  find build/RPMS -name '*.rpm' -exec mv {} packages/ \;
  createrepo_c -q packages
  rm -rf build tree
}

closure() { # PACKAGE...: of Debian, with all that they and every system need, without virtual ones
  # shellcheck disable=SC2046
  apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts --no-breaks \
    --no-replaces --no-enhances $(dpkg-query -W -f '${Essential} ${Package}\n' | sed -n 's/^yes //p') "$@" |
    sed -n 's/^\([a-z][^:]*\).*/\1/p' | sort -u | grep -x -F -f <(dpkg-query -W -f '${Package}\n')
}

debian_files() { # NAME PACKAGE...: into a tree, at their place in a system with one /usr
  local name=$1
  shift
  dpkg -L "$@" 2> /dev/null | sed -nE 's,^/(bin|sbin|lib|lib64)(/|$),/usr/\1\2,; s,^/(.*[^.].*),\1,p' |
    grep -v '^usr/share/\(doc\|man\|locale\|info\|lintian\|i18n\|zoneinfo\)\(/\|$\)' | sort -u |
    while read -r file; do if [ -e "/$file" ] || [ -L "/$file" ]; then echo "$file"; fi; done |
    tar -C / --no-recursion -T - -cf - | tar -C "tree/$name" --keep-directory-symlink -xf -
}

specification() {
  cat <<END
Name: all
Version: 9
Release: 1
Summary: A system
License: none
%description
A system.
%install
mkdir -p %{buildroot}
cp -a --reflink=auto $place/tree/*/. %{buildroot}
END
  for name in base dnf perl java-17-openjdk-headless; do
    printf '%%package -n %s\nSummary: Part of it\nAutoReq: no\n' $name
    case $name in
      base) printf 'AutoProv: yes\nProvides: /bin/sh\nProvides: system-release(releasever) = 9\nProvides: system-release = 9\n' ;;
      java*) printf 'AutoProv: no\nProvides: java-headless = 1:17\nRequires: base\n' ;;
      *) printf 'AutoProv: no\nRequires: base\n' ;;
    esac
    printf '%%description -n %s\nPart of a system.\n%%files -n %s\n' $name $name
    (cd "tree/$name" && find . -mindepth 1 \( -type d -printf '%%%%dir "/%P"\n' -o -printf '"/%P"\n' \)) |
      sed 's/^%%dir/%dir/'
  done
}

rpm_system() {
  dnf --installroot="$place/root" --setopt=reposdir="$place/repos" --setopt=cachedir="$place/cache" \
    --releasever=9 -y install base dnf
  mkdir root/home/alice root/srv/packages root/old
  chown 1000:1000 root/home/alice
  cp packages.rpm "root/root/$package"
  mount --bind root root
  for mount in dev sys; do mount --rbind /$mount root/$mount; done
  mount -t proc none root/proc
  mount --bind -o ro packages root/srv/packages
  mkdir root/srv/docs
  mount --bind -o ro "$here/.." root/srv/docs
}

page() { # PAGE COMMAND: does what a page tells to do
  says "$1" "$2"
  eval "$2"
}

alice() { # COMMAND: as alice, in her home directory
  runuser -u alice -- env HOME=/home/alice bash -c "cd && $1"
}

install_package() {
  cd /root
  page packages "dnf install ./syschroot-0.1.0-SNAPSHOT-1.x86_64.rpm"
  rpm -q java-17-openjdk-headless perl
  rpm --verify syschroot
  syschroot --version
}

image_by_dnf() {
  cd /etc/yum.repos.d
  cp all.repo /srv/el9.repo
  cd /srv
  says images "syschroot create el9 --root /srv/el9 --dnf --releasever 9 --repo el9.repo"
  syschroot create el9 --root /srv/el9 --dnf --releasever 9 --repo el9.repo --package base
  syschroot run --directory / el9 -- sh -c '. /etc/os-release; echo "$NAME $VERSION_ID in $SYSCHROOT_IMAGE"'
}

launcher() {
  says getting-started "syschroot mount deb32"
  says getting-started "syschroot link deb32 --into /usr/local/bin"
  says getting-started "syschroot status deb32"
  says getting-started "runuser -u alice -- deb32 uname -m"
  syschroot mount el9
  syschroot link el9 --into /usr/local/bin
  syschroot status el9
  cd /tmp
  runuser -u alice -- el9 sh -c 'echo "$(id -un) in $SYSCHROOT_IMAGE, $(pwd)"'
}

from_archive() {
  says images "tar -C /srv/tree -czf /srv/tree.tar.gz ."
  echo first > /srv/el9/mark
  tar --one-file-system -C /srv/el9 -I 'gzip -1' -cf /srv/tree.tar.gz .
  page images "syschroot create small --root /srv/small --from /srv/tree.tar.gz"
  says mounts "run --throw-away"
  syschroot run --throw-away --directory / small -- sh -c 'rm /etc/os-release; touch /gone; ls /gone'
  [ ! -e /srv/small/gone ] && [ -e /srv/small/etc/os-release ]
  echo second > /srv/el9/mark
  tar --one-file-system -C /srv/el9 -I 'gzip -1' -cf /srv/tree.tar.gz .
  page images "syschroot update small --from /srv/tree.tar.gz"
  syschroot run --directory / small -- cat /mark
  page images "syschroot rollback small"
  syschroot run --directory / small -- cat /mark
  page images "syschroot prune --keep 0 small"
}

without_root() {
  says without-root "syschroot create mine --root ~/mine --from-host sh make"
  alice "syschroot create mine --root ~/mine --from-host sh grep"
  alice "syschroot run mine -- sh -c 'echo \$(echo grep | grep e) in \$SYSCHROOT_IMAGE, \$PWD'"
  alice "syschroot remove --yes mine"
}

remove_everything() {
  cd /
  syschroot remove --yes small
  syschroot unlink el9 --into /usr/local/bin
  syschroot umount el9
  syschroot remove --yes el9
  says packages "rpm -e"
  rpm -e syschroot
  for file in /usr/bin/syschroot /usr/share/syschroot /var/cache/syschroot /usr/local/bin/el9 /srv/small /srv/el9; do
    [ ! -e $file ] || { ls -R $file; return 1; }
  done
}

case $1 in
  --in-namespace)
    place=$2
    package=$(basename "$3")
    LOG=$place/log
    cd "$place"
    cp "$3" packages.rpm
    mkdir home repos
    printf '[all]\nname=all\nbaseurl=file://%s/packages\ngpgcheck=0\n' "$place" > repos/all.repo
    printf '%%_dbpath /var/lib/rpm\n' > home/.rpmmacros
    export HOME=$place/home LC_ALL=C.UTF-8
    step "(RPM packages of a system are made, with java-headless, perl and dnf)" rpm_packages
    step "(dnf installs that system)" rpm_system
    # By pivot_root(2), since whoever has been put there by chroot(2) gets no user namespace.
    cd root
    pivot_root . old
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
      chroot . /bin/bash /srv/docs/benchmarks/newcomers-path-rpm.sh --inside
    ;;
  --inside)
    umount -l /old
    rmdir /old
    step "dnf install ./syschroot-0.1.0-SNAPSHOT-1.x86_64.rpm" install_package
    expect "^java-17-openjdk-headless-9"
    step "syschroot demo" syschroot demo
    expect "Everything is as documented"
    step "syschroot create el9 --dnf, run" image_by_dnf
    expect "Packages 9 in el9"
    step "mount, link, status, an ordinary user in the image" launcher
    expect "alice in el9, /tmp"
    step "an archive: create small --from FILE.tar.gz, run --throw-away, update, rollback, prune" from_archive
    [ "$(grep -x 'first\|second' "$LOG" | tr '\n' ' ')" = "second first " ] || { cat "$LOG" >&2; exit 1; }
    step "without root: create mine --from-host, run, remove" without_root
    expect "^grep in mine, /home/alice"
    step "everything is removed, the package too" remove_everything
    ;;
esac
