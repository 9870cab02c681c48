// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.syschroot.image.Image;
import org.syschroot.kernel.Accounts;

/**
 * A directory on the way to an image's root, or that itself, that not all users can search:
 * chroot(2) of a launcher fails there with EACCES, since a launcher has its caller's rights.
 * Immutable.
 *
 * @param path the directory
 * @param remedy what to do, which opens no directory that is somebody's home
 */
public record ClosedDirectory(Path path, String remedy) {
  private static final int SEARCH_BY_OTHERS = 01;
  private static final int SEARCH_BY_GROUP = 010;

  /**
   * Returns those of an image, the nearest first. One that lets the groups in to which the image is
   * limited is as it should be.
   *
   * @throws IOException if one cannot be looked at
   */
  public static List<ClosedDirectory> of(Image image, Accounts accounts) throws IOException {
    List<ClosedDirectory> closed = new ArrayList<>();
    for (Path directory = image.root().toPath();
        directory != null;
        directory = directory.getParent()) {
      Map<String, Object> status = Files.readAttributes(directory, "unix:mode,uid,gid");
      int mode = number(status, "mode");
      boolean isForItsGroups =
          (mode & SEARCH_BY_GROUP) != 0
              && image.users().isEmpty()
              && !image.groups().isEmpty()
              && image.groups().stream()
                  .allMatch(
                      group -> accounts.group(group).equals(Optional.of(number(status, "gid"))));
      if ((mode & SEARCH_BY_OTHERS) == 0 && !isForItsGroups) {
        boolean isOfRoot = number(status, "uid") == 0 && !isHome(directory, accounts);
        closed.add(
            new ClosedDirectory(
                directory,
                isOfRoot
                    ? "chmod o+x " + directory
                    : "move the image to a directory that all users can search"));
      }
    }
    return closed;
  }

  private static int number(Map<String, Object> status, String attribute) {
    return (Integer) Objects.requireNonNull(status.get(attribute), attribute);
  }

  private static boolean isHome(Path directory, Accounts accounts) {
    return accounts.user(0).filter(root -> directory.equals(Path.of(root.home()))).isPresent();
  }

  /** Returns what will happen, for people to read. */
  public String effect() {
    return "users who cannot search " + path + " get \"Permission denied\" from launchers";
  }
}
