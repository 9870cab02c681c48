#!/bin/sh
# HTCondor's USER_JOB_WRAPPER on the nodes: runs a job that names an image there, as the user.
#   USER_JOB_WRAPPER = /etc/condor/syschroot-wrapper.sh
image=$(sed -n 's/^SyschrootImage = "\(.*\)"$/\1/p' "$_CONDOR_JOB_AD")
case $image in
    "") exec "$@" ;;
@LAUNCHERS@
esac
message="syschroot: this node has no launcher for the image $image"
echo "$message" >&2
[ -z "$_CONDOR_WRAPPER_ERROR_FILE" ] || echo "$message" > "$_CONDOR_WRAPPER_ERROR_FILE"
exit 1
