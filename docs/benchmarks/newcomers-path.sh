#!/bin/bash
# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0
#
# A newcomer's whole path, on a Debian that has nothing but a JDK, Maven and git: clone, the README's two
# commands, the package, an image, mounts, launchers, an ordinary user, a log line, a Slurm job, the
# doctor, accounts, an image from an archive, its layer and versions, an image of a user's own without
# root, everything removed again; then the path with the RPM package, by newcomers-path-rpm.sh. Prints how
# long each step took, as the table of docs/getting-started.md. What a page tells to type is looked up in
# that page before it is executed.
#
#     newcomers-path.sh [--without-tests]
#
# Run as root in a checkout. The Debian is made in a directory of its own by debootstrap and deleted at the
# end; processes and mounts are in namespaces that vanish with this script.
set -euo pipefail

checkout=$(cd "$(dirname "$0")/../.." && pwd)

if [ "${1:-}" != --inside ] && [ "${1:-}" != --in-namespaces ]; then
  place=$(mktemp -d /var/tmp/newcomer.XXXXXX)
  chmod 755 "$place"
  status=0
  unshare --mount --pid --fork --propagation private "$0" --in-namespaces "$place" "$@" || status=$?
  grep -q " $place" /proc/self/mountinfo && { echo "still mounted beneath $place" >&2; exit 1; }
  rm -rf --one-file-system "$place"
  exit $status
fi

if [ "$1" = --in-namespaces ]; then
  place=$2
  shift 2
  tree=$place/tree
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -1)
  start=$SECONDS
  debootstrap --variant=minbase bookworm "$tree" "$mirror" > "$place/log" 2>&1 || { tail "$place/log" >&2; exit 1; }
  mount --bind "$tree" "$tree" # private mount namespaces need a root directory that is a mount point
  mount -t tmpfs -o mode=755 none "$tree/dev"
  mkdir "$tree/dev/pts" "$tree/dev/shm"
  for device in null zero full random urandom tty fuse; do
    cp -a "/dev/$device" "$tree/dev/$device"
  done
  ln -s /proc/self/fd "$tree/dev/fd"
  ln -s pts/ptmx "$tree/dev/ptmx"
  mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 none "$tree/dev/pts"
  mount -t tmpfs -o mode=1777 none "$tree/dev/shm"
  mount -t proc none "$tree/proc"
  mount --rbind /sys "$tree/sys" # with the control groups, which slurmd wants
  git clone -q --bare "$checkout" "$tree/checkout" # also where the checkout is a work tree of another one
  cp -a /etc/apt/. "$tree/etc/apt/"
  cp /etc/resolv.conf /etc/hosts "$tree/etc/"
  mkdir -p "$tree/usr/local/share/ca-certificates" # the site's own, where downloads pass a proxy
  cp -a /usr/local/share/ca-certificates/. "$tree/usr/local/share/ca-certificates/"
  printf '#!/bin/sh\nexit 101\n' > "$tree/usr/sbin/policy-rc.d" # no package starts a service
  chmod 755 "$tree/usr/sbin/policy-rc.d"
  cp "$0" "$tree/root/path"
  cp "$checkout/docs/benchmarks/steps.sh" "$tree/root/steps.sh"
  echo "| step | seconds |"
  echo "|---|---|"
  echo "| (a bare Debian is made) | $((SECONDS - start)) |"
  # By pivot_root(2), since whoever has been put there by chroot(2) gets no user namespace.
  cd "$tree"
  mkdir old
  pivot_root . old
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
    chroot . /bin/bash /root/path --inside "$@"
fi

shift
umount -l /old
rmdir /old
export DEBIAN_FRONTEND=noninteractive
tests=yes
[ "${1:-}" != --without-tests ] || tests=no
cat > /etc/apt/apt.conf.d/90newcomer <<'END'
APT::Get::Assume-Yes "true";
APT::Install-Recommends "false";
END

. /root/steps.sh
PAGES=/root/syschroot/docs

page() { # PAGE COMMAND: does what a page tells to do
  says "$1" "$2"
  eval "$2"
}

alice() { # COMMAND: as alice, in her home directory
  runuser -u alice -- env HOME=/home/alice bash -c "cd && $1"
}

debian_with_jdk_and_maven() {
  apt-get update -q
  apt-get install -y -q --no-install-recommends openjdk-17-jdk-headless maven git ca-certificates
  update-ca-certificates
}

clone() {
  git config --global --add safe.directory '*'
  git clone -q /checkout /root/syschroot
}

install_package() {
  apt-get install debootstrap
  page packages "mvn -Pdist package"
  cd syschroot-dist/target
  page packages "apt-get install ./syschroot_0.1.0-SNAPSHOT_amd64.deb"
}

create_image() {
  page getting-started "syschroot create deb32 --root /srv/deb32 --debootstrap bookworm --arch i386"
  page getting-started "syschroot run deb32 --directory / -- uname -m"
}

start_rsyslog() {
  sed -i /imklog/d /etc/rsyslog.conf # the kernel's messages belong to the machine's own daemon
  rsyslogd
  until [ -S /dev/log ]; do sleep 0.1; done
}

start_slurm() {
  mkdir -p /run/munge /var/log/munge /var/spool/slurmctld /var/spool/slurmd
  chown munge: /run/munge /var/log/munge
  [ -s /etc/munge/munge.key ] || { dd if=/dev/urandom of=/etc/munge/munge.key bs=1024 count=1; }
  chown munge: /etc/munge/munge.key
  chmod 400 /etc/munge/munge.key
  runuser -u munge -- munged
  cat > /etc/slurm/slurm.conf <<END
ClusterName=newcomer
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=26817
SlurmdPort=26818
SlurmUser=root
AuthType=auth/munge
CredType=cred/munge
StateSaveLocation=/var/spool/slurmctld
SlurmdSpoolDir=/var/spool/slurmd
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
SlurmctldLogFile=/var/log/slurmctld.log
SlurmdLogFile=/var/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SlurmdParameters=config_overrides
ReturnToService=2
NodeName=$(hostname) NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
  slurmctld
  slurmd
  for attempt in $(seq 300); do
    if [ "$(sinfo -h -o %t)" = idle ]; then return 0; fi
    sleep 0.2
  done
  tail -n 20 /var/log/slurm*.log
  return 1
}

configure_image() { # "create" has written accounts = "merged"
  cat >> /etc/syschroot/images.d/deb32.toml <<'END'
mounts = ["standard", "/home"]

[launchers]
directory = "/bin4"
names = ["sh", "bash"]

[submit]
scheduler = "slurm"
END
  syschroot show deb32
}

job_of_alice() {
  cat > /home/alice/job.sh <<'END'
#!/bin4/sh
echo "job in $SYSCHROOT_IMAGE: $(uname -m), $(id -un), $(pwd)"
END
  chown alice: /home/alice/job.sh
  chmod 755 /home/alice/job.sh
  cd /home/alice
  runuser -u alice -- syschroot submit deb32 -- --wait --output=/home/alice/job.out /home/alice/job.sh
  cat /home/alice/job.out
  cd /tmp
}

log_line_of_alice() {
  cd /tmp
  runuser -u alice -- /bin4/sh -c 'logger "hello from the image, process $$"'
  until grep "hello from the image" /var/log/syslog; do sleep 0.1; done
}

new_user() {
  useradd --create-home bob
  page accounts "syschroot sync deb32"
  runuser -u bob -- /bin4/sh -c 'id -un'
}

from_archive() {
  cp -a --one-file-system /srv/deb32/. /srv/tree
  rm -rf /srv/tree/var/cache /srv/tree/usr/share/doc
  echo first > /srv/tree/mark
  page images "tar -C /srv/tree -czf /srv/tree.tar.gz ."
  page images "syschroot create small --root /srv/small --from /srv/tree.tar.gz"
}

throw_away() {
  says mounts "run --throw-away"
  syschroot run --throw-away --directory / small -- sh -c 'rm /etc/os-release; touch /gone; ls /gone'
  [ ! -e /srv/small/gone ]
  [ -e /srv/small/etc/os-release ]
}

versions() {
  echo second > /srv/tree/mark
  page images "tar -C /srv/tree -czf /srv/tree.tar.gz ."
  page images "syschroot update small --from /srv/tree.tar.gz"
  syschroot run --directory / small -- cat /mark
  page images "syschroot list --versions"
  page images "syschroot rollback small"
  syschroot run --directory / small -- cat /mark
  page images "syschroot prune --keep 0 small"
}

without_root() {
  says without-root "syschroot create mine --root ~/mine --from-host sh make"
  alice "syschroot create mine --root ~/mine --from-host sh make"
  alice "syschroot run mine -- sh -c 'echo \$(make --version) in \$SYSCHROOT_IMAGE, \$PWD'"
  alice "syschroot remove --yes mine"
}

remove_everything() {
  syschroot remove --yes small
  syschroot unlink deb32 --into /bin4 sh bash
  page getting-started "syschroot umount deb32"
  syschroot remove --yes deb32
  rmdir /bin4
  apt-get purge syschroot
  for place in /usr/bin/syschroot /usr/share/syschroot /etc/syschroot /srv/deb32 /srv/small; do
    [ ! -e $place ] || { ls -R $place; return 1; }
  done
}

step "JDK, Maven and git are installed" debian_with_jdk_and_maven
step "git clone" clone
cd /root/syschroot
step "./syschroot demo (builds first)" ./syschroot demo
[ $tests = no ] || step "mvn verify" mvn -B -ntp verify
step "the Debian package is built and installed" install_package
step "syschroot create deb32 --debootstrap bookworm --arch i386" \
  create_image
expect i686
step "the image is configured" configure_image
apt-get install -y -q --no-install-recommends rsyslog slurm-wlm munge make rpm dnf createrepo-c > /root/log 2>&1
mkdir -p /var/spool/slurmd /bin4
start_rsyslog
cd /tmp
useradd --create-home alice
step "syschroot mount deb32" page getting-started "syschroot mount deb32"
step "syschroot link deb32" syschroot link deb32
step "syschroot status deb32" page getting-started "syschroot status deb32"
step "an ordinary user in the image: /bin4/sh -c 'uname -m'" runuser -u alice -- /bin4/sh -c 'uname -m; id -un'
expect i686
step "logger in the image reaches rsyslog" log_line_of_alice
start_slurm > /root/log 2>&1 || { cat /root/log; exit 1; }
step "syschroot submit deb32" job_of_alice
expect "job in deb32: i686, alice, /home/alice"
step "syschroot doctor deb32" syschroot doctor deb32
step "a new user of the host is in the image: syschroot sync deb32" new_user
expect bob
step "an archive of a tree; syschroot create small --from FILE.tar.gz" from_archive
step "syschroot run --throw-away small" throw_away
step "syschroot update small --from FILE.tar.gz, rollback, prune" versions
[ "$(grep -x 'first\|second' /root/log | tr '\n' ' ')" = "second first " ] || { cat /root/log >&2; exit 1; }
step "without root: create mine --from-host sh make, run, remove" without_root
expect "GNU Make.* in mine, /home/alice"
step "everything is removed" remove_everything
/root/syschroot/docs/benchmarks/newcomers-path-rpm.sh /root/syschroot/syschroot-dist/target/syschroot-*.rpm
