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
import org.junit.jupiter.api.Test;

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

  @Test
  void spool_slurm_isReadFromItsConfiguration() throws IOException {
    assertThat(spool(Slurm.INSTANCE)).isEqualTo(readOnly("/var/spool/slurmd"));
    file("etc/slurm/slurm.conf", "#SlurmdSpoolDir=/no\nslurmdspooldir=/var/lib/slurm/%n # here\n");
    assertThat(spool(Slurm.INSTANCE)).isEqualTo(readOnly("/var/lib/slurm/node7"));
    file("etc/slurm/slurm.conf", "SlurmdSpoolDir=/a\nInclude nodes.conf\nClusterName=x\n");
    file("etc/slurm/nodes.conf", "SlurmdSpoolDir=/b/%h\nInclude slurm.conf\n");
    assertThat(spool(Slurm.INSTANCE)).contains("/");
    file("etc/slurm/nodes.conf", "SlurmdSpoolDir=/b/%h\n");
    assertThat(spool(Slurm.INSTANCE)).isEqualTo(readOnly("/b/node7"));
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
