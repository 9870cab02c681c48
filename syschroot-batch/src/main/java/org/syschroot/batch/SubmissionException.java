// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.io.IOException;

/** A job that cannot be submitted to an image; the message says why and what can be done. */
public final class SubmissionException extends IOException {
  private static final long serialVersionUID = 1;

  /** Creates the refusal of a job. */
  public SubmissionException(String message) {
    super(message);
  }
}
