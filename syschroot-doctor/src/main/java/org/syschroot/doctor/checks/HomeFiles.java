// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.NotedPaths;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.files.TreeWalk;
import org.syschroot.doctor.finding.Finding;

/**
 * Files of the caller's home directory that a 32-bit program without large file support cannot look
 * at: stat(2) answers {@code EOVERFLOW}. Only the first 20 000 files are looked at.
 */
final class HomeFiles implements Check {
  static final int MOST_FILES = 20_000;
  private static final long LARGEST_INODE = 0xffffffffL;
  private static final long LARGEST_SIZE = Integer.MAX_VALUE;
  private static final String REASON =
      "stat(2) answers EOVERFLOW (Value too large for defined data type) to programs that were not"
          + " built with _FILE_OFFSET_BITS=64";

  @Override
  public List<Finding> examine(Examination examination) {
    String home = examination.facts().environment().getOrDefault("HOME", "");
    boolean applies = home.startsWith("/") && examination.binaries().are32Bit();
    if (!applies || !examination.inside().isMounted(home)) {
      return List.of();
    }
    Optional<SystemFile> top =
        examination.inside().find(home).filter(file -> file.status().isDirectory());
    return top.map(directory -> examine(examination, directory)).orElse(List.of());
  }

  private static List<Finding> examine(Examination examination, SystemFile home) {
    NotedPaths largeInodes = new NotedPaths();
    NotedPaths largeFiles = new NotedPaths();
    TreeWalk walk = new TreeWalk(examination.inside(), MOST_FILES);
    boolean complete =
        walk.from(
            home,
            entry -> {
              if (Long.compareUnsigned(entry.details().status().inode(), LARGEST_INODE) > 0) {
                largeInodes.add(entry);
              }
              if (entry.details().status().isRegularFile()
                  && entry.details().size() > LARGEST_SIZE) {
                largeFiles.add(entry);
              }
            });
    String looked =
        (complete ? "all " : "the first ")
            + Math.min(walk.seen(), MOST_FILES)
            + " files of "
            + home.shown();
    List<Finding> findings = new ArrayList<>();
    if (largeInodes.count() > 0) {
      findings.add(
          Finding.warning("inode-too-large")
              .effect(
                  "old 32-bit programs of the image cannot use "
                      + count(largeInodes)
                      + " of your home directory, nor list the directories that contain them")
              .cause("the inode numbers exceed 2^32-1: " + REASON + "; checked: " + looked)
              .remedy(
                  "mount the filesystem with small inode numbers (XFS: inode32, then copy the"
                      + " files; NFS: nfs.enable_ino64=0), or rebuild the programs")
              .paths(largeInodes.first())
              .build());
    }
    if (largeFiles.count() > 0) {
      findings.add(
          Finding.warning("file-too-large")
              .effect(
                  "old 32-bit programs of the image cannot open "
                      + count(largeFiles)
                      + " of your home directory")
              .cause("the sizes exceed 2^31-1 bytes: " + REASON + "; checked: " + looked)
              .remedy("split the files, or use programs with large file support")
              .paths(largeFiles.first())
              .build());
    }
    if (!complete) {
      findings.add(
          Finding.notice("home-partly-looked-at")
              .effect("there may be more files that 32-bit programs cannot use")
              .cause(walk.leftOut().values().iterator().next() + "; checked: " + looked)
              .remedy(
                  "search for them: find ~ -xdev -size +2147483647c, and find ~ -xdev -printf '%i"
                      + " %p\\n'")
              .path(home.shown())
              .build());
    }
    return findings;
  }

  private static String count(NotedPaths paths) {
    return paths.count() == 1 ? "a file" : paths.count() + " files";
  }
}
