// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The nouns, the plan, and the ways to carry it out. Start with {@link org.syschroot.Syschroot}.
 */
module org.syschroot.core {
  requires jdk.jfr;
  requires org.jnrproject.ffi;
  requires org.jnrproject.jffi;
  requires org.jnrproject.posix;
  requires org.tomlj;
  requires static org.jspecify;

  exports org.syschroot;
  exports org.syschroot.config;
  exports org.syschroot.explain;
  exports org.syschroot.image;
  exports org.syschroot.mountplan;
  exports org.syschroot.path;
  exports org.syschroot.plan;
  exports org.syschroot.site;
  exports org.syschroot.spawn;

  // For those of this project's modules that need it, and nobody else.
  exports org.syschroot.accounts to
      org.syschroot.mounts,
      org.syschroot.doctor;
  exports org.syschroot.caller to
      org.syschroot.batch,
      org.syschroot.images;
  exports org.syschroot.exec to
      org.syschroot.batch;
  exports org.syschroot.host to
      org.syschroot.mounts,
      org.syschroot.personality,
      org.syschroot.batch,
      org.syschroot.doctor,
      org.syschroot.images;
  exports org.syschroot.kernel to
      org.syschroot.mounts,
      org.syschroot.personality,
      org.syschroot.syslog,
      org.syschroot.batch,
      org.syschroot.doctor,
      org.syschroot.images;
  exports org.syschroot.launcher to
      org.syschroot.mounts,
      org.syschroot.syslog,
      org.syschroot.batch,
      org.syschroot.doctor;
  exports org.syschroot.mounting to
      org.syschroot.mounts;
  exports org.syschroot.perform to
      org.syschroot.batch;
  exports org.syschroot.quote to
      org.syschroot.mounts,
      org.syschroot.syslog,
      org.syschroot.batch;
  exports org.syschroot.rules to
      org.syschroot.mounts,
      org.syschroot.doctor;
  exports org.syschroot.text to
      org.syschroot.images;
  exports org.syschroot.trust to
      org.syschroot.mounts,
      org.syschroot.personality,
      org.syschroot.syslog,
      org.syschroot.doctor,
      org.syschroot.images;

  // jnr-ffi makes code that calls what is declared there.
  opens org.syschroot.kernel;

  uses org.syschroot.host.SchedulerSupport;
  uses org.syschroot.mounting.MountSupport;
}
