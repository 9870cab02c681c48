// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

/** The parts of a script that are the same for every plan. */
final class ShellFunctions {
  private ShellFunctions() {}

  /** Ends the script with the status of a failure of ours, or another. */
  static String fail(String image) {
    return """
        set -eu
        say() {
          printf 'syschroot: %s: %s\\n' '@IMAGE@' "$1" >&2
        }
        fail() {
          say "$1"
          exit "${2:-125}"
        }
        """
        .replace("@IMAGE@", image);
  }

  /**
   * Checks that nobody has put another directory in the place of the root directory.
   *
   * @param owners the numbers of who may own it, as a pattern of the shell
   * @param named who they are
   */
  static String checkRoot(String owners, String named) {
    return """
        # Every directory on the way must belong to @NAMED@ and be closed to others; where all may
        # write, the sticky bit must keep them from renaming. The owners of symbolic links are not
        # looked at: they are resolved first, and what they lead to is checked and used.
        root=$(realpath -e -- "$root" && echo x) || fail "cannot find the root directory of the image"
        root=${root%?x}
        where=$root
        while :; do
          case $(stat -c %u -- "$where") in
            @OWNERS@) ;;
            *) fail "$where does not belong to @NAMED@" ;;
          esac
          case $(stat -c %a -- "$where") in
            [1357]?[2367]? | [1357]??[2367])
              [ "$where" != "$root" ] || fail "$where is writable by other users" ;;
            *[2367]? | *[2367]) fail "$where is writable by other users" ;;
          esac
          [ "$where" != / ] || break
          where=${where%/*}
          where=${where:-/}
        done
        """
        .replace("@NAMED@", named)
        .replace("@OWNERS@", owners);
  }

  static final String MOUNT_POINT =
      """
      # Sets "place" to where the path $1 of the image lies, symbolic links followed inside the
      # image only, and makes what is missing of it unless $2 is "look": directories, and a file if
      # $2 says so.
      mount_point() {
        rest=$1 place=$root links=0
        while [ -n "$rest" ]; do
          name=${rest%%/*}
          case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
          case $name in
            '' | .) continue ;;
            ..) [ "$place" = "$root" ] || place=${place%/*}; continue ;;
          esac
          if [ -L "$place/$name" ]; then
            links=$((links + 1))
            [ "$links" -le 40 ] || fail "too many symbolic links on the way to $1"
            link=$(readlink -- "$place/$name" && echo x) || fail "cannot read $place/$name"
            link=${link%?x}
            case $link in /*) place=$root ;; esac
            rest=$link/$rest
            continue
          fi
          place=$place/$name
          [ ! -e "$place" ] || continue
          case $2:$rest in
            look:*) return 1 ;;
            file: | file:/) (umask 022 && : > "$place") || fail "cannot create $place" ;;
            *) mkdir -m 755 -- "$place" || fail "cannot create $place" ;;
          esac
        done
      }
      """;

  static final String RESTRICT =
      """
      # Gives the mount at $1 the options $2, and those beneath it too if $3 is "tree". One by one:
      # mount(8) of util-linux 2.38 takes ro=recursive without a complaint, but does not obey it.
      restrict() {
        mount -n -o "remount,bind,$2" -- "$1" || fail "cannot restrict $1 to $2"
        [ "$3" = tree ] || return 0
        cat /proc/self/mountinfo | while read -r _ _ _ _ point _; do
          # Blanks and backslashes are written as \\040 and so on there.
          point=$(printf "$(printf %s "$point" | LC_ALL=C sed 's/%/%%/g')x")
          point=${point%x}
          case $point in
            "$1"/*)
              # Not if it is hidden by another mount.
              ! mountpoint -q -- "$point" || mount -n -o "remount,bind,$2" -- "$point" ||
                fail "cannot restrict $point to $2" ;;
          esac
        done
      }
      """;

  static final String ENVIRONMENT =
      """
      # The environment as it was passed, byte for byte: a shell drops what is no variable of its own.
      # From here on the commands of this script are not looked for along that PATH, and no setting
      # for the loader or for Perl is obeyed.
      PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
      export PATH LC_ALL
      unset LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT PERL5OPT PERL5LIB PERLLIB PERL_UNICODE
      command -v perl > /dev/null || fail 'perl: command not found on the host'
      entries=$(perl -0 -ne 'chomp; s/\\x27/\\x27\\\\\\x27\\x27/g; print "\\x27$_\\x27 "' "/proc/$$/environ") ||
        fail 'cannot read the environment: /proc is not mounted'
      ignored=$(sed -n 's/^SigIgn:[[:space:]]*//p' "/proc/$$/status")
      closed=
      for descriptor in 0 1 2; do
        [ -e "/proc/$$/fd/$descriptor" ] || closed="$closed $descriptor"
      done
      eval "set -- $entries"
      """;
}
