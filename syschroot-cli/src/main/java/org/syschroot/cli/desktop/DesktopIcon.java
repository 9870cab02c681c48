// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.desktop;

import java.util.Locale;
import org.syschroot.image.ImageName;

/**
 * The icon of an image's terminal: a terminal within the frame of another system, with the image's
 * name beneath. Each name has a colour of its own, so that several are told apart at a glance.
 */
final class DesktopIcon {
  private static final int WIDEST_LETTERS = 7;
  private static final int LARGEST_TEXT = 26;
  private static final int TEXT_WIDTH = 112;

  private DesktopIcon() {}

  static String svg(ImageName image) {
    String name = image.value();
    int hue = Math.floorMod(name.hashCode() * 47, 360);
    int size = Math.min(LARGEST_TEXT, Math.max(6, LARGEST_TEXT * WIDEST_LETTERS / name.length()));
    String fit =
        name.length() > 2 * WIDEST_LETTERS
            ? String.format(" textLength=\"%d\" lengthAdjust=\"spacingAndGlyphs\"", TEXT_WIDTH)
            : "";
    return String.format(
        Locale.ROOT,
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <svg xmlns="http://www.w3.org/2000/svg" width="128" height="128" viewBox="0 0 128 128">
          <title>%s</title>
          <rect x="2" y="2" width="124" height="124" rx="16" fill="hsl(%d, 45%%, 38%%)"/>
          <rect x="14" y="14" width="100" height="70" rx="7" fill="#15191d"/>
          <path d="M14 27V21a7 7 0 0 1 7-7h86a7 7 0 0 1 7 7v6z" fill="#d9dee3"/>
          <circle cx="24" cy="20.500" r="3" fill="hsl(%d, 45%%, 38%%)"/>
          <path d="M25 40l13 11-13 11" fill="none" stroke="#7ee08a" stroke-width="6"
              stroke-linecap="round" stroke-linejoin="round"/>
          <path d="M48 63h22" stroke="#7ee08a" stroke-width="6" stroke-linecap="round"/>
          <text x="64" y="%d" font-family="sans-serif" font-weight="bold" font-size="%d"
              text-anchor="middle" fill="#ffffff"%s>%s</text>
        </svg>
        """,
        name,
        hue,
        hue,
        103 + size / 3,
        size,
        fit,
        name);
  }
}
