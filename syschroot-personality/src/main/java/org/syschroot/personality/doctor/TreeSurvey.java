// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.doctor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.OsString;
import org.syschroot.personality.files.ByteText;
import org.syschroot.personality.files.SystemFile;
import org.syschroot.personality.files.SystemFiles;
import org.syschroot.personality.files.TreeWalk;

/**
 * What stood out when every file of an image's own tree was looked at, once. Immutable.
 *
 * @param privileged programs with set-user-ID or set-group-ID bit or with capabilities
 * @param openDirectories directories that everybody may write to, without the sticky bit
 * @param openFiles files that everybody may write to
 * @param files how many files were looked at
 * @param complete whether these are all
 */
public record TreeSurvey(
    List<Privileged> privileged,
    List<String> openDirectories,
    List<String> openFiles,
    int files,
    boolean complete) {
  private static final int MOST_FILES = 5_000_000;
  private static final int MOST_NOTED = 10_000;
  private static final OsString CAPABILITIES = OsString.of("security.capability");
  private static final int S_ISUID = 04000;
  private static final int S_ISGID = 02000;
  private static final int S_IXGRP = 010;
  private static final int S_IWOTH = 02;
  private static final int ANY_EXECUTE = 0111;

  /** Copies the lists. */
  public TreeSurvey {
    privileged = List.copyOf(privileged);
    openDirectories = List.copyOf(openDirectories);
    openFiles = List.copyOf(openFiles);
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
    boolean complete;
    try {
      SystemFile root = tree.root();
      complete = walk.from(root, collector);
    } catch (KernelException gone) {
      complete = false;
    }
    return collector.result(walk.seen(), complete);
  }

  private static final class Collector implements TreeWalk.Visitor {
    private final List<Privileged> privileged = new ArrayList<>();
    private final List<String> openDirectories = new ArrayList<>();
    private final List<String> openFiles = new ArrayList<>();

    @Override
    public void visit(String directory, TreeWalk.Entry entry) {
      FileStatus status = entry.details().status();
      if (status.isRegularFile()) {
        List<String> privileges = privileges(entry, status);
        if (!privileges.isEmpty() && privileged.size() < MOST_NOTED) {
          privileged.add(new Privileged(path(directory, entry), status, privileges));
        }
        if ((status.permissions() & S_IWOTH) != 0) {
          add(openFiles, directory, entry);
        }
      } else if (status.isDirectory()
          && (status.permissions() & S_IWOTH) != 0
          && !status.isSticky()) {
        add(openDirectories, directory, entry);
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

    private static void add(List<String> paths, String directory, TreeWalk.Entry entry) {
      if (paths.size() < MOST_NOTED) {
        paths.add(ByteText.shown(path(directory, entry)));
      }
    }

    private static String path(String directory, TreeWalk.Entry entry) {
      return (directory.equals("/") ? "" : directory) + "/" + entry.name();
    }

    TreeSurvey result(int files, boolean complete) {
      privileged.sort(Comparator.comparing(Privileged::hostPath));
      openDirectories.sort(Comparator.naturalOrder());
      openFiles.sort(Comparator.naturalOrder());
      return new TreeSurvey(privileged, openDirectories, openFiles, files, complete);
    }
  }
}
