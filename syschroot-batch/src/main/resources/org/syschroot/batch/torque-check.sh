#!/bin/sh
# Torque's health check on the nodes, in mom_priv/config:
#   $node_check_script /etc/torque/syschroot-check.sh
#   $node_check_interval 5,jobstart
#   $down_on_error 1
# A line that begins with ERROR marks the node as down; it comes back when there is none.
report=$(@STATUS@ 2>&1) && exit 0
echo "ERROR syschroot: $(echo "$report" | grep -v ' mounted \| linked ' | head -n 1)"
