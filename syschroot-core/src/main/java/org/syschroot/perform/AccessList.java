// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.syschroot.image.Image;
import org.syschroot.image.Origin;
import org.syschroot.kernel.Accounts;
import org.syschroot.plan.Identity;
import org.syschroot.plan.SwitchException;

/**
 * The users and groups that an image is limited to, the settings {@code users} and {@code groups}.
 *
 * <p>Whoever has the user ID of a listed user, or the group ID of a listed group among its own, may
 * use the image, and so may root. An image without either setting is for everyone. These are the
 * rules by which the kernel lets users execute a launcher. Immutable and thread-safe.
 */
public final class AccessList {
  private static final int ROOT = 0;

  private final Image image;
  private final Supplier<Accounts> accounts;

  /**
   * Creates the list of an image.
   *
   * @param accounts the host's users and groups; asked for only if the image is limited
   */
  public AccessList(Image image, Supplier<Accounts> accounts) {
    this.image = image;
    this.accounts = accounts;
  }

  /** Returns whether the image is for everyone. */
  public boolean isForEveryone() {
    return image.users().isEmpty() && image.groups().isEmpty();
  }

  /** Returns whether somebody may use the image. */
  public boolean allows(Identity identity) {
    if (identity.uid() == ROOT || isForEveryone()) {
      return true;
    }
    Accounts known = accounts.get();
    for (String user : image.users()) {
      Optional<Accounts.User> account = known.user(user);
      if (account.isPresent() && account.get().uid() == identity.uid()) {
        return true;
      }
    }
    for (String group : image.groups()) {
      Optional<Integer> gid = known.group(group);
      if (gid.isPresent()
          && (gid.get() == identity.gid() || identity.groups().contains(gid.get()))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Checks that somebody may use the image.
   *
   * @throws SwitchException of the kind {@link SwitchException.Kind#NOT_ALLOWED} if not
   */
  public void require(Identity identity) throws SwitchException {
    if (!allows(identity)) {
      Origin origin = image.origins().get("root");
      throw SwitchException.notAllowed(
          image.name(),
          name(identity) + " is not allowed to use this image; allowed: " + describe(),
          "the administrator can add the user to users or groups in "
              + (origin == null ? "the image's settings" : origin.file()));
    }
  }

  private String name(Identity identity) {
    return accounts
        .get()
        .user(identity.uid())
        .map(user -> "user " + user.name())
        .orElseGet(() -> "user ID " + Integer.toUnsignedString(identity.uid()));
  }

  /** Returns the list for people to read, such as {@code user alice, group hep}. */
  public String describe() {
    List<String> names = new ArrayList<>();
    image.users().forEach(user -> names.add("user " + user));
    image.groups().forEach(group -> names.add("group " + group));
    return names.isEmpty() ? "everyone" : String.join(", ", names);
  }
}
