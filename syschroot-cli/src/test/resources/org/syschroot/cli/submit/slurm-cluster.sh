#!/bin/bash
# A Slurm cluster of one node, in namespaces of its own (mount, pid, network, UTS): the first process
# in them is this script, and all ends with it. Usage: slurm-cluster.sh CHECKOUT IMAGE [FEATURE...]
#   two-nodes    a second slurmd, in a mount and a UTS namespace of its own, with the same images
#   private-tmp  each job has its own /tmp and /dev/shm (job_container/tmpfs)
#   pmix         jobs can be started by PMIx, and the image "native" is this system itself
set -eu
checkout=$1
image=$2
shift 2
features=" $* "
has() { [[ $features == *" $1 "* ]]; }
# Read now: /tmp will be another one.
client=$(cat "$(dirname "$0")/pmix-client.c")

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
echo "127.0.0.1 node1 node2 localhost" > /etc/hosts
echo "alice:x:2001:2001::/tmp/alice:/bin/bash" >> /etc/passwd
echo "bob:x:2002:2002::/tmp/bob:/bin/bash" >> /etc/passwd
echo "alice:x:2001:" >> /etc/group
echo "bob:x:2002:" >> /etc/group
echo "hep:x:2100:alice" >> /etc/group
install -d -o 2001 -g 2001 /tmp/alice
install -d -o 2002 -g 2002 /tmp/bob
install -d -o 2001 -g 2001 /mnt/shared
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

# An image that has the libraries of this system, for programs of parallel jobs.
if has pmix; then
    mkdir -p /mnt/native/{upper,work,root}
    mount -t overlay -o "lowerdir=/,upperdir=/mnt/native/upper,workdir=/mnt/native/work" none \
        /mnt/native/root
    cat > /etc/syschroot/images.d/native.toml << END
root = "/mnt/native/root"
mounts = ["standard", "/mnt/tools"]
[launchers]
directory = "/mnt/bin4"
names = ["native"]
[submit]
scheduler = "slurm"
END
    gcc -I "/usr/lib/$(gcc -print-multiarch)/pmix2/include" -o /mnt/tools/bin/pmix-client \
        -x c - -l:libpmix.so.2 <<< "$client"
    /mnt/tools/bin/syschroot mount native
    /mnt/tools/bin/syschroot link native
fi

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
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
Include nodes.conf
END
echo "NodeName=node1 NodeAddr=127.0.0.1 CPUs=64 RealMemory=1000 State=UNKNOWN" > /etc/slurm/nodes.conf
if has two-nodes; then
    echo "NodeName=node2 NodeAddr=127.0.0.1 Port=17002 CPUs=64 RealMemory=1000 State=UNKNOWN" \
        >> /etc/slurm/nodes.conf
    # slurm.conf(5): a daemon tells its files from those of the other by its node's name.
    sed -i 's,/mnt/state/slurmd,/mnt/state/%n,' /etc/slurm/slurm.conf
    # Only this scheduler takes heterogeneous jobs.
    sed -i 's,sched/builtin,sched/backfill,; s/^SchedulerParameters=/&bf_interval=1,/' \
        /etc/slurm/slurm.conf
fi
if has private-tmp; then
    cat > /etc/syschroot/images.d/own.toml << END
root = "/mnt/image/root"
personality = "linux32"
mounts = ["standard"]
[launchers]
directory = "/mnt/bin4"
names = ["own"]
mounts = "entry"
[submit]
scheduler = "slurm"
END
    mkdir -m 755 /mnt/containers
    printf 'AutoBasePath=true\nBasePath=/mnt/containers\n' > /etc/slurm/job_container.conf
    printf 'JobContainerType = "job_container/tmpfs"\nPrologFlags=Contain\n' >> /etc/slurm/slurm.conf
fi
chown munge: /mnt/munge
chmod 755 /mnt/munge
(umask 077; head -c 128 /dev/urandom > /mnt/munge/key)
chown munge: /mnt/munge/key
setpriv --reuid munge --regid munge --clear-groups munged --key-file=/mnt/munge/key \
    --socket=/mnt/munge/socket --pid-file=/mnt/munge/pid --log-file=/mnt/munge/log \
    --seed-file=/mnt/munge/seed
slurmctld
slurmd -N node1
second=
if has two-nodes; then
    # The other node has mounts and a /tmp of its own; homes, images and launchers are on what both share.
    unshare --mount --uts --propagation slave bash -eu -c '
        hostname node2
        mount --bind /tmp/alice /mnt/home
        mount -t tmpfs -o mode=1777 none /tmp
        mkdir /tmp/alice
        mount --bind /mnt/home /tmp/alice
        umount -R /mnt/image/root/tmp
        ! [ -d /mnt/native ] || umount -R /mnt/native/root/tmp
        /mnt/tools/bin/syschroot mount --all
        slurmd -N node2
        /mnt/tools/bin/syschroot mount --all
        exec sleep infinity' &
    second=$!
    echo $second > /mnt/state/second-node
fi
is_idle() { [ -z "$(timeout 5 sinfo -h -o %t 2>&1 | grep -v "^idle$")" ]; }
for attempt in $(seq 300); do
    is_idle && break
    sleep 0.1
done
is_idle || { cat /mnt/state/*.log; exit 1; }
# An image that mounts only what is up when the daemons run: the spool directory is there now.
/mnt/tools/bin/syschroot mount --all
! has private-tmp || /mnt/tools/bin/syschroot link own

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
