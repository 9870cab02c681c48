// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.host;

/** The answer to a question about the native system. */
public enum Tristate {
  /** It is so. */
  YES,
  /** It is not so. */
  NO,
  /** It cannot be known. */
  UNKNOWN
}
