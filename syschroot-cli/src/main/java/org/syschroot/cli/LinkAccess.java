// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.syschroot.config.ConfigException;
import org.syschroot.image.Image;
import org.syschroot.image.Origin;
import org.syschroot.kernel.Accounts;
import org.syschroot.launcher.LauncherAccess;

/** Who may execute an image's launchers, by the numbers that the native system has for them. */
final class LinkAccess {
  private LinkAccess() {}

  /**
   * Looks the image's users and groups up.
   *
   * @throws ConfigException if the native system does not know one of them
   */
  static LauncherAccess of(Image image, Accounts accounts) throws IOException {
    List<Integer> users =
        numbers(image, "users", image.users(), name -> accounts.user(name).map(u -> u.uid()));
    List<Integer> groups = numbers(image, "groups", image.groups(), accounts::group);
    if (users.isEmpty() && groups.isEmpty()) {
      return LauncherAccess.forEveryone();
    }
    return users.isEmpty() && groups.size() == 1
        ? LauncherAccess.forGroup(groups.get(0))
        : LauncherAccess.forOnly(users, groups);
  }

  private static List<Integer> numbers(
      Image image, String key, List<String> names, Function<String, Optional<Integer>> lookUp)
      throws IOException {
    List<Integer> numbers = new ArrayList<>();
    for (String name : names) {
      Optional<Integer> number = lookUp.apply(name);
      if (number.isEmpty()) {
        throw unknown(image.origins().get(key), key, name);
      }
      numbers.add(number.get());
    }
    return numbers;
  }

  private static IOException unknown(Origin origin, String key, String name) {
    return new ConfigException(
        origin,
        key
            + ": the native system has no "
            + (key.equals("users") ? "user" : "group")
            + " \""
            + name
            + "\": correct the name, or leave it out");
  }
}
