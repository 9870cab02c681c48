#!/bin/sh
# HTCondor's periodic check on the nodes, in the configuration:
#   STARTD_CRON_JOBLIST = $(STARTD_CRON_JOBLIST) SYSCHROOT
#   STARTD_CRON_SYSCHROOT_EXECUTABLE = /etc/condor/syschroot-check.sh
#   STARTD_CRON_SYSCHROOT_PERIOD = 5m
#   START = ($(START)) && (SyschrootBroken =!= true || TARGET.SyschrootImage =?= undefined)
if @STATUS@ > /dev/null 2>&1; then
    echo "SyschrootBroken = false"
else
    echo "SyschrootBroken = true"
fi
