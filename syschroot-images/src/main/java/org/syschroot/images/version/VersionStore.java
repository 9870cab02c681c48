// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.version;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.syschroot.host.VersionsDirectory;
import org.syschroot.images.CreateException;
import org.syschroot.images.SourceImage;
import org.syschroot.images.SourceReport;
import org.syschroot.images.source.ImageSource;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxSocketCalls;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.SocketCalls;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.ProcFiles;
import org.syschroot.mounts.tree.TreeRemoval;
import org.syschroot.mounts.tree.TreeUsers;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;
import org.syschroot.trust.NewDirectory;
import org.syschroot.trust.TrustedPath;
import org.syschroot.trust.WholeFile;

/**
 * The versions of an image, in the directory {@code ROOT.versions} beside its root directory.
 *
 * <p>In it {@code N.version} is the record of version N. Its tree is {@code N/root}, but that of
 * the current version is the image's root directory: renameat2(2) exchanges the two, so that at
 * each moment there is one, whole. What is mounted in either stays in it. Nobody but the owner can
 * search {@code N}, since programs of an old version may have faults for which it was replaced. A
 * tree is known by its inode number, wherever an interruption has left it.
 *
 * <p>Everything is done on descriptors of directories that nobody else can change. For one thread;
 * other processes are kept out while it is open to be changed.
 */
public final class VersionStore implements AutoCloseable {
  private static final int MODE_OF_STORE = 0755;
  private static final int MODE_OF_SLOT = 0700;
  private static final int MODE_OF_RECORD = 0644;
  private static final int MODE_OF_LOCK = 0600;
  private static final int MOST = 4096;
  private static final OsString LOCK = OsString.of("lock");
  private static final String RECORD = ".version";
  private static final String TREE = "root";

  /** A record that was not complete when its writer was killed, by WholeFile. */
  private static final String HALF_WRITTEN = "\\.syschroot-[0-9a-f]+\\.new";

  private static final int PLACE = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
  private static final int LISTED =
      OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;

  private final Kernel kernel;
  private final int uid;
  private final HostPath root;
  private final Descriptor holder;
  private final Descriptor store;
  private final Descriptor lock;

  private VersionStore(
      Kernel kernel, int uid, HostPath root, Descriptor holder, Descriptor store, Descriptor lock) {
    this.kernel = kernel;
    this.uid = uid;
    this.root = root;
    this.holder = holder;
    this.store = store;
    this.lock = lock;
  }

  /**
   * Returns the records of an image's versions, by ascending number; none if it has no versions.
   *
   * @param root the image's root directory
   * @param effectiveUid the user to trust besides root
   * @throws UntrustedException if somebody else could have written the records
   */
  public static List<Version> list(Kernel kernel, HostPath root, int effectiveUid)
      throws IOException {
    try (Descriptor directory =
        new Descriptor(
            kernel,
            kernel.openat(Kernel.AT_FDCWD, VersionsDirectory.of(root).value(), LISTED, 0))) {
      checkOwn(directory.status(), effectiveUid, VersionsDirectory.of(root));
      return records(kernel, directory.number());
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return List.of();
      }
      if (e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP)) {
        throw planted(VersionsDirectory.of(root));
      }
      throw e;
    }
  }

  /**
   * Returns the version that a directory is, empty if none.
   *
   * @param directory the root directory of an image or of a process
   */
  public static Optional<Version> of(List<Version> versions, FileStatus directory) {
    return versions.stream().filter(each -> each.inode() == directory.inode()).findFirst();
  }

  /**
   * Returns the version that an image's root directory is now, empty if the image has no versions.
   *
   * @throws IOException as {@link #list}, or if the root directory cannot be looked at
   */
  public static Optional<Version> current(Kernel kernel, HostPath root, int effectiveUid)
      throws IOException {
    List<Version> versions = list(kernel, root, effectiveUid);
    if (versions.isEmpty()) {
      return Optional.empty();
    }
    try (Descriptor tree =
        new Descriptor(kernel, kernel.openat(Kernel.AT_FDCWD, root.value(), PLACE, 0))) {
      return of(versions, tree.status());
    }
  }

  /**
   * Opens the versions of an image to change them, and makes their directory if there is none. Puts
   * in order what an interrupted change has left.
   *
   * @param root the image's root directory; it stays valid whatever is done here
   * @param effectiveUid the user to trust besides root, and to whom all of it is to belong
   * @throws UntrustedException if somebody else could change the root directory, the one that holds
   *     it, or that of the versions
   * @throws CreateException if the root directory cannot be exchanged, or another process is at it
   */
  public static VersionStore open(Kernel kernel, HostPath root, int effectiveUid)
      throws IOException {
    if (root.isRoot()) {
      throw new CreateException("the root / is the host itself, which has no versions");
    }
    OsString name = root.value().baseName();
    HostPath above = HostPath.of(root.value().slice(0, root.value().length() - name.length()));
    TrustedPath trust = TrustedPath.forUser(kernel, effectiveUid).withoutSharedDirectories();
    Descriptor holder = new Descriptor(kernel, trust.open(above));
    Descriptor store = null;
    Descriptor lock = null;
    try {
      checkExchangeable(kernel, holder, name, root);
      OsString storeName = VersionsDirectory.of(root).value().baseName();
      NewDirectory.make(kernel, holder.number(), storeName, MODE_OF_STORE);
      store = ownDirectory(kernel, holder, storeName, effectiveUid, VersionsDirectory.of(root));
      lock = lock(kernel, store, root);
      HostPath place = HostPath.of(holder.path()).resolve(name);
      VersionStore opened = new VersionStore(kernel, effectiveUid, place, holder, store, lock);
      opened.settle();
      return opened;
    } catch (IOException | RuntimeException e) {
      holder.close();
      if (store != null) {
        store.close();
      }
      if (lock != null) {
        lock.close();
      }
      throw e;
    }
  }

  private static void checkExchangeable(
      Kernel kernel, Descriptor holder, OsString name, HostPath root) throws IOException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;
    try (Descriptor tree = new Descriptor(kernel, kernel.openat(holder.number(), name, flags, 0))) {
      FileStatus status = tree.status();
      if (!status.isDirectory()) {
        throw new CreateException(
            root
                + " is not a directory itself, and only a directory can have versions: name the"
                + " directory as root in the settings");
      }
      if (status.mountId() != holder.mountId()) {
        throw new CreateException(
            root
                + " is a mount point, and cannot be exchanged: have the image in a directory"
                + " beneath it, such as "
                + root
                + "/"
                + name);
      }
    }
  }

  private static Descriptor ownDirectory(
      Kernel kernel, Descriptor parent, OsString name, int uid, HostPath shown) throws IOException {
    Descriptor directory;
    try {
      directory = new Descriptor(kernel, kernel.openat(parent.number(), name, LISTED, 0));
    } catch (KernelException e) {
      throw e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP) ? planted(shown) : e;
    }
    try {
      checkOwn(directory.status(), uid, shown);
      if (directory.mountId() != parent.mountId()) {
        throw new CreateException(shown + " is a mount point: unmount it, or remove it");
      }
      return directory;
    } catch (IOException e) {
      directory.close();
      throw e;
    }
  }

  private static void checkOwn(FileStatus status, int uid, HostPath shown)
      throws UntrustedException {
    if ((status.uid() != 0 && status.uid() != uid) || status.isWritableByOthers()) {
      throw planted(shown);
    }
  }

  private static UntrustedException planted(HostPath shown) {
    return new UntrustedException(
        shown + " is not a directory that only its owner can change: look at it, and remove it");
  }

  private static Descriptor lock(Kernel kernel, Descriptor store, HostPath root)
      throws IOException {
    int flags = OpenFlags.O_CREAT | OpenFlags.O_NOFOLLOW;
    Descriptor file =
        new Descriptor(kernel, kernel.openat(store.number(), LOCK, flags, MODE_OF_LOCK));
    try {
      kernel.flock(file.number(), OpenFlags.LOCK_EX | OpenFlags.LOCK_NB);
      return file;
    } catch (KernelException e) {
      file.close();
      if (e.is(Errno.EAGAIN)) {
        throw new CreateException(
            root + ": another process is changing its versions: wait until it has ended");
      }
      throw e;
    }
  }

  private static List<Version> records(Kernel kernel, int directory) throws IOException {
    List<Version> versions = new ArrayList<>();
    for (OsString name : names(kernel, directory)) {
      String text = name.toString();
      if (text.matches("[1-9][0-9]{0,8}\\.version")) {
        int number = Integer.parseInt(text.substring(0, text.length() - RECORD.length()));
        int flags = OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK;
        try (Descriptor file = new Descriptor(kernel, kernel.openat(directory, name, flags, 0))) {
          byte[] content = ProcFiles.content(kernel, file.number(), MOST);
          versions.add(Version.parse(number, new String(content, StandardCharsets.UTF_8)));
        } catch (KernelException | IllegalArgumentException e) {
          throw new IOException(name + " cannot be read as the record of a version", e);
        }
      }
    }
    versions.sort(Comparator.comparingInt(Version::number));
    return versions;
  }

  /** Opens the directory again, since a descriptor is read from one end to the other. */
  private static List<OsString> names(Kernel kernel, int directory) throws KernelException {
    try (Descriptor listed =
        new Descriptor(kernel, kernel.openat(directory, OsString.of("."), LISTED, 0))) {
      return kernel.getdents(listed.number());
    }
  }

  /** Returns the records, by ascending number. */
  public List<Version> versions() throws IOException {
    return records(kernel, store.number());
  }

  /** Returns the version that the image's root directory is. */
  public Version current() throws IOException {
    return of(versions(), tree(root.value().baseName(), holder))
        .orElseThrow(
            () ->
                new IOException(
                    root + " is none of the versions in " + VersionsDirectory.of(root)));
  }

  /** Returns where the tree of a version is that is not the current one. */
  public HostPath place(Version version) {
    return slot(version.number()).resolve(OsString.of(TREE));
  }

  private HostPath slot(int number) {
    return VersionsDirectory.of(root).resolve(OsString.of(Integer.toString(number)));
  }

  private FileStatus tree(OsString name, Descriptor parent) throws KernelException {
    try (Descriptor tree = open(name, parent)) {
      return tree.status();
    }
  }

  private Descriptor open(OsString name, Descriptor parent) throws KernelException {
    return Descriptor.opened(kernel, kernel.openat(parent.number(), name, PLACE, 0));
  }

  /** Makes the root directory a version if it is none, and puts each tree to its number. */
  private void settle() throws IOException {
    FileStatus now = tree(root.value().baseName(), holder);
    List<Version> known = versions();
    if (of(known, now).isEmpty()) {
      int number = Math.max(1, next());
      record(new Version(number, now.inode(), "", "there before", now()));
      known = versions();
    }
    for (int number : slots()) {
      Optional<FileStatus> there = treeIn(number);
      if (there.isEmpty()) {
        continue;
      }
      Optional<Version> version = of(known, there.get());
      if (version.isPresent() && version.get().number() != number) {
        Version moved = version.get();
        makeSlot(moved.number());
        LinuxSocketCalls.running()
            .rename(
                store.number(),
                inSlot(number),
                inSlot(moved.number()),
                SocketCalls.RENAME_NOREPLACE);
      }
    }
  }

  private Optional<FileStatus> treeIn(int number) throws IOException {
    try (Descriptor slot = openSlot(number)) {
      return Optional.of(tree(OsString.of(TREE), slot));
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Descriptor openSlot(int number) throws IOException {
    return ownDirectory(kernel, store, OsString.of(Integer.toString(number)), uid, slot(number));
  }

  private static OsString inSlot(int number) {
    return OsString.of(number + "/" + TREE);
  }

  private void makeSlot(int number) throws IOException {
    NewDirectory.make(kernel, store.number(), OsString.of(Integer.toString(number)), MODE_OF_SLOT);
    openSlot(number).close();
  }

  private Set<Integer> slots() throws KernelException {
    Set<Integer> numbers = new TreeSet<>();
    for (OsString name : names(kernel, store.number())) {
      if (name.toString().matches("[1-9][0-9]{0,8}")) {
        numbers.add(Integer.valueOf(name.toString()));
      }
    }
    return numbers;
  }

  private int next() throws IOException {
    int highest = 0;
    for (Version version : versions()) {
      highest = Math.max(highest, version.number());
    }
    for (int number : slots()) {
      highest = Math.max(highest, number);
    }
    return highest + 1;
  }

  private static String now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private void record(Version version) throws KernelException {
    WholeFile.replaceIn(
        kernel,
        store.number(),
        OsString.of(version.number() + RECORD),
        version.text().getBytes(StandardCharsets.UTF_8),
        MODE_OF_RECORD);
  }

  /**
   * Makes a new version beside the others, which is not the current one yet. If it fails, nothing
   * of it is left.
   *
   * @param source where the files come from
   * @param name the source's name, for people to read
   * @param report takes what was made and what could not be kept
   * @throws CreateException if it fails half way
   */
  public Version add(
      ImageSource source, String name, Consumer<String> progress, Consumer<SourceReport> report)
      throws IOException {
    removeHalfMade();
    int number = next();
    makeSlot(number);
    try {
      Path place = slot(number).resolve(OsString.of(TREE)).toPath();
      report.accept(SourceImage.create(place, source, progress));
      progress.accept("computing the digest");
      String digest = TreeDigest.of(kernel, HostPath.of(place));
      FileStatus made = treeIn(number).orElseThrow();
      String origin = source.digest().map(text -> name + " (" + text + ")").orElse(name);
      Version version = new Version(number, made.inode(), digest, origin, now());
      record(version);
      return version;
    } catch (IOException | RuntimeException e) {
      boolean interrupted = Thread.interrupted(); // or java.nio would not read the mount table
      try {
        removeSlot(number);
      } catch (IOException left) {
        e.addSuppressed(left);
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      throw e;
    }
  }

  /** Exchanges the image's root directory for the tree of a version, in one step. */
  public void makeCurrent(Version version) throws IOException {
    if (treeIn(version.number()).map(tree -> tree.inode() != version.inode()).orElse(true)) {
      throw new IOException(
          "the tree of version " + version.number() + " is not in " + slot(version.number()));
    }
    OsString storeName = VersionsDirectory.of(root).value().baseName();
    LinuxSocketCalls.running()
        .rename(
            holder.number(),
            storeName.plus(OsString.of("/")).plus(inSlot(version.number())),
            root.value().baseName(),
            SocketCalls.RENAME_EXCHANGE);
    settle();
  }

  /**
   * Returns a process that is in the tree of a version which is not the current one, for people to
   * read; empty if there is none.
   */
  public Optional<String> user(Version version) throws IOException {
    if (treeIn(version.number()).isEmpty()) {
      return Optional.empty();
    }
    TreeUsers users;
    try (Descriptor slot = openSlot(version.number());
        Descriptor tree = open(OsString.of(TREE), slot)) {
      users = new TreeUsers(kernel, tree);
    }
    return users.any(); // not of this process, which has closed it
  }

  /**
   * Deletes a version that is not the current one.
   *
   * @throws org.syschroot.mounts.MountException if something is mounted in it in any mount
   *     namespace
   * @throws IOException if a process is in it, or something cannot be deleted
   */
  public void remove(Version version) throws IOException {
    if (current().number() == version.number()) {
      throw new IOException("version " + version.number() + " is the current one");
    }
    Optional<String> user = user(version);
    if (user.isPresent()) {
      throw new IOException("version " + version.number() + " is in use by " + user.get());
    }
    removeSlot(version.number());
  }

  /** Deletes what interrupted changes have left: trees without a record, records without tree. */
  public void removeHalfMade() throws IOException {
    TreeMap<Integer, Version> known = new TreeMap<>();
    versions().forEach(version -> known.put(version.number(), version));
    for (OsString name : names(kernel, store.number())) {
      if (name.toString().matches(HALF_WRITTEN)) {
        kernel.unlinkat(store.number(), name, 0);
      }
    }
    int now = current().number();
    for (int number : slots()) {
      if (!known.containsKey(number)) {
        removeSlot(number);
      }
    }
    for (int number : known.keySet()) {
      if (number != now && treeIn(number).isEmpty()) {
        removeSlot(number);
      }
    }
  }

  private void removeSlot(int number) throws IOException {
    try {
      openSlot(number).close();
      TreeRemoval.of(kernel, slot(number)).removeAll();
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
    try {
      kernel.unlinkat(store.number(), OsString.of(number + RECORD), 0);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    lock.close();
    store.close();
    holder.close();
  }
}
