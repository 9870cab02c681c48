// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.rpm;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an image's package of the C library says of itself. Distributions mend flaws without
 * changing the release, and name them in the package's changelog. Immutable.
 *
 * @param version version and release, such as {@code 2.17-326.el7_9}
 * @param mended the numbers of flaws that the changelog names as mended; it may have been cut short
 */
public record GlibcPackage(String version, Set<String> mended) {
  static final String FORMAT = "V %{VERSION}-%{RELEASE}\\n[C %{CHANGELOGTEXT}\\n]";

  private static final Pattern VERSION = Pattern.compile("V ([A-Za-z0-9._+~^-]{1,100})");
  private static final Pattern FLAW = Pattern.compile("CVE-\\d{4}-\\d{4,7}");

  /** Copies the set. */
  public GlibcPackage {
    mended = Set.copyOf(mended);
  }

  /** Reads lines of {@link #FORMAT}. Where there are packages for two processors, both count. */
  static final class Lines implements Consumer<String> {
    private @Nullable String version;
    private @Nullable Set<String> ofOthers;
    private Set<String> mended = new HashSet<>();

    @Override
    public void accept(String line) {
      Matcher start = VERSION.matcher(line);
      if (start.matches()) {
        endPackage();
        version = start.group(1);
        return;
      }
      String lowered = line.toLowerCase(java.util.Locale.ROOT);
      if (lowered.contains("revert") || lowered.contains("drop")) {
        return; // what was mended once need not be any more
      }
      Matcher flaw = FLAW.matcher(line);
      while (flaw.find()) {
        mended.add(flaw.group());
      }
    }

    private void endPackage() {
      if (version != null) {
        if (ofOthers != null) {
          mended.retainAll(ofOthers);
        }
        ofOthers = mended;
      }
      mended = new HashSet<>();
    }

    Optional<GlibcPackage> result() {
      endPackage();
      return version == null || ofOthers == null
          ? Optional.empty()
          : Optional.of(new GlibcPackage(version, ofOthers));
    }
  }
}
