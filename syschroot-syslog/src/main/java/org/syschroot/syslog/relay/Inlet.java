// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import org.syschroot.kernel.KernelException;

/** An open socket of an image. For one thread. */
sealed interface Inlet permits DatagramInlet, StreamInlet {
  /** Starts to be called when there is something to read. */
  void resume() throws KernelException;

  /** Is no longer called: senders wait. */
  void pause() throws KernelException;

  /** Takes nothing more from senders. What they have sent is still there to be read. */
  void shutdown() throws KernelException;

  /** Reads some of what is there; returns whether there may be more. */
  boolean read() throws KernelException;

  /** Returns how many connections are open. */
  int connections();

  /** Closes it; what was not read is lost. */
  void close();
}
