#!/bin/bash
# A Slurm cluster of one node, in namespaces of its own (mount, pid, network, UTS): the first process
# in them is this script, and all ends with it. Usage: slurm-cluster.sh CHECKOUT IMAGE
set -eu
checkout=$1
image=$2

hostname node1
ip link set lo up
# getaddrinfo(3) with AI_ADDRCONFIG, which Slurm asks for, knows no host with only 127.0.0.1.
ip address add 192.0.2.1/32 dev lo
mount -t tmpfs -o mode=755 none /mnt
mkdir /mnt/{etc,image,home,munge,state,spool,bin4,tools}
mkdir /mnt/etc/{upper,work} /mnt/image/{upper,work,root}
mount -t overlay -o lowerdir=/etc,upperdir=/mnt/etc/upper,workdir=/mnt/etc/work none /etc
mount -t overlay -o "lowerdir=$image,upperdir=/mnt/image/upper,workdir=/mnt/image/work" none \
    /mnt/image/root
mount -t tmpfs -o mode=1777 none /tmp
mount -t tmpfs -o mode=755 none /run

# The native system: an ordinary user, a name for this host, and an installed syschroot.
echo "127.0.0.1 node1 localhost" > /etc/hosts
echo "alice:x:2001:2001::/tmp/alice:/bin/bash" >> /etc/passwd
echo "bob:x:2002:2002::/tmp/bob:/bin/bash" >> /etc/passwd
echo "alice:x:2001:" >> /etc/group
echo "bob:x:2002:" >> /etc/group
echo "hep:x:2100:alice" >> /etc/group
install -d -o 2001 -g 2001 /tmp/alice
install -d -o 2002 -g 2002 /tmp/bob
mkdir -p /mnt/tools/bin /mnt/tools/share
cp -a "$checkout/syschroot" /mnt/tools/bin/
cp -a "$checkout/syschroot-cli/target/command" /mnt/tools/share/syschroot
rm -f /mnt/tools/share/syschroot/*.{jsa,aot}
ln -s syschroot /mnt/tools/bin/sbatch4

mkdir -p /etc/syschroot/images.d
cat > /etc/syschroot/images.d/deb.toml << END
root = "/mnt/image/root"
personality = "linux32"
groups = ["hep"]
mounts = ["standard"]
[launchers]
directory = "/mnt/bin4"
names = ["sh", "bash", "deb"]
[submit]
scheduler = "slurm"
commands = ["sbatch4"]
END
/mnt/tools/bin/syschroot mount deb
/mnt/tools/bin/syschroot link deb

mkdir -p /etc/slurm
cat > /etc/slurm/taskprolog.sh << END
#!/bin/sh
echo unset SYSCHROOT_IMAGE
END
/mnt/tools/bin/syschroot submit --scheduler slurm --node-check deb > /etc/slurm/prolog.sh
chmod 755 /etc/slurm/*.sh
cat > /etc/slurm/slurm.conf << END
ClusterName=test
SlurmctldHost=node1(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=/mnt/munge/socket
StateSaveLocation=/mnt/state
SlurmdSpoolDir=/mnt/spool/%n
SlurmctldPidFile=/mnt/state/slurmctld.pid
SlurmdPidFile=/mnt/state/slurmd.pid
SlurmctldLogFile=/mnt/state/slurmctld.log
SlurmdLogFile=/mnt/state/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
TaskProlog=/etc/slurm/taskprolog.sh
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=1
NodeName=node1 NodeAddr=127.0.0.1 CPUs=64 RealMemory=1000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
chown munge: /mnt/munge
chmod 755 /mnt/munge
(umask 077; head -c 128 /dev/urandom > /mnt/munge/key)
chown munge: /mnt/munge/key
setpriv --reuid munge --regid munge --clear-groups munged --key-file=/mnt/munge/key \
    --socket=/mnt/munge/socket --pid-file=/mnt/munge/pid --log-file=/mnt/munge/log \
    --seed-file=/mnt/munge/seed
slurmctld
slurmd
is_idle() { [ "$(timeout 5 sinfo -h -o %t 2>&1)" = idle ]; }
for attempt in $(seq 300); do
    is_idle && break
    sleep 0.1
done
is_idle || { cat /mnt/state/*.log; exit 1; }
# An image that mounts only what is up when the daemons run: the spool directory is there now.
/mnt/tools/bin/syschroot mount deb

# The same system once more, for which nobody has said that jobs run in it.
mkdir /mnt/image/bare /mnt/bare
mount --bind /mnt/image/root /mnt/image/bare
cat > /etc/syschroot/images.d/bare.toml << END
root = "/mnt/image/bare"
mounts = ["standard"]
[launchers]
directory = "/mnt/bare"
names = ["sh"]
END
/mnt/tools/bin/syschroot mount bare
/mnt/tools/bin/syschroot link bare
echo ready
# Until whoever started us closes the pipe.
cat > /dev/null
