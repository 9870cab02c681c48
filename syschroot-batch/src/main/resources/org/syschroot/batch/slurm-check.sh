#!/bin/sh
# Slurm's Prolog on the nodes, in slurm.conf: Prolog=/etc/slurm/syschroot-prolog.sh
# Runs as root before each job. A status other than 0 drains the node and requeues the job on hold.
if report=$(@STATUS@ 2>&1); then
    exit 0
fi
echo "$report" >&2
echo "$report" | logger -t syschroot-prolog -p daemon.err 2> /dev/null
exit 1
