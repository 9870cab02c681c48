// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.path.HostPath;
import org.syschroot.path.UntrustedException;
import org.syschroot.trust.TrustedPath;

/**
 * Makes one file of a tree, a compressed filesystem that is mounted read-only: a shared filesystem
 * then has one inode to look up, not a million.
 *
 * <p>What is mounted in the tree is left out. The same tree gives the same bytes. Only root may
 * read the file: whoever can has all that is in the tree, such as its passwords. Immutable and
 * thread-safe.
 */
public final class PackedImage {
  private static final String NO_UUID = "00000000-0000-0000-0000-000000000000";
  // The tree is bound onto itself in a mount namespace of its own, where nothing else is mounted
  // in it: what the image's mounts show belongs to the host. The tools open what they have found
  // to be a file or directory, and would follow a link that a user has put there meanwhile, to any
  // file of the host. Old kernels and an old mount(8) ignore the option, so it is looked for, by
  // the
  // number of the mount. mount(8) takes a pathname, which an owner of a directory on the way may
  // lead elsewhere meanwhile: so what is packed must be the directory that was checked.
  private static final String ALONE =
      """
      umask 077
      tree=$0
      checked=$1
      shift
      mount --bind "$tree" "$tree" && mount -o remount,bind,nosymfollow "$tree" || exit
      cd "$tree" && exec 3<. || exit
      mount=$(sed -n 's/^mnt_id:[^0-9]*//p' /proc/$$/fdinfo/3)
      if [ "$(stat -c %i:%d .)" != "$checked" ]; then
        echo "$tree was exchanged for another directory meanwhile" >&2
        exit 1
      fi
      if ! grep -q "^$mount .* .* .* .* [^ ]*nosymfollow" /proc/$$/mountinfo; then
        echo 'pack needs Linux 5.10 and mount(8) of util-linux 2.38' >&2
        exit 1
      fi
      exec "$@" 3<&-
      """;

  private final ProgramSearch search;

  private PackedImage(ProgramSearch search) {
    this.search = search;
  }

  /**
   * Returns a maker of such files.
   *
   * @param path directories separated by colons, as {@code PATH}, looked through before the usual
   *     ones
   */
  public static PackedImage searching(String path) {
    return new PackedImage(ProgramSearch.along(path).orUsual());
  }

  /**
   * Makes a file: erofs if its name ends so, else squashfs. It appears as a whole, or not at all.
   *
   * @param tree the root directory of an image; absolute
   * @param checked what was looked at there and may be packed; nothing else is
   * @param file the file, which must not exist; absolute
   * @param progress is told each line that the tool prints
   * @return the digest of the file, {@code sha256:} and 64 digits
   * @throws CreateException if the tool is not installed or fails, or the file exists
   * @throws IOException if something cannot be looked at
   */
  public String pack(Path tree, FileStatus checked, Path file, Consumer<String> progress)
      throws IOException {
    check(tree, file);
    String suffix = Long.toHexString(ThreadLocalRandom.current().nextLong());
    Path part = file.resolveSibling("." + file.getFileName() + "." + suffix + ".part");
    boolean erofs = file.getFileName().toString().endsWith(".erofs");
    List<String> words = new ArrayList<>(List.of(program("unshare", "util-linux")));
    words.addAll(List.of("--mount", "--propagation", "slave", "/bin/sh", "-c", ALONE));
    words.add(tree.toString());
    words.add(checked.inode() + ":" + Long.toUnsignedString(numberOf(checked.device())));
    words.addAll(erofs ? erofs(tree, part) : squashfs(part));
    try {
      String tool = erofs ? "mkfs.erofs" : "mksquashfs";
      String shown = "cannot create " + file + ": " + tool;
      new ToolRun(words, shown, Map.of("PATH", search.toString()), progress).in(tree);
      String digest = digest(part);
      Files.setAttribute(part, "unix:mode", 0600);
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new CreateException(file + " was created by another process");
      }
      Files.move(part, file);
      return digest;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Returns the number of a device as stat(1) shows it, makedev(3). */
  private static long numberOf(long device) {
    long major = device >>> 32;
    long minor = device & 0xffffffffL;
    return (major & 0xfffff000L) << 32
        | (major & 0xfffL) << 8
        | (minor & 0xffffff00L) << 12
        | (minor & 0xffL);
  }

  private static void check(Path tree, Path file) throws IOException {
    if (LinuxProcessCalls.running().effectiveUid() != 0) {
      throw new CreateException(
          "only root can pack an image: ordinary users cannot read all of its files");
    }
    Path parent = file.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw new CreateException("cannot create " + file + ": no such directory: " + parent);
    }
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new CreateException(file + " exists: remove it first, or use another name");
    }
    if (parent.toRealPath().startsWith(tree.toRealPath())) {
      throw new CreateException(file + " is inside the image: use another directory");
    }
    Kernel kernel = LinuxKernel.running();
    try {
      kernel.close(
          TrustedPath.forUser(kernel, 0).openOnTheWay(HostPath.of(parent.toRealPath().toString())));
    } catch (UntrustedException e) {
      throw new CreateException(e.getMessage(), e);
    }
  }

  private List<String> squashfs(Path part) throws CreateException {
    List<String> words = new ArrayList<>(List.of(program("mksquashfs", "squashfs-tools")));
    words.addAll(List.of(".", part.toString()));
    words.addAll(List.of("-noappend", "-no-progress", "-no-recovery", "-comp", "zstd"));
    words.addAll(List.of("-mkfs-time", "0"));
    return words;
  }

  private List<String> erofs(Path tree, Path part) throws IOException {
    List<String> words = new ArrayList<>(List.of(program("mkfs.erofs", "erofs-utils")));
    // Its time is that of all files, and without it the time of making would be in the file.
    long time = Files.getLastModifiedTime(tree).toMillis() / 1000;
    words.addAll(List.of("-zlz4hc", "-T" + time, "-U" + NO_UUID));
    words.addAll(List.of(part.toString(), "."));
    return words;
  }

  private String program(String name, String debianPackage) throws CreateException {
    return search
        .find(name)
        .orElseThrow(
            () ->
                new CreateException(
                    name + " is not installed\nhint: apt-get install " + debianPackage))
        .toString();
  }

  private static String digest(Path file) throws IOException {
    try {
      MessageDigest sum = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), sum)) {
        byte[] block = new byte[1 << 16];
        while (in.read(block) >= 0) {
          // digested on the way
        }
      }
      return "sha256:" + HexFormat.of().formatHex(sum.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has it", e);
    }
  }
}
