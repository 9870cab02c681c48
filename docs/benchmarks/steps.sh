# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0
#
# What the scripts of the newcomer's path share; PAGES is the directory of the pages, LOG a file.
LOG=${LOG:-/root/log}

step() { # TITLE COMMAND...
  local title=$1 start=$EPOCHREALTIME status=0
  shift
  set +e # in the condition of an "if", errors within a function would not count
  (set -e; "$@") > "$LOG" 2>&1
  status=$?
  set -e
  if [ $status != 0 ]; then
    tail -40 "$LOG" >&2
    echo "failed: $title" >&2
    exit 1
  fi
  awk -v a="$start" -v b="$EPOCHREALTIME" -v t="$title" 'BEGIN { printf "| %s | %.1f |\n", t, b - a }'
}

expect() { # TEXT: the last step printed it
  grep -q -- "$1" "$LOG" || { cat "$LOG" >&2; echo "not found: $1" >&2; exit 1; }
}

says() { # PAGE COMMAND: the page has it
  grep -qF -- "$2" "$PAGES/$1.md" || { echo "docs/$1.md does not say: $2"; return 1; }
}
