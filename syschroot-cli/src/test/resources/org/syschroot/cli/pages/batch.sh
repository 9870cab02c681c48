# An image for jobs, with its launchers, and a script to submit.
image sl4 '[launchers]' 'directory = "/bin4"' 'names = ["sh", "bash", "sl4"]' \
    '[submit]' 'scheduler = "slurm"' 'commands = ["sbatch4"]'
ln -sf syschroot /usr/bin/sbatch4
syschroot mount sl4
syschroot link sl4
mkdir -p /etc/slurm /etc/condor
printf '#!/bin/sh\nuname -m\n' > job.sh
chmod 755 job.sh
