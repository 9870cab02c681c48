// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where schedulers keep the scripts of jobs, by their own configuration files. */
class SpoolTest {
  private final Path root = Jimfs.newFileSystem(Configuration.unix()).getPath("/").toAbsolutePath();

  private SpoolTest file(String path, String text) throws IOException {
    Path place = root.resolve(path);
    Files.createDirectories(place.getParent());
    Files.writeString(place, text);
    return this;
  }

  private String spool(Scheduler scheduler) {
    return scheduler.spool(new SchedulerFiles(root, "node7.example.org")).stream()
        .map(Object::toString)
        .collect(Collectors.joining(" "));
  }

  private static String readOnly(String path) {
    return path + ":" + path + ":ro,optional";
  }

  private static String writable(String path) {
    return path + ":" + path + ":optional";
  }

  @Test
  void spool_slurm_isReadFromItsConfigurationAndWritable() throws IOException {
    assertThat(spool(Slurm.INSTANCE)).isEqualTo(writable("/var/spool/slurmd"));
    file("etc/slurm/slurm.conf", "#SlurmdSpoolDir=/no\nslurmdspooldir=/var/lib/slurm/%n # here\n");
    assertThat(spool(Slurm.INSTANCE)).isEqualTo(writable("/var/lib/slurm/node7"));
    file("etc/slurm/slurm.conf", "SlurmdSpoolDir=/a\nInclude nodes.conf\nClusterName=x\n");
    file("etc/slurm/nodes.conf", "SlurmdSpoolDir=/b/%h\nInclude slurm.conf\n");
    assertThat(spool(Slurm.INSTANCE)).isEqualTo(writable("/b/node7"));
    file("etc/slurm/nodes.conf", "SlurmdSpoolDir=/b/%h\n");
    assertThat(spool(Slurm.INSTANCE)).isEqualTo(writable("/b/node7"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SlurmdSpoolDir = /x/y\n",
        "  SLURMDSPOOLDIR=\"/x/y\"   # comment\n",
        "SlurmdSpoolDir\t=\t\"/x/y\"\n",
        "ClusterName=c SlurmdSpoolDir=/x/y MpiDefault=none\n",
        "SlurmdSpoolDir = \\\n  /x/y\n",
        "SlurmdSpoolDir=/first\nSlurmdSpoolDir=/x/y\n",
        "ClusterName = physics\nINCLUDE   /etc/slurm/%c.conf\n",
        "SlurmctldHost=a(10.0.0.1) \nSlurmdSpoolDir =/x/y \r\n",
      })
  void spool_slurm_isReadAsSlurmReadsIt(String text) throws IOException {
    file("etc/slurm/physics.conf", "SlurmdSpoolDir= /x/y\n");
    file("etc/slurm/slurm.conf", text);

    assertThat(spool(Slurm.INSTANCE)).isEqualTo(writable("/x/y"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "NodeName=n[01-16] NodeHostname=node[1-16] CPUs=4; /s/n07-node7",
        "NodeName=DEFAULT CPUs=4; /s/node7-node7",
        "NodeName=node[1-5,7-9] CPUs=4; /s/node7-node7",
        "NodeName=a[1-2],b NodeHostname=node7 Port=[17001-17003]; "
            + "/s/a1-node7 /s/a2-node7 /s/b-node7",
        "nodename = \"ib7\" nodehostname = node7.example.org; /s/ib7-node7",
        "NodeName=r[0-1]n[1-8] NodeHostname=node[0-15]; /s/r0n8-node7",
        "NodeName=n[1-99999999] NodeHostname=node[; /s/node7-node7",
      })
  void spool_slurm_isThatOfEachNodeOnThisHost(String nodes, String expected) throws IOException {
    file("etc/slurm/slurm.conf", "SlurmdSpoolDir=/s/%n-%h\n" + nodes + "\n");

    assertThat(spool(Slurm.INSTANCE))
        .isEqualTo(
            Stream.of(expected.split(" "))
                .map(SpoolTest::writable)
                .collect(Collectors.joining(" ")));
  }

  private String privateTo(Scheduler scheduler) {
    return String.join(
        " ", scheduler.privateDirectories(new SchedulerFiles(root, "node7.example.org")));
  }

  @Test
  void privateDirectories_slurm_areThoseOfItsPlugin() throws IOException {
    assertThat(privateTo(Slurm.INSTANCE)).isEmpty();
    file("etc/slurm/slurm.conf", "JobContainerType=job_container/none\n");
    assertThat(privateTo(Slurm.INSTANCE)).isEmpty();
    file("etc/slurm/slurm.conf", "JobContainerType = \"job_container/tmpfs\"\n");
    assertThat(privateTo(Slurm.INSTANCE)).isEqualTo("/tmp /dev/shm");
    file("etc/slurm/job_container.conf", "AutoBasePath=true\nBasePath=/x Dirs=/tmp,/var/tmp\n");
    assertThat(privateTo(Slurm.INSTANCE)).isEqualTo("/tmp /var/tmp");
    file("etc/slurm/job_container.conf", "BasePath=/x\nNodeName=node[6-8] Dirs=/scratch\n");
    assertThat(privateTo(Slurm.INSTANCE)).isEqualTo("/scratch");
    file("etc/slurm/job_container.conf", "BasePath=/x\nNodeName=node[1-6] Dirs=/scratch\n");
    assertThat(privateTo(Slurm.INSTANCE)).isEqualTo("/tmp /dev/shm");
    file("etc/slurm/job_container.conf", "NodeName=node7 BasePath=none\n");
    assertThat(privateTo(Slurm.INSTANCE)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"etc/slurm", "etc/slurm-llnl", "usr/local/etc", "opt/slurm/etc"})
  void privateDirectories_slurmInAnyUsualPlace_areThoseOfItsPlugin(String directory)
      throws IOException {
    file(directory + "/slurm.conf", "JobContainerType=job_container/tmpfs\n");
    file(directory + "/job_container.conf", "BasePath=/x Dirs=/scratch\n");
    assertThat(privateTo(Slurm.INSTANCE)).isEqualTo("/scratch");
  }

  /** From Slurm 25.11 on, slurm.conf(5), job_container.conf(5) and namespace.yaml(5). */
  @Test
  void privateDirectories_namespacePluginsOfSlurm_areTheirs() throws IOException {
    file("etc/slurm/slurm.conf", "NamespaceType=namespace/tmpfs\n");
    assertThat(privateTo(Slurm.INSTANCE)).isEqualTo("/tmp /dev/shm");
    file("etc/slurm/job_container.conf", "BasePath=/x Dirs=/scratch\n");
    assertThat(privateTo(Slurm.INSTANCE)).isEqualTo("/scratch");
    file("etc/slurm/slurm.conf", "namespacetype = namespace/linux\n");
    assertThat(privateTo(Slurm.INSTANCE)).isEqualTo("/tmp /dev/shm");
    file(
        "etc/slurm/namespace.yaml",
        "defaults:\n  base_path: /x\n  dirs: \"/tmp,/var/tmp\" # two\n");
    assertThat(privateTo(Slurm.INSTANCE)).isEqualTo("/tmp /dev/shm /var/tmp");
    file("etc/slurm/namespace.yaml", "defaults:\n  dirs:\n");
    assertThat(privateTo(Slurm.INSTANCE)).isEqualTo("/tmp /dev/shm");
    file("etc/slurm/slurm.conf", "NamespaceType=namespace/none\n");
    assertThat(privateTo(Slurm.INSTANCE)).isEmpty();
  }

  @Test
  void privateDirectories_htCondor_areMountedUnderTheJobsDirectory() throws IOException {
    assertThat(privateTo(HtCondor.INSTANCE)).isEmpty();
    file("etc/condor/condor_config", "MOUNT_UNDER_SCRATCH = \"/tmp, /var/tmp\"\n");
    assertThat(privateTo(HtCondor.INSTANCE)).isEqualTo("/tmp /var/tmp");
    assertThat(privateTo(Torque.INSTANCE)).isEmpty();
  }

  @Test
  void spool_torque_isThatOfItsDaemonOrOfOpenPbs() throws IOException {
    assertThat(spool(Torque.INSTANCE))
        .isEqualTo(
            readOnly("/var/spool/torque/mom_priv/jobs")
                + " "
                + readOnly("/var/spool/pbs/mom_priv/jobs"));
    file("etc/pbs.conf", "PBS_EXEC=/opt/pbs\nPBS_HOME=/srv/pbs\n");
    assertThat(spool(Torque.INSTANCE)).endsWith(readOnly("/srv/pbs/mom_priv/jobs"));
  }

  @Test
  void spool_gridEngine_isReadFromTheCell() throws IOException {
    assertThat(spool(GridEngine.INSTANCE))
        .isEqualTo(
            readOnly("/var/spool/gridengine/execd")
                + " "
                + readOnly("/var/lib/gridengine/default/spool"));
    file("etc/default/gridengine", "SGE_ROOT=/opt/sge\nSGE_CELL=phys\n");
    file("opt/sge/phys/common/configuration", "execd_spool_dir              /scratch/sge\n");
    assertThat(spool(GridEngine.INSTANCE)).startsWith(readOnly("/scratch/sge") + " ");
  }

  @Test
  void spool_htCondor_isWhereJobsRun() throws IOException {
    assertThat(spool(HtCondor.INSTANCE))
        .isEqualTo("/var/lib/condor/execute:/var/lib/condor/execute:optional");
    file("etc/condor/condor_config", "LOCAL_DIR = /var\nEXECUTE = $(LOCAL_DIR)/execute\n");
    file("etc/condor/config.d/10-site", "# EXECUTE = /no\nLOCAL_DIR=/scratch\n");
    assertThat(spool(HtCondor.INSTANCE)).startsWith("/scratch/execute:");
  }
}
