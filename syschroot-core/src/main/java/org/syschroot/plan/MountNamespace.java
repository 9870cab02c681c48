// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

/** The mount namespace of a command. */
public enum MountNamespace {
  /** The caller's if the image's mounts are up there, else one of its own. */
  AUTOMATIC,
  /** One of its own, which vanishes with its last process. */
  PRIVATE,
  /** The caller's, with only what is mounted there. */
  SHARED
}
