#!/bin/sh
# For the health check of a node: the status is 1 while an image is broken, and a line says why.
report=$(@STATUS@ 2>&1) && exit 0
echo "syschroot: $(echo "$report" | grep -v ' mounted \| linked ' | head -n 1)"
exit 1
