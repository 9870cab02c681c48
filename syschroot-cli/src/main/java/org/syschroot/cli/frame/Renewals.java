// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.io.IOException;
import java.util.Set;
import org.syschroot.image.Image;
import org.syschroot.mounts.ImageConsistency;
import org.syschroot.mounts.ImageConsistency.Renewal;

/** Brings what of an image follows the host up to date, and reports what cannot be. */
public final class Renewals {
  private final Site site;
  private final Console console;

  /** Creates it for the images of a site. */
  public Renewals(Site site, Console console) {
    this.site = site;
    this.console = console;
  }

  /**
   * Brings an image up to date.
   *
   * @throws IOException if it cannot be
   */
  public void renew(Image image) throws IOException {
    renew(image, Set.of());
  }

  /**
   * Brings an image up to date.
   *
   * @param users further users to show, by name or number
   */
  public void renew(Image image, Set<String> users) throws IOException {
    ImageConsistency consistency =
        ImageConsistency.ofHost(site.kernel(), site.effectiveUid()).withUsers(users);
    if (!consistency.mayRenew(image)) {
      return;
    }
    Renewal renewal = consistency.renew(image);
    renewal.changed().forEach(path -> console.detail(image.name() + ": renewed " + path));
    renewal.notes().forEach(note -> console.notice(image.name() + ": " + note));
  }

  /** Brings an image up to date before a command runs in it, which runs whatever comes of it. */
  public void renewIfPossible(Image image) {
    renewIfPossible(image, Set.of());
  }

  /**
   * Brings an image up to date before a command runs in it, which runs whatever comes of it.
   *
   * @param users further users to show, by name or number
   */
  public void renewIfPossible(Image image, Set<String> users) {
    try {
      if (!image.consistency().isNone()) {
        renew(image, users);
      }
    } catch (IOException e) {
      console.notice(
          image.name()
              + ": accounts and files of the host may be outdated: "
              + FailureMessages.of(e));
      FailureMessages.hint(e).ifPresent(console::hint);
    }
  }
}
