// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mountplan;

import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * A new, empty file system in memory, tmpfs(5). Immutable.
 *
 * @param target where in the image
 * @param data options such as {@code mode=1777,size=10%}, may be empty
 */
public record TmpfsMount(ImagePath target, OsString data) implements MountStep {
  @Override
  public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
    return visitor.tmpfs(this);
  }

  @Override
  public String toString() {
    return "tmpfs on " + target + (data.isEmpty() ? "" : " (" + data + ")");
  }
}
