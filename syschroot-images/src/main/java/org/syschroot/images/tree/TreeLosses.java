// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.tree;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.syschroot.path.ImagePath;

/** What of a source could not be kept in the tree, counted by kind. For one thread. */
public final class TreeLosses {
  private static final int EXAMPLES = 3;

  /** The kinds of losses, each with the words that tell of it. */
  public enum Kind {
    /** The root directory could have been changed by others. */
    ROOT("root directory now belongs to root, and is writable only by root"),
    /** A device was left out. */
    DEVICE("devices omitted; images use the devices of the host"),
    /** A socket was left out. */
    SOCKET("sockets omitted"),
    /** Something mounted in a directory was left out. */
    MOUNT("mounted filesystems omitted"),
    /** A file belongs to the user who unpacked it. */
    OWNER("files belong to you instead of their owners"),
    /** A set-user-ID or set-group-ID bit was dropped. */
    SET_ID("set-user-ID or set-group-ID bits dropped"),
    /** An extended attribute was dropped. */
    ATTRIBUTE("extended attributes dropped, including file capabilities and ACLs");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  private record Loss(int count, List<ImagePath> examples) {}

  private final Map<Kind, Loss> losses = new EnumMap<>(Kind.class);

  /** Creates a count of nothing. */
  public TreeLosses() {}

  /** Counts a loss at a path. */
  public void add(Kind kind, ImagePath path) {
    Loss loss = losses.getOrDefault(kind, new Loss(0, new ArrayList<>()));
    if (loss.examples.size() < EXAMPLES) {
      loss.examples.add(path);
    }
    losses.put(kind, new Loss(loss.count + 1, loss.examples));
  }

  /** Returns how often something was lost. */
  public int count(Kind kind) {
    Loss loss = losses.get(kind);
    return loss == null ? 0 : loss.count;
  }

  /** Returns one line for each kind of which there is any, with some paths. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    losses.forEach((kind, loss) -> lines.add(loss.count + " " + kind.words + examples(loss)));
    return lines;
  }

  private static String examples(Loss loss) {
    String paths = String.join(", ", loss.examples.stream().map(ImagePath::toString).toList());
    return ": " + paths + (loss.count > loss.examples.size() ? ", ..." : "");
  }
}
