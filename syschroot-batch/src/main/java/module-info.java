// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/** Submits jobs so that they run in images. Start with {@link org.syschroot.batch.Scheduler}. */
module org.syschroot.batch {
  requires transitive org.syschroot.core;
  requires transitive org.syschroot.mounts;
  requires static org.jspecify;

  exports org.syschroot.batch;

  provides org.syschroot.image.SchedulerSupport with
      org.syschroot.batch.BatchSchedulers;
}
