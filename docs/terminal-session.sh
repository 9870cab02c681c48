#!/bin/bash
# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0
#
# Prints a session at a terminal as text, as the README and the user guide show it: a user types at a real
# bash in tmux, enters an image by its launcher, and leaves it. A test compares the pages with it.
#
#     terminal-session.sh TREE
#
# As root, with tmux; TREE is a Debian for i386, as "syschroot create --debootstrap bookworm --arch i386"
# makes it. Settings, user and launcher are in layers over the host's that vanish with this script; TREE
# is mounted somewhere else meanwhile, and not changed.
set -euo pipefail

checkout=$(cd "$(dirname "$0")/.." && pwd)

if [ "$1" != --inside ]; then
    exec unshare --mount --uts --pid --fork --mount-proc --propagation private "$0" --inside "$@"
fi

tree=$2
hostname node1
work=$(mktemp -d /run/session.XXXXXX) # nobody but root can write there
trap 'tmux -S "$work/socket" kill-server > /dev/null 2>&1 || :; umount -l "$work"; rmdir "$work"' EXIT
mount -t tmpfs -o mode=755 none "$work"

# layer DIR: DIR as it is, and what is written to it vanishes.
layer() {
    local upper=$work/${1//\//_}
    mkdir -p "$upper/upper" "$upper/work"
    mount -t overlay -o "lowerdir=$1,upperdir=$upper/upper,workdir=$upper/work" none "$1"
}
layer /etc
mount -t tmpfs -o mode=755 none /home
mount -t tmpfs -o mode=755 none /usr/local/bin
id alice > /dev/null 2>&1 || useradd --uid 12345 --shell /bin/bash alice
install -d -o alice "/home/alice"
rm -rf /etc/syschroot
mkdir -p /etc/syschroot/images.d "$work/deb32"
mount --bind "$tree" "$work/deb32"
layer "$work/deb32"
cat > /etc/syschroot/images.d/deb32.toml <<END
root = "$work/deb32"
mounts = ["standard", "/home", "/etc/passwd:/etc/passwd:file,ro"]
END
"$checkout/syschroot" --quiet mount deb32
"$checkout/syschroot" link deb32 --into /usr/local/bin > /dev/null

# The prompt is that of Debian's bash, as both systems have it.
cat > "$work/start" <<'END'
PS1='${debian_chroot:+($debian_chroot)}\u@\h:\w\$ '
END
cd /home/alice
tmux -S "$work/socket" -f /dev/null new-session -d -x 100 -y 40 \
    runuser -u alice -- env -i HOME=/home/alice SHELL=/bin/bash PATH=/usr/local/bin:/usr/bin:/bin TERM=screen LC_ALL=C.UTF-8 \
    bash --noprofile --rcfile "$work/start" -i

screen() {
    tmux -S "$work/socket" capture-pane -p -S -
}

prompts=1
await() {
    for attempt in $(seq 300); do
        if [ "$(screen | grep -c 'alice@node1:')" = "$prompts" ] && screen | grep -v '^$' | tail -1 | grep -q '\$$'; then
            return
        fi
        sleep 0.1
    done
    screen >&2
    echo "no prompt" >&2
    exit 1
}

title() {
    tmux -S "$work/socket" display-message -p '#{pane_title}'
}

await
while IFS= read -r line; do
    tmux -S "$work/socket" send-keys -l "$line"
    tmux -S "$work/socket" send-keys Enter
    prompts=$((prompts + 1))
    await
    [ "$line" != deb32 ] || inside=$(title)
done <<'END'
uname -m
deb32
uname -m; id -un; pwd; echo $SYSCHROOT_IMAGE
exit
deb32 dpkg --print-architecture | tr a-z A-Z
END
[ "$inside" = "deb32: /home/alice" ] || { echo "title: $inside" >&2; exit 1; }
# The last prompt waits for the next command.
screen | grep -v '^$' | sed '$d'
"$checkout/syschroot" --quiet umount deb32
