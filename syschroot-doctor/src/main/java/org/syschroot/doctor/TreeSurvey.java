// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.files.TreeWalk;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.OsString;

/**
 * What stood out when every file of an image's own tree was looked at, once. Immutable.
 *
 * @param privileged programs with set-user-ID or set-group-ID bit or with capabilities
 * @param openDirectories directories that everybody may write to, without the sticky bit
 * @param openFiles files that everybody may write to
 * @param files how many files were looked at
 * @param leftOut the directories in which something was not looked at, and why; at most a few
 */
public record TreeSurvey(
    List<Privileged> privileged,
    NotedPaths openDirectories,
    NotedPaths openFiles,
    int files,
    Map<String, String> leftOut) {
  private static final int MOST_FILES = 5_000_000;
  private static final int MOST_PRIVILEGED = 2_000;
  private static final OsString CAPABILITIES = OsString.of("security.capability");
  private static final int S_ISUID = 04000;
  private static final int S_ISGID = 02000;
  private static final int S_IXGRP = 010;
  private static final int S_IWOTH = 02;
  private static final int ANY_EXECUTE = 0111;

  /** Copies the lists. */
  public TreeSurvey {
    privileged = List.copyOf(privileged);
    leftOut = Collections.unmodifiableMap(new LinkedHashMap<>(leftOut));
  }

  /**
   * A program that gives a privilege. Immutable.
   *
   * @param hostPath where it is on the native system, one character a byte
   * @param status its owner and permissions
   * @param privileges which
   */
  public record Privileged(String hostPath, FileStatus status, List<String> privileges) {
    /** Copies the list. */
    public Privileged {
      privileges = List.copyOf(privileges);
    }
  }

  static TreeSurvey of(SystemFiles tree) {
    Collector collector = new Collector();
    TreeWalk walk = new TreeWalk(tree, MOST_FILES);
    Map<String, String> leftOut = new LinkedHashMap<>();
    try {
      walk.from(tree.root(), collector);
    } catch (KernelException gone) {
      leftOut.put(tree.shown("/"), gone.reason());
    }
    leftOut.putAll(walk.leftOut());
    return collector.result(walk.seen(), leftOut);
  }

  /** Returns whether all files of the tree were looked at. */
  public boolean complete() {
    return leftOut.isEmpty();
  }

  private static final class Collector implements TreeWalk.Visitor {
    // Users can make as many as they like of their own, which must not crowd out those of root.
    private final List<Privileged> ofRoot = new ArrayList<>();
    private final List<Privileged> ofOthers = new ArrayList<>();
    private final NotedPaths notedPrivileged = new NotedPaths();
    private final NotedPaths openDirectories = new NotedPaths();
    private final NotedPaths openFiles = new NotedPaths();

    @Override
    public void visit(TreeWalk.Entry entry) {
      FileStatus status = entry.details().status();
      if (status.isRegularFile()) {
        List<String> privileges = privileges(entry, status);
        if (!privileges.isEmpty()) {
          addPrivileged(entry, status, privileges);
        }
        if ((status.permissions() & S_IWOTH) != 0) {
          openFiles.add(entry);
        }
      } else if (status.isDirectory()
          && (status.permissions() & S_IWOTH) != 0
          && !status.isSticky()) {
        openDirectories.add(entry);
      }
    }

    private void addPrivileged(TreeWalk.Entry entry, FileStatus status, List<String> privileges) {
      List<Privileged> same = status.uid() == 0 ? ofRoot : ofOthers;
      if (same.size() < MOST_PRIVILEGED) {
        same.add(new Privileged(NotedPaths.cut(entry.path()), status, privileges));
      } else {
        notedPrivileged.add(entry);
      }
    }

    private static List<String> privileges(TreeWalk.Entry entry, FileStatus status) {
      List<String> privileges = new ArrayList<>();
      int mode = status.permissions();
      if ((mode & S_ISUID) != 0) {
        privileges.add("setuid");
      }
      // Without execute permission for the group, the bit asks for mandatory locking.
      if ((mode & S_ISGID) != 0 && (mode & S_IXGRP) != 0) {
        privileges.add("setgid");
      }
      if ((mode & ANY_EXECUTE) != 0 && entry.hasAttribute(CAPABILITIES)) {
        privileges.add("capabilities");
      }
      return privileges;
    }

    TreeSurvey result(int files, Map<String, String> leftOut) {
      List<Privileged> privileged = new ArrayList<>(ofRoot);
      privileged.addAll(ofOthers);
      privileged.sort(Comparator.comparing(Privileged::hostPath));
      if (notedPrivileged.count() > 0) {
        leftOut.put(
            notedPrivileged.first().get(0),
            "more than " + MOST_PRIVILEGED + " privileged programs");
      }
      return new TreeSurvey(privileged, openDirectories, openFiles, files, leftOut);
    }
  }
}
