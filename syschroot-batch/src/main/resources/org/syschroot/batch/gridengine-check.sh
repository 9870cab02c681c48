#!/bin/sh
# Grid Engine's load sensor on the nodes. Once: a complex (qconf -mc)
#   syschroot_broken  syschroot_broken  INT  >=  YES  NO  0  0
# this file as load_sensor (qconf -mconf), and load_thresholds syschroot_broken=1 in the queues.
# The execution daemon asks with an empty line and ends with "quit", sge_conf(5).
host=${HOSTNAME:-$(uname -n)}
while read -r question; do
    [ "$question" = quit ] && exit 0
    broken=1
    @STATUS@ > /dev/null 2>&1 && broken=0
    echo begin
    echo "$host:syschroot_broken:$broken"
    echo end
done
