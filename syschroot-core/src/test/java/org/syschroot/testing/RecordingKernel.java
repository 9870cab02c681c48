// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.CloneFlags;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.FileSystemStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.ResourceLimit;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * A kernel that changes nothing and writes every call down, in one ordered {@linkplain #journal()
 * journal}. Calls have the names of their system calls ({@code statx} for {@link #fstat}, {@code
 * open_tree} for {@link #openTree}) and fail with the messages of the real one.
 *
 * <p>What a call would have changed, later calls see: there are small models of files, descriptors,
 * mounts, root and current directory. Unless declared otherwise every path is a directory of root's
 * with mode 0755. Declared paths are those of the native system, also for what is looked up after
 * {@link #chroot}: the shell of an image in {@code /sysroot/x} is {@code
 * program("/sysroot/x/bin/sh")}. A bind mount changes which file a descriptor opened beneath it
 * refers to, not what exists there.
 *
 * <pre>{@code
 * RecordingKernel kernel = new RecordingKernel()
 *     .missing("/sysroot/x/home")
 *     .program("/sysroot/x/bin/sh")
 *     .failOn("mount", 2, Errno.EACCES);
 * }</pre>
 *
 * <p>For one thread.
 */
public final class RecordingKernel implements Kernel {
  /** The process id of every child. */
  public static final int CHILD = 4711;

  private static final long ASK_PERSONALITY = 0xffffffffL;
  private static final List<String> DESCRIPTOR_LINKS =
      List.of("/proc/thread-self/fd/", "/proc/self/fd/");

  private static final List<HostPath> MOUNT_TABLES =
      List.of(HostPath.of("/proc/thread-self/mountinfo"), HostPath.of("/proc/self/mountinfo"));

  private final Journal journal = new Journal();
  private final FaultPlan faults = new FaultPlan();
  private final FileModel files = new FileModel();
  private final MountTableModel mounts = new MountTableModel();
  private final DescriptorModel descriptors = new DescriptorModel();
  private final Map<HostPath, Optional<Errno>> programs = new HashMap<>();
  private final Map<Integer, ResourceLimit> limits = new TreeMap<>();
  private HostPath root = HostPath.ROOT;
  private HostPath directory = HostPath.ROOT;
  private boolean directoryDeleted;
  private long personality;

  /** Creates a kernel with descriptors 0, 1 and 2 open and nothing mounted. */
  public RecordingKernel() {
    inherit(0, 1, 2);
    limits.put(ResourceLimit.NOFILE, new ResourceLimit(1024, 4096));
  }

  /**
   * The success of execve(2), after which nothing of the caller exists any more. Immutable.
   *
   * <p>An unchecked exception, so that nothing between the call and the test catches it.
   */
  public static final class Executed extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient OsString path;
    private final transient List<OsString> arguments;
    private final transient List<OsString> environment;
    private final transient List<Integer> descriptors;

    private Executed(
        OsString path,
        List<OsString> arguments,
        List<OsString> environment,
        List<Integer> descriptors) {
      super("executed " + path);
      this.path = path;
      this.arguments = List.copyOf(arguments);
      this.environment = List.copyOf(environment);
      this.descriptors = List.copyOf(descriptors);
    }

    /** Returns the program as it was named in the call. */
    public OsString path() {
      return path;
    }

    /** Returns the arguments, {@code argv[0]} included. */
    public List<OsString> arguments() {
      return arguments;
    }

    /** Returns all entries of the environment, in order. */
    public List<OsString> environment() {
      return environment;
    }

    /** Returns the descriptors that the program has: those not close-on-exec, ascending. */
    public List<Integer> descriptors() {
      return descriptors;
    }
  }

  /** Something that may be refused. */
  @FunctionalInterface
  private interface Body<R> {
    R run() throws Refusal;
  }

  private <R> R call(String name, String arguments, Body<R> body) throws KernelException {
    journal.call(name, arguments);
    try {
      Optional<Errno> fault = faults.next(name);
      if (fault.isPresent()) {
        throw new Refusal(fault.get());
      }
      return body.run();
    } catch (Refusal refusal) {
      journal.lastFailed(refusal.errno());
      throw new KernelException(name, arguments, refusal.errno().number());
    }
  }

  private void note(String name, String arguments) throws KernelException {
    call(name, arguments, () -> true);
  }

  // What a test declares.

  /**
   * Makes a call fail.
   *
   * @param call the name of the system call, as in the journal
   * @param nth which of the calls of this name, from 1
   */
  public RecordingKernel failOn(String call, int nth, Errno errno) {
    faults.failOn(call, nth, errno);
    return this;
  }

  /** Makes the {@code place}-th of all calls fail, counted from 1. */
  public RecordingKernel failOnCall(int place, Errno errno) {
    faults.failOnCall(place, errno);
    return this;
  }

  /** Makes all calls of a name fail. */
  public RecordingKernel failAlways(String call, Errno errno) {
    faults.failAlways(call, errno);
    return this;
  }

  /** Is a kernel before Linux 5.6, which has no openat2(2). */
  public RecordingKernel withoutOpenat2() {
    return failAlways("openat2", Errno.ENOSYS);
  }

  /** Is a kernel before Linux 5.2, which has none of the calls that mount by descriptor. */
  public RecordingKernel withoutNewMountApi() {
    return failAlways("open_tree", Errno.ENOSYS)
        .failAlways("move_mount", Errno.ENOSYS)
        .failAlways("mount_setattr", Errno.ENOSYS);
  }

  /** Declares a directory of root's, mode 0755, and that whatever is asked for in it exists. */
  public RecordingKernel directory(String path) {
    files.directory(HostPath.of(path));
    return this;
  }

  /** Declares a directory that contains only what is declared or made later. */
  public RecordingKernel emptyDirectory(String path) {
    files.emptyDirectory(HostPath.of(path));
    return this;
  }

  /** Declares a file of root's, mode 0644, with a content in UTF-8. */
  public RecordingKernel file(String path, String content) {
    return file(path, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Declares a file of root's, mode 0644. */
  public RecordingKernel file(String path, byte[] content) {
    files.file(HostPath.of(path), content, 0644);
    return this;
  }

  /** Declares a symbolic link of root's. */
  public RecordingKernel symlink(String path, String target) {
    files.symlink(HostPath.of(path), OsString.of(target));
    return this;
  }

  /** Declares that a path leads to the same directory as another one, as a bind mount does. */
  public RecordingKernel sameFile(String path, String other) {
    files.link(HostPath.of(path), HostPath.of(other));
    return this;
  }

  /** Declares that there is nothing of this path nor beneath it. */
  public RecordingKernel missing(String path) {
    files.missing(HostPath.of(path));
    return this;
  }

  /** Sets the permission bits of a file, 0 to 07777. */
  public RecordingKernel mode(String path, int permissions) {
    files.mode(HostPath.of(path), permissions);
    return this;
  }

  /** Sets owner and group of a file. */
  public RecordingKernel owner(String path, int uid, int gid) {
    files.owner(HostPath.of(path), uid, gid);
    return this;
  }

  /** Declares a program; execve(2) of it succeeds, by {@link Executed}. */
  public RecordingKernel program(String path) {
    programs.put(HostPath.of(path), Optional.empty());
    files.file(HostPath.of(path), new byte[] {0x7f, 'E', 'L', 'F', 0}, 0755);
    return this;
  }

  /** Declares a program that cannot be executed. What is not declared gives {@code ENOENT}. */
  public RecordingKernel program(String path, Errno errno) {
    programs.put(HostPath.of(path), Optional.of(errno));
    return this;
  }

  /** Opens descriptors as if the caller had left them open. */
  public RecordingKernel inherit(int... fds) {
    for (int fd : fds) {
      descriptors.inherit(fd);
    }
    return this;
  }

  /** Adds mounts to the native system's table. */
  public RecordingKernel mounted(String... targets) {
    for (String target : targets) {
      mounts.mount(HostPath.of(target));
    }
    return this;
  }

  /** Sets the limits of a resource. */
  public RecordingKernel limit(int resource, ResourceLimit limit) {
    limits.put(resource, limit);
    return this;
  }

  /** Sets the current directory. */
  public RecordingKernel currentDirectory(String path) {
    directory = HostPath.of(path);
    return this;
  }

  /** Lets the current directory be one that was deleted. */
  public RecordingKernel deletedDirectory() {
    directoryDeleted = true;
    return this;
  }

  // What a test asks for.

  /** Returns all calls in order, failed ones with {@code = -1 EACCES} at the end. */
  public List<String> journal() {
    return journal.lines();
  }

  /** Returns the names of the calls in order, without those that failed. */
  public List<String> successfulCalls() {
    return journal.lines().stream()
        .filter(line -> !line.contains(") = -1 "))
        .map(line -> line.substring(0, line.indexOf('(')))
        .toList();
  }

  /** Returns the descriptors that calls have made and nobody has closed, ascending. */
  public List<Integer> openDescriptorsMade() {
    return descriptors.made();
  }

  /**
   * Returns whether execve(2) closes a descriptor.
   *
   * @throws IllegalArgumentException if it is not open
   */
  public boolean isCloseOnExec(int fd) {
    try {
      return descriptors.get(fd).closeOnExec;
    } catch (Refusal notOpen) {
      throw new IllegalArgumentException("descriptor " + fd + " is not open", notOpen);
    }
  }

  /** Returns where something is mounted in the thread's mount namespace, oldest first. */
  public List<String> mountTable() {
    return mounts.current().stream().map(HostPath::toString).toList();
  }

  /** Returns where something is mounted in the native system's mount namespace, oldest first. */
  public List<String> hostMountTable() {
    return mounts.host().stream().map(HostPath::toString).toList();
  }

  /** Returns what was written to a descriptor, also if it is closed by now. */
  public byte[] written(int fd) {
    return descriptors.written(fd);
  }

  /** Returns the root directory, as a path of the native system. */
  public HostPath root() {
    return root;
  }

  /** Returns the current directory, as a path of the native system. */
  public HostPath currentDirectory() {
    return directory;
  }

  /** Returns whether a path of the native system exists. */
  public boolean exists(String path) {
    return files.exists(HostPath.of(path));
  }

  // The system calls.

  private static String place(int directory, OsString path) {
    return directory == AT_FDCWD ? "path=" + path : "directory=" + directory + ", path=" + path;
  }

  private static String fd(int fd) {
    return fd == AT_FDCWD ? "fd=AT_FDCWD" : "fd=" + fd;
  }

  private boolean isOpen(int fd) throws Refusal {
    return descriptors.get(fd).path != null;
  }

  private HostPath start(int at) throws Refusal {
    return at == AT_FDCWD ? directory : descriptors.get(at).path;
  }

  private HostPath follow(OsString path) throws Refusal {
    for (String link : DESCRIPTOR_LINKS) {
      if (path.startsWith(OsString.of(link))) {
        String rest = path.slice(link.length(), path.length()).toString();
        int slash = rest.indexOf('/');
        String fd = slash < 0 ? rest : rest.substring(0, slash);
        HostPath opened = descriptors.get(Integer.parseInt(fd)).path;
        return slash < 0 ? opened : opened.resolve(rest.substring(slash + 1));
      }
    }
    HostPath found = files.resolve(root, directory, path, true, true);
    if (!files.exists(found)) {
      throw new Refusal(Errno.ENOENT);
    }
    return found;
  }

  private HostPath followDirectory(OsString path) throws Refusal {
    HostPath found = follow(path);
    if (!files.isDirectory(found)) {
      throw new Refusal(Errno.ENOTDIR);
    }
    return found;
  }

  private int open(HostPath found, int flags, int mode) throws Refusal {
    boolean create = (flags & OpenFlags.O_CREAT) != 0;
    if (files.exists(found)) {
      if (create && (flags & OpenFlags.O_EXCL) != 0) {
        throw new Refusal(Errno.EEXIST);
      }
    } else if (create && files.isDirectory(FileModel.parent(found))) {
      files.file(found, new byte[0], mode);
    } else {
      throw new Refusal(Errno.ENOENT);
    }
    boolean onlyPath = (flags & OpenFlags.O_PATH) != 0;
    if (files.isSymlink(found) && !onlyPath) {
      throw new Refusal(Errno.ELOOP);
    }
    boolean isDirectory = files.isDirectory(found);
    if ((flags & OpenFlags.O_DIRECTORY) != 0 && !isDirectory) {
      throw new Refusal(Errno.ENOTDIR);
    }
    if ((flags & OpenFlags.O_WRONLY) != 0 && isDirectory && !onlyPath) {
      throw new Refusal(Errno.EISDIR);
    }
    return descriptors.open(found, mounts.idOf(found), mounts.seenAt(found));
  }

  @Override
  public int openat(int at, OsString path, int flags, int mode) throws KernelException {
    String arguments = place(at, path) + ", flags=" + OpenFlags.describe(flags);
    boolean follow = (flags & OpenFlags.O_NOFOLLOW) == 0;
    return call(
        "openat",
        arguments,
        () -> open(files.resolve(root, start(at), path, follow, true), flags, mode));
  }

  @Override
  public int openat2(int at, OsString path, int flags, int mode, int resolve)
      throws KernelException {
    String arguments =
        place(at, path)
            + ", flags="
            + OpenFlags.describe(flags)
            + ", resolve="
            + OpenFlags.describeResolve(resolve);
    boolean follow = (flags & OpenFlags.O_NOFOLLOW) == 0;
    boolean links = (resolve & OpenFlags.RESOLVE_NO_SYMLINKS) == 0;
    boolean inRoot = (resolve & OpenFlags.RESOLVE_IN_ROOT) != 0;
    return call(
        "openat2",
        arguments,
        () -> {
          HostPath start = start(at);
          HostPath top = inRoot ? start : root;
          return open(files.resolve(top, start, path, follow || !links, links), flags, mode);
        });
  }

  /** {@inheritDoc} As on Linux the descriptor is gone even if the call is made to fail. */
  @Override
  public void close(int fd) throws KernelException {
    boolean wasOpen = descriptors.close(fd);
    call(
        "close",
        "fd=" + fd,
        () -> {
          if (!wasOpen) {
            throw new Refusal(Errno.EBADF);
          }
          return true;
        });
  }

  @Override
  public byte[] read(int fd, int limit) throws KernelException {
    return call(
        "read",
        "fd=" + fd,
        () -> {
          DescriptorModel.Descriptor from = descriptors.get(fd);
          byte[] content = MOUNT_TABLES.contains(from.path) ? table() : files.content(from.path);
          int end = Math.min(content.length, from.offset + limit);
          byte[] bytes = Arrays.copyOfRange(content, from.offset, end);
          from.offset = end;
          return bytes;
        });
  }

  private byte[] table() {
    return mounts.mountinfo().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void write(int fd, byte[] bytes) throws KernelException {
    call(
        "write",
        "fd=" + fd,
        () -> {
          files.append(descriptors.get(fd).path, bytes);
          descriptors.write(fd, bytes);
          return true;
        });
  }

  @Override
  public FileStatus fstat(int fd) throws KernelException {
    return call(
        "statx",
        fd(fd),
        () -> {
          HostPath path = fd == AT_FDCWD ? mounts.seenAt(directory) : descriptors.get(fd).file;
          int mount = fd == AT_FDCWD ? mounts.idOf(directory) : descriptors.get(fd).mount;
          FileStatus file = files.status(path).orElseThrow(() -> new Refusal(Errno.ESTALE));
          return new FileStatus(
              file.device(), file.inode(), file.mode(), file.uid(), file.gid(), mount);
        });
  }

  /** {@inheritDoc} Everything may be used unless the call is made to fail. */
  @Override
  public void access(int fd, int mode) throws KernelException {
    call("faccessat2", fd(fd) + ", mode=" + mode, () -> fd == AT_FDCWD || isOpen(fd));
  }

  @Override
  public OsString readlinkat(int at, OsString path) throws KernelException {
    return call(
        "readlinkat",
        place(at, path),
        () -> {
          for (String link : DESCRIPTOR_LINKS) {
            if (path.startsWith(OsString.of(link))) {
              return follow(path).value();
            }
          }
          return files.linkText(
              path.isEmpty()
                  ? descriptors.get(at).path
                  : files.resolve(root, start(at), path, false, true));
        });
  }

  @Override
  public void mkdirat(int at, OsString name, int mode) throws KernelException {
    call(
        "mkdirat",
        place(at, name),
        () -> {
          HostPath path = files.resolve(root, start(at), name, false, true);
          if (files.exists(path)) {
            throw new Refusal(Errno.EEXIST);
          }
          if (!files.exists(FileModel.parent(path))) {
            throw new Refusal(Errno.ENOENT);
          }
          files.emptyDirectory(path);
          files.mode(path, mode);
          return true;
        });
  }

  @Override
  public void symlinkat(OsString text, int at, OsString name) throws KernelException {
    call(
        "symlinkat",
        "text=" + text + ", " + place(at, name),
        () -> {
          HostPath path = files.resolve(root, start(at), name, false, true);
          if (files.exists(path)) {
            throw new Refusal(Errno.EEXIST);
          }
          files.symlink(path, text);
          return true;
        });
  }

  @Override
  public void linkat(int at, OsString from, OsString to) throws KernelException {
    call(
        "linkat",
        place(at, from) + ", to=" + to,
        () -> {
          HostPath source = files.resolve(root, start(at), from, false, true);
          if (!files.exists(source)) {
            throw new Refusal(Errno.ENOENT);
          }
          HostPath target = files.resolve(root, start(at), to, false, true);
          if (files.exists(target)) {
            throw new Refusal(Errno.EEXIST);
          }
          files.link(source, target);
          return true;
        });
  }

  @Override
  public void unlinkat(int at, OsString name, int flags) throws KernelException {
    boolean ofDirectory = flags == OpenFlags.AT_REMOVEDIR;
    call(
        "unlinkat",
        place(at, name) + (ofDirectory ? ", flags=AT_REMOVEDIR" : ""),
        () -> {
          HostPath path = files.resolve(root, start(at), name, false, true);
          if (!files.exists(path)) {
            throw new Refusal(Errno.ENOENT);
          }
          if (files.isDirectory(path) != ofDirectory) {
            throw new Refusal(ofDirectory ? Errno.ENOTDIR : Errno.EISDIR);
          }
          if (mounts.isMountPoint(path)) {
            throw new Refusal(Errno.EBUSY);
          }
          if (ofDirectory && !files.names(path).isEmpty()) {
            throw new Refusal(Errno.ENOTEMPTY);
          }
          files.missing(path);
          return true;
        });
  }

  /** {@inheritDoc} Only what was declared or made is listed. */
  @Override
  public List<OsString> getdents(int fd) throws KernelException {
    return call("getdents64", "fd=" + fd, () -> files.names(descriptors.get(fd).path));
  }

  @Override
  public void flock(int fd, int operation) throws KernelException {
    call("flock", "fd=" + fd + ", operation=" + operation, () -> descriptors.get(fd));
  }

  @Override
  public void setCloseOnExec(int fd, boolean closeOnExec) throws KernelException {
    String flag = closeOnExec ? "F_SETFD, FD_CLOEXEC" : "F_SETFD, 0";
    call(
        "fcntl",
        "fd=" + fd + ", " + flag,
        () -> {
          descriptors.get(fd).closeOnExec = closeOnExec;
          return true;
        });
  }

  @Override
  public void closeRangeOnExec(int first, int last) throws KernelException {
    call(
        "close_range",
        "first=" + first + ", last=" + last + ", CLOSE_RANGE_CLOEXEC",
        () -> {
          for (int fd : descriptors.all()) {
            if (fd >= first && fd <= last) {
              descriptors.get(fd).closeOnExec = true;
            }
          }
          return true;
        });
  }

  @Override
  public void unshare(int flags) throws KernelException {
    call(
        "unshare",
        "flags=" + CloneFlags.describe(flags),
        () -> {
          if ((flags & CloneFlags.CLONE_NEWNS) != 0) {
            mounts.enterNamespace();
          }
          return true;
        });
  }

  @Override
  public void mount(
      @Nullable OsString source,
      OsString target,
      @Nullable OsString type,
      long flags,
      @Nullable OsString data)
      throws KernelException {
    String arguments =
        "source="
            + source
            + ", target="
            + target
            + (type == null ? "" : ", type=" + type)
            + ", flags="
            + MountFlags.describe(flags)
            + (data == null ? "" : ", data=" + data);
    call(
        "mount",
        arguments,
        () -> {
          HostPath place = follow(target);
          boolean changesOnly =
              (flags
                      & (MountFlags.MS_REMOUNT
                          | MountFlags.MS_PRIVATE
                          | MountFlags.MS_SLAVE
                          | MountFlags.MS_SHARED))
                  != 0;
          if (changesOnly) {
            return true;
          }
          if ((flags & MountFlags.MS_BIND) == 0) {
            mounts.mount(place);
          } else if (source == null) {
            throw new Refusal(Errno.EINVAL);
          } else {
            mounts.bind(mounts.reserve(), follow(source), place, (flags & MountFlags.MS_REC) != 0);
          }
          return true;
        });
  }

  @Override
  public void umount2(OsString target, int flags) throws KernelException {
    call(
        "umount2",
        "target=" + target + ((flags & MountFlags.MNT_EXPIRE) == 0 ? "" : ", flags=MNT_EXPIRE"),
        () -> {
          if ((flags & MountFlags.MNT_EXPIRE) != 0) {
            throw new Refusal(mounts.isMountPoint(follow(target)) ? Errno.EAGAIN : Errno.EINVAL);
          }
          mounts.unmount(follow(target), (flags & MountFlags.MNT_DETACH) != 0);
          return true;
        });
  }

  @Override
  public int openTree(int at, OsString path, int flags) throws KernelException {
    return call(
        "open_tree",
        place(at, path) + ", flags=" + MountFlags.describeTree(flags),
        () -> {
          boolean ofDescriptor = (flags & MountFlags.AT_EMPTY_PATH) != 0 && path.isEmpty();
          HostPath found =
              ofDescriptor
                  ? descriptors.get(at).path
                  : files.resolve(root, start(at), path, true, true);
          if (!files.exists(found)) {
            throw new Refusal(Errno.ENOENT);
          }
          boolean detached = (flags & MountFlags.OPEN_TREE_CLONE) != 0;
          return descriptors.openTree(
              found,
              detached ? mounts.reserve() : mounts.idOf(found),
              mounts.seenAt(found),
              detached ? mounts.copy(found, (flags & MountFlags.AT_RECURSIVE) != 0) : null);
        });
  }

  @Override
  public void mountSetattr(int at, OsString path, int flags, long set, long propagation)
      throws KernelException {
    call(
        "mount_setattr",
        place(at, path)
            + ", set="
            + MountFlags.describeAttributes(set)
            + ", propagation="
            + MountFlags.describe(propagation),
        () -> start(at));
  }

  @Override
  public void moveMount(int mount, int target) throws KernelException {
    call(
        "move_mount",
        "from=" + mount + ", to=" + target,
        () -> {
          DescriptorModel.Descriptor tree = descriptors.get(mount);
          if (tree.detachedTree == null) {
            throw new Refusal(Errno.EINVAL);
          }
          mounts.attach(tree.mount, tree.detachedTree, descriptors.get(target).path);
          tree.path = descriptors.get(target).path;
          return true;
        });
  }

  @Override
  public void chroot(OsString path) throws KernelException {
    call(
        "chroot",
        "path=" + path,
        () -> {
          root = followDirectory(path);
          return true;
        });
  }

  @Override
  public void chdir(OsString path) throws KernelException {
    call(
        "chdir",
        "path=" + path,
        () -> {
          directory = followDirectory(path);
          directoryDeleted = false;
          return true;
        });
  }

  @Override
  public void fchdir(int fd) throws KernelException {
    call(
        "fchdir",
        "fd=" + fd,
        () -> {
          HostPath path = descriptors.get(fd).path;
          if (!files.isDirectory(path)) {
            throw new Refusal(Errno.ENOTDIR);
          }
          directory = path;
          directoryDeleted = false;
          return true;
        });
  }

  @Override
  public OsString getcwd() throws KernelException {
    return call(
        "getcwd",
        "",
        () -> {
          if (directoryDeleted) {
            throw new Refusal(Errno.ENOENT);
          }
          return directory.startsWith(root)
              ? OsString.of("/").plus(directory.relativeTo(root))
              : OsString.of("(unreachable)").plus(directory.value());
        });
  }

  @Override
  public long personality(long persona) throws KernelException {
    return call(
        "personality",
        "persona=0x" + Long.toHexString(persona),
        () -> {
          long before = personality;
          personality = persona == ASK_PERSONALITY ? before : persona;
          return before;
        });
  }

  @Override
  public void setgroups(List<Integer> groups) throws KernelException {
    note("setgroups", "groups=" + groups);
  }

  @Override
  public void setresgid(int gid) throws KernelException {
    note("setresgid", "gid=" + gid);
  }

  @Override
  public void setresuid(int uid) throws KernelException {
    note("setresuid", "uid=" + uid);
  }

  @Override
  public void setNoNewPrivileges() throws KernelException {
    note("prctl", "PR_SET_NO_NEW_PRIVS");
  }

  @Override
  public void dropCapability(int capability) throws KernelException {
    note("prctl", "PR_CAPBSET_DROP, " + capability);
  }

  /** Root has all of them. */
  @Override
  public boolean hasCapability(int capability) {
    return true;
  }

  @Override
  public ResourceLimit getrlimit(int resource) throws KernelException {
    return call(
        "prlimit64",
        "resource=" + resource,
        () -> limits.getOrDefault(resource, new ResourceLimit(-1, -1)));
  }

  @Override
  public void setrlimit(int resource, ResourceLimit limit) throws KernelException {
    String arguments =
        "resource="
            + resource
            + ", soft="
            + Long.toUnsignedString(limit.soft())
            + ", hard="
            + Long.toUnsignedString(limit.hard());
    call(
        "prlimit64",
        arguments,
        () -> {
          if (Long.compareUnsigned(limit.soft(), limit.hard()) > 0) {
            throw new Refusal(Errno.EINVAL);
          }
          limits.put(resource, limit);
          return true;
        });
  }

  @Override
  public void setSignalMask(long mask) throws KernelException {
    note("rt_sigprocmask", "SIG_SETMASK, 0x" + Long.toHexString(mask));
  }

  @Override
  public void ignoreSignal(int signal) throws KernelException {
    note("rt_sigaction", "signal=" + signal + ", SIG_IGN");
  }

  /**
   * {@inheritDoc}
   *
   * @throws Executed if the program was declared with {@link #program(String)}
   */
  @Override
  public void fchown(int fd, int uid, int gid) throws KernelException {
    call(
        "fchown",
        "fd=" + fd + ", uid=" + uid + ", gid=" + gid,
        () -> {
          files.owner(descriptors.get(fd).path, uid, gid);
          return true;
        });
  }

  @Override
  public void fchmod(int fd, int mode) throws KernelException {
    call(
        "fchmod",
        "fd=" + fd + ", mode=0" + Integer.toOctalString(mode),
        () -> {
          files.mode(descriptors.get(fd).path, mode);
          return true;
        });
  }

  @Override
  public byte[] fgetxattr(int fd, OsString name) throws KernelException {
    return call(
        "fgetxattr",
        "fd=" + fd + ", name=" + name,
        () -> {
          descriptors.get(fd);
          throw new Refusal(Errno.ENODATA);
        });
  }

  @Override
  public void fsetxattr(int fd, OsString name, byte[] value) throws KernelException {
    call("fsetxattr", "fd=" + fd + ", name=" + name, () -> descriptors.get(fd));
  }

  @Override
  public void fremovexattr(int fd, OsString name) throws KernelException {
    call("fremovexattr", "fd=" + fd + ", name=" + name, () -> descriptors.get(fd));
  }

  @Override
  public FileSystemStatus fstatfs(int fd) throws KernelException {
    return call(
        "fstatfs",
        "fd=" + fd,
        () -> {
          descriptors.get(fd);
          return new FileSystemStatus(0, 0, 0, false);
        });
  }

  @Override
  public void fsync(int fd) throws KernelException {
    call("fsync", "fd=" + fd, () -> descriptors.get(fd));
  }

  @Override
  public void renameat(int at, OsString from, OsString to) throws KernelException {
    call(
        "renameat2",
        place(at, from) + ", to=" + to,
        () -> {
          HostPath source = files.resolve(root, start(at), from, false, true);
          if (!files.exists(source)) {
            throw new Refusal(Errno.ENOENT);
          }
          files.rename(source, files.resolve(root, start(at), to, false, true));
          return true;
        });
  }

  @Override
  public void execve(OsString path, List<OsString> arguments, List<OsString> environment)
      throws KernelException {
    call(
        "execve",
        "path=" + path,
        () -> {
          HostPath program = files.resolve(root, directory, path, true, true);
          Optional<Errno> errno = programs.getOrDefault(program, Optional.of(Errno.ENOENT));
          if (errno.isPresent()) {
            throw new Refusal(errno.get());
          }
          throw new Executed(path, arguments, environment, descriptors.keptByExec());
        });
  }

  /**
   * {@inheritDoc}
   *
   * @return {@link #CHILD} if the program was declared with {@link #program(String)}
   */
  @Override
  public int spawn(
      OsString path,
      List<OsString> arguments,
      List<OsString> environment,
      Map<Integer, Integer> wanted,
      long blocked,
      long ignored)
      throws KernelException {
    return call(
        "posix_spawn",
        "path=" + path,
        () -> {
          HostPath program = files.resolve(root, directory, path, true, true);
          Optional<Errno> errno = programs.getOrDefault(program, Optional.of(Errno.ENOENT));
          if (errno.isPresent()) {
            throw new Refusal(errno.get());
          }
          for (int own : wanted.values()) {
            descriptors.get(own);
          }
          return CHILD;
        });
  }
}
