// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.syschroot.host.SchedulerSupport;

/** What core finds of this module on the class path. */
class BatchSchedulersTest {
  @Test
  void schedulers_classPath_knowsTheirNames() {
    assertThat(ServiceLoader.load(SchedulerSupport.class).findFirst().orElseThrow().names())
        .containsExactly(
            "slurm",
            "torque",
            "pbs",
            "openpbs",
            "gridengine",
            "sge",
            "htcondor",
            "lsf",
            "flux",
            "oar");
  }
}
