// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.glibc;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A known flaw of glibc, and in which versions it is mended. Immutable.
 *
 * <p>Sources: the NEWS and advisories of glibc for the releases; for Debian its security advisories
 * (DSA, DLA) and the changelogs of its packages. Other distributions mend without changing the
 * release, and their packages' versions are not in the library: of those it is only known that they
 * may be affected.
 *
 * @param cve the number under which it is known
 * @param description what it lets others do
 * @param since the first release that has it
 * @param mended the first release that has not
 * @param debian the first version of Debian's package that has not, by release
 */
public record GlibcFlaw(
    String cve,
    String description,
    GlibcVersion since,
    GlibcVersion mended,
    Map<GlibcVersion, String> debian) {
  private static final String BECOMES_ROOT = "a user becomes root";

  /** What is known of a library and a flaw. */
  public enum Verdict {
    /** It has the flaw. */
    AFFECTED,
    /** It has the flaw unless the distribution has mended it. */
    PERHAPS,
    /** It has not. */
    NOT_AFFECTED
  }

  /** Flaws that let users become root by set-user-ID programs, or others get in by the network. */
  public static final List<GlibcFlaw> KNOWN =
      List.of(
          flaw("CVE-2010-3847", "$ORIGIN in LD_AUDIT: a user becomes root", "2.0", "2.13")
              .debian("2.7", "2.7-18lenny6")
              .debian("2.11", "2.11.2-8")
              .build(),
          flaw("CVE-2010-3856", "LD_AUDIT loads any library: a user becomes root", "2.0", "2.13")
              .debian("2.7", "2.7-18lenny7")
              .debian("2.11", "2.11.2-8")
              .build(),
          flaw("CVE-2014-5119", "the name of a character set: a user becomes root", "2.0", "2.20")
              .debian("2.11", "2.11.3-4+deb6u1")
              .debian("2.13", "2.13-38+deb7u4")
              .debian("2.19", "2.19-10")
              .build(),
          flaw("CVE-2015-0235", "GHOST, a hostname overflows a buffer", "2.2", "2.18")
              .debian("2.11", "2.11.3-4+deb6u4")
              .debian("2.13", "2.13-38+deb7u7")
              .build(),
          flaw("CVE-2015-7547", "the answer of a name server overflows the stack", "2.9", "2.23")
              .debian("2.11", "2.11.3-4+deb6u11")
              .debian("2.13", "2.13-38+deb7u10")
              .debian("2.19", "2.19-18+deb8u3")
              .debian("2.21", "2.21-8")
              .build(),
          flaw(
                  "CVE-2017-1000366",
                  "Stack Clash, LD_LIBRARY_PATH: a user becomes root",
                  "2.0",
                  "2.26")
              .debian("2.13", "2.13-38+deb7u12")
              .debian("2.19", "2.19-18+deb8u10")
              .debian("2.24", "2.24-11+deb9u1")
              .build(),
          flaw(
                  "CVE-2018-1000001",
                  "realpath with an unreachable directory: a user becomes root",
                  "2.0",
                  "2.27")
              .debian("2.26", "2.26-4")
              .build(),
          flaw(
                  "CVE-2023-4911",
                  "Looney Tunables, GLIBC_TUNABLES: a user becomes root",
                  "2.34",
                  "2.39")
              .debian("2.31", "2.31-13+deb11u7")
              .debian("2.36", "2.36-9+deb12u3")
              .build(),
          flaw("CVE-2023-6246", "syslog with a long name: a user becomes root", "2.37", "2.39")
              .debian("2.36", "2.36-9+deb12u4")
              .build(),
          flaw("CVE-2024-2961", "iconv to ISO-2022-CN-EXT overflows a buffer", "2.1", "2.40")
              .debian("2.31", "2.31-13+deb11u9")
              .debian("2.36", "2.36-9+deb12u6")
              .build());

  /** Copies the map. */
  public GlibcFlaw {
    debian = Map.copyOf(debian);
  }

  /**
   * Returns whether it takes a set-user-ID program to use it, and so nothing comes of it with
   * no_new_privs.
   */
  public boolean needsPrivilegedProgram() {
    return description.endsWith(BECOMES_ROOT);
  }

  /** Says what is known of a library. */
  public Verdict verdict(Glibc libc) {
    Optional<String> mendedByDebian = Optional.ofNullable(debian.get(libc.version()));
    if (libc.debianVersion().isPresent() && mendedByDebian.isPresent()) {
      DebianVersion installed = new DebianVersion(libc.debianVersion().get());
      return installed.compareTo(new DebianVersion(mendedByDebian.get())) < 0
          ? Verdict.AFFECTED
          : Verdict.NOT_AFFECTED;
    }
    boolean inRange = libc.version().compareTo(since) >= 0 && libc.version().compareTo(mended) < 0;
    return inRange ? Verdict.PERHAPS : Verdict.NOT_AFFECTED;
  }

  /** Returns the flaws that a library has, or may have. */
  public static List<GlibcFlaw> of(Glibc libc, Verdict verdict) {
    List<GlibcFlaw> flaws = new ArrayList<>();
    for (GlibcFlaw flaw : KNOWN) {
      if (flaw.verdict(libc) == verdict) {
        flaws.add(flaw);
      }
    }
    return flaws;
  }

  private static Builder flaw(String cve, String description, String since, String mended) {
    return new Builder(cve, description, since, mended);
  }

  private static final class Builder {
    private final String cve;
    private final String description;
    private final String since;
    private final String mended;
    private final Map<GlibcVersion, String> debian = new LinkedHashMap<>();

    Builder(String cve, String description, String since, String mended) {
      this.cve = cve;
      this.description = description;
      this.since = since;
      this.mended = mended;
    }

    Builder debian(String release, String version) {
      debian.put(GlibcVersion.of(release), version);
      return this;
    }

    GlibcFlaw build() {
      return new GlibcFlaw(
          cve, description, GlibcVersion.of(since), GlibcVersion.of(mended), debian);
    }
  }
}
