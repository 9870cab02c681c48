// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.files;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.syschroot.path.OsString;

/**
 * A directory or file of a tree, by its name and the directory it is in: a hundred thousand of them
 * beneath a long path need that path once. Mutable in whether it is open; for one thread.
 */
final class TreePlace {
  /** How deep a walk goes: opening a directory costs time for each one above it. */
  static final int MOST_DEPTH = 2_000;

  private static final int OWN_SIZE = 100;
  private static final int LONGEST_PIECE = 4_000; // PATH_MAX is 4096

  private final @Nullable TreePlace parent;
  private final OsString name;
  private final int depth;
  private int descriptor = -1;

  private TreePlace(@Nullable TreePlace parent, OsString name, int depth) {
    this.parent = parent;
    this.name = name;
    this.depth = depth;
  }

  /** Returns the top of a tree, by its path on the native system. */
  static TreePlace top(String hostPath) {
    return new TreePlace(null, ByteText.bytes(hostPath), 0);
  }

  TreePlace child(OsString childName) {
    return new TreePlace(this, childName, depth + 1);
  }

  int depth() {
    return depth;
  }

  /** Returns about how many bytes of memory it needs. */
  int size() {
    return OWN_SIZE + name.length();
  }

  boolean isOpen() {
    return descriptor >= 0;
  }

  int descriptor() {
    return descriptor;
  }

  void opened(int fileDescriptor) {
    descriptor = fileDescriptor;
  }

  void closed() {
    descriptor = -1;
  }

  /** Returns the path on the native system. */
  String path() {
    StringBuilder path = new StringBuilder();
    for (TreePlace place : fromTop()) {
      if (!path.isEmpty() && path.charAt(path.length() - 1) != '/') {
        path.append('/');
      }
      path.append(ByteText.of(place.name));
    }
    return path.toString();
  }

  /** Returns the path in pieces that the kernel takes, each relative to the one before. */
  List<OsString> pieces() {
    List<OsString> pieces = new ArrayList<>();
    StringBuilder piece = new StringBuilder();
    for (TreePlace place : fromTop()) {
      if (!piece.isEmpty() && piece.length() + place.name.length() >= LONGEST_PIECE) {
        pieces.add(ByteText.bytes(piece.toString()));
        piece.setLength(0);
      }
      if (!piece.isEmpty() && piece.charAt(piece.length() - 1) != '/') {
        piece.append('/');
      }
      piece.append(ByteText.of(place.name));
    }
    pieces.add(ByteText.bytes(piece.toString()));
    return pieces;
  }

  private Deque<TreePlace> fromTop() {
    Deque<TreePlace> places = new ArrayDeque<>();
    for (TreePlace place = this; place != null; place = place.parent) {
      places.push(place);
    }
    return places;
  }
}
