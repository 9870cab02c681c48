// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.tree;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.syschroot.kernel.FileDetails;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.kernel.LinuxTreeWriteCalls;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.TreeCalls;
import org.syschroot.kernel.TreeWriteCalls;
import org.syschroot.path.OsString;

/** A tree as text, a line a file, so that two trees can be compared with all that matters. */
public final class TreeListing {
  private final Kernel kernel = LinuxKernel.running();
  private final TreeCalls look = LinuxTreeCalls.running();
  private final TreeWriteCalls calls = LinuxTreeWriteCalls.running();
  private final Map<String, String> lines = new TreeMap<>();
  private final Map<String, String> firstNames = new HashMap<>();
  private final boolean withTimesOfDirectories;

  private TreeListing(boolean withTimesOfDirectories) {
    this.withTimesOfDirectories = withTimesOfDirectories;
  }

  /**
   * Returns path and properties of each file: type, mode, owner, time, link, attributes, content.
   */
  public static Map<String, String> of(java.nio.file.Path root) throws Exception {
    return of(root, true);
  }

  public static Map<String, String> of(java.nio.file.Path root, boolean withTimesOfDirectories)
      throws Exception {
    TreeListing listing = new TreeListing(withTimesOfDirectories);
    listing.addAll(OsString.of(root.toString()), "");
    return listing.lines;
  }

  private void addAll(OsString directory, String prefix) throws Exception {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    int open = kernel.openat(Kernel.AT_FDCWD, directory, flags, 0);
    try {
      if (prefix.isEmpty()) {
        add(open, OsString.of("."), ".");
      }
      for (OsString name : kernel.getdents(open).stream().sorted().toList()) {
        String path = prefix + new String(name.toBytes(), StandardCharsets.ISO_8859_1);
        if (add(open, name, path)) {
          addAll(directory.plus(OsString.of("/")).plus(name), path + "/");
        }
      }
    } finally {
      kernel.close(open);
    }
  }

  private boolean add(int parent, OsString name, String path) throws Exception {
    FileDetails details = look.statx(parent, name);
    FileStatus status = details.status();
    StringBuilder line = new StringBuilder();
    line.append(Integer.toOctalString(status.mode()));
    line.append(" ").append(status.uid()).append(":").append(status.gid());
    if (!status.isDirectory() || withTimesOfDirectories) {
      line.append(" ").append(details.modified()).append('.').append(details.nanoseconds());
    }
    if (status.isSymbolicLink()) {
      line.append(" -> ").append(kernel.readlinkat(parent, name));
    }
    for (OsString attribute : calls.attributes(parent, name).stream().sorted().toList()) {
      byte[] value = calls.attribute(parent, name, attribute);
      line.append(" ").append(attribute).append("=").append(HexFormat.of().formatHex(value));
    }
    if (status.isRegularFile()) {
      line.append(" ").append(details.size()).append(" ").append(digest(parent, name));
    }
    if (!status.isDirectory()) {
      String first = firstNames.putIfAbsent(status.device() + ":" + status.inode(), path);
      line.append(first == null ? " links " + status.links() : " same as " + first);
    }
    lines.put(path, line.toString());
    return status.isDirectory();
  }

  private String digest(int parent, OsString name) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    int file = kernel.openat(parent, name, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW, 0);
    try {
      byte[] block = kernel.read(file, 32768);
      while (block.length > 0) {
        digest.update(block);
        block = kernel.read(file, 32768);
      }
    } finally {
      kernel.close(file);
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  /** Returns how much room a file takes, in bytes. */
  static long room(java.nio.file.Path file) throws IOException, InterruptedException {
    Process stat =
        new ProcessBuilder("stat", "-c", "%b", file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String text = new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    stat.waitFor();
    return Long.parseLong(text.strip()) * 512;
  }
}
