// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

/** What connect(2) says at a socket file. */
public enum ConnectResult {
  /** Somebody has the socket open: what is sent waits there to be read. */
  ACCEPTED,
  /** The file is there, but its socket is gone: {@code ECONNREFUSED}. */
  REFUSED,
  /** The caller may not write to the file: {@code EACCES}. */
  DENIED,
  /** It is a socket of another kind, neither datagrams nor a stream, or something else failed. */
  UNKNOWN
}
