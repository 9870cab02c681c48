// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

/** In which mount namespace a command is to run. */
public enum MountNamespace {
  /** The caller's if the image's mounts are up there, else one of its own. */
  AUTOMATIC,
  /** One of its own, which vanishes with its last process. */
  PRIVATE,
  /** The caller's, with only what is mounted there. */
  SHARED
}
