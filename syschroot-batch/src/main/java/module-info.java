// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/** Submits jobs so that they run in images: what the command {@code submit} and core use. */
module org.syschroot.batch {
  requires transitive org.syschroot.core;
  requires transitive org.syschroot.mounts;
  requires static org.jspecify;

  provides org.syschroot.host.SchedulerSupport with
      org.syschroot.batch.BatchSchedulers;
}
