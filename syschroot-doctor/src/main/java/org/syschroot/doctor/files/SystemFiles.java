// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.TreeCalls;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountStep;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * The files of a system as a process in it would see them: symbolic links lead to places in the
 * system, and where something is planned to be mounted, what is seen is that, whether it is mounted
 * now or not.
 *
 * <p>Nothing is ever opened but regular files and directories, and only after it is known that they
 * are: FIFOs, sockets and devices cannot make the caller wait, even if they are exchanged
 * meanwhile. What cannot be looked at counts as absent and is remembered, see {@link
 * #notLookedAt()}. What is too much for the {@link Budget} does not: absence would be a false
 * finding, so every method ends with a {@link BudgetSpentException} then.
 *
 * <p>Paths and names have one character a byte, see {@link ByteText}. For one thread.
 */
public final class SystemFiles {
  private static final int TEXT_LIMIT = 8 << 20;
  private static final int MOST_NAMES = 100_000;
  private static final int MOST_NOTES = 1000;
  private static final int LONGEST_SHOWN = 500;
  private static final int LOOK = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;
  private static final int LIST =
      OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK;
  private static final int NO_LINKS =
      OpenFlags.RESOLVE_NO_SYMLINKS | OpenFlags.RESOLVE_NO_MAGICLINKS;

  private final Kernel kernel;
  private final TreeCalls calls;
  private final MountedPlaces places;
  private final Budget budget;
  private final Map<String, String> notLookedAt = new LinkedHashMap<>();

  private SystemFiles(Kernel kernel, TreeCalls calls, MountedPlaces places, Budget budget) {
    this.kernel = kernel;
    this.calls = calls;
    this.places = places;
    this.budget = budget;
  }

  /** Returns the native system's. */
  public static SystemFiles ofHost(Kernel kernel, TreeCalls calls, Budget budget) {
    return new SystemFiles(kernel, calls, new MountedPlaces("/"), budget);
  }

  /**
   * Returns those of an image, as seen by a command that runs in it.
   *
   * @param root the image's root directory
   * @param mounts what is to be mounted in it, in order
   * @param budget how much may be looked at
   * @throws IOException if the root is not there or cannot be looked at
   */
  public static SystemFiles ofImage(
      Kernel kernel, TreeCalls calls, HostPath root, List<MountStep> mounts, Budget budget)
      throws IOException {
    SystemFiles host = ofHost(kernel, calls, budget);
    SystemFile top = host.resolve(ByteText.of(root.value()));
    SystemFiles files = new SystemFiles(kernel, calls, new MountedPlaces(top.path()), budget);
    for (MountStep step : mounts) {
      String target = ByteText.of(step.target().value());
      Optional<String> source = Optional.empty();
      if (step instanceof BindMount bindMount) {
        String wanted = ByteText.of(bindMount.source().value());
        source = Optional.of(host.find(wanted).map(SystemFile::path).orElse(wanted));
      }
      files.places.add(files.placeOf(target), source);
    }
    return files;
  }

  /** Returns the path without symbolic links, also of what is not there yet. */
  private String placeOf(String path) {
    Optional<SystemFile> found = find(path);
    if (found.isPresent()) {
      return found.get().path();
    }
    int slash = path.lastIndexOf('/');
    String parent = slash == 0 ? "/" : placeOf(path.substring(0, slash));
    return (parent.equals("/") ? "" : parent) + path.substring(slash);
  }

  Kernel kernel() {
    return kernel;
  }

  TreeCalls calls() {
    return calls;
  }

  /** Returns how much may still be looked at. */
  public Budget budget() {
    return budget;
  }

  /** Returns the same files, as nobody has looked at them yet, with another budget. */
  public SystemFiles with(Budget other) {
    return new SystemFiles(kernel, calls, places, other);
  }

  /** Returns the root directory. */
  public SystemFile root() throws KernelException {
    return resolve("/");
  }

  /** Returns what an absolute path leads to, or empty if there is nothing or it cannot be seen. */
  public Optional<SystemFile> find(String path) {
    return find(path, true);
  }

  /** Returns what has an absolute path, a symbolic link itself if there is one. */
  public Optional<SystemFile> findLink(String path) {
    return find(path, false);
  }

  private Optional<SystemFile> find(String path, boolean followLast) {
    try {
      return Optional.of(new PathWalk(calls, kernel, places, budget).to(path, followLast));
    } catch (KernelException e) {
      note(path, e);
      return Optional.empty();
    }
  }

  private SystemFile resolve(String path) throws KernelException {
    return new PathWalk(calls, kernel, places, budget).to(path, true);
  }

  /** Returns the text of a symbolic link, or empty if the path is none. */
  public Optional<String> linkText(String path) {
    Optional<SystemFile> link = findLink(path).filter(file -> file.status().isSymbolicLink());
    if (link.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          ByteText.of(kernel.readlinkat(Kernel.AT_FDCWD, ByteText.bytes(link.get().hostPath()))));
    } catch (KernelException e) {
      note(path, e);
      return Optional.empty();
    }
  }

  /** Returns whether something is planned to be mounted at a path or above it. */
  public boolean isMounted(String path) {
    return places.isMounted(placeOf(path));
  }

  /**
   * Returns where a path is on the native system, whether or not there is something; empty beneath
   * a new file system.
   */
  public Optional<String> hostPath(String path) {
    return places.hostPath(placeOf(path));
  }

  /** Returns where a path without symbolic links is on the native system, for people to read. */
  public String shown(String path) {
    return ByteText.shown(places.hostPath(path).orElse(path));
  }

  /** Opens a regular file for reading, or returns empty; whoever asks for it closes it. */
  public Optional<SeekableByteChannel> open(SystemFile file) {
    try {
      budget.payFiles(1);
      int place = openPlace(Kernel.AT_FDCWD, ByteText.bytes(file.hostPath()), LOOK);
      try {
        if (!kernel.fstat(place).isRegularFile()) {
          return Optional.empty();
        }
        // Opens the very file that was looked at, whatever has its name by now.
        Path again = Path.of("/proc/thread-self/fd/" + place);
        return Optional.of(new PaidChannel(Files.newByteChannel(again), budget));
      } finally {
        kernel.close(place);
      }
    } catch (KernelException e) {
      note(file.hostPath(), e);
      return Optional.empty();
    } catch (IOException e) {
      noteUnreadable(file);
      return Optional.empty();
    }
  }

  /** Remembers that a file could not be read. */
  public void noteUnreadable(SystemFile file) {
    note(file.hostPath(), "it cannot be read");
  }

  /** Remembers that something was too much to be looked at. */
  public void noteLeftOut(String path, BudgetSpentException reason) {
    note(path, String.valueOf(reason.getMessage()));
  }

  /** Opens a place of the native system that no symbolic link may lead to. */
  int openPlace(int directory, OsString path, int flags) throws KernelException {
    try {
      return kernel.openat2(directory, path, flags, 0, NO_LINKS);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOSYS) && !e.is(Errno.EPERM)) {
        throw e;
      }
      return kernel.openat(directory, path, flags, 0);
    }
  }

  /** Returns the first bytes of a regular file, at most {@code limit}, or empty. */
  public Optional<byte[]> read(SystemFile file, int limit) {
    Optional<SeekableByteChannel> opened = open(file);
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    try (SeekableByteChannel channel = opened.get()) {
      // Files in /proc say they are empty.
      ByteBuffer buffer = ByteBuffer.allocate(startSize(channel.size(), limit));
      while (channel.read(buffer) >= 0) {
        if (!buffer.hasRemaining()) {
          if (buffer.capacity() >= limit) {
            break;
          }
          buffer.flip();
          buffer = ByteBuffer.allocate(startSize(2L * buffer.capacity(), limit)).put(buffer);
        }
      }
      return Optional.of(
          buffer.hasRemaining()
              ? Arrays.copyOf(buffer.array(), buffer.position())
              : buffer.array());
    } catch (IOException e) {
      noteUnreadable(file);
      return Optional.empty();
    }
  }

  private static int startSize(long wanted, int limit) {
    return (int) Math.min(limit, Math.max(4096, wanted + 1));
  }

  /**
   * Returns a text file with one character a byte, or empty if there is none that can be read.
   *
   * @throws BudgetSpentException if it has more than 8 MiB
   */
  public Optional<String> text(String path) {
    return find(path)
        .filter(file -> file.status().isRegularFile())
        .flatMap(file -> text(path, file));
  }

  private Optional<String> text(String path, SystemFile file) {
    Optional<byte[]> bytes = read(file, TEXT_LIMIT);
    if (bytes.isPresent() && bytes.get().length == TEXT_LIMIT) {
      throw tooMuch(path, "has more than " + TEXT_LIMIT + " bytes");
    }
    return bytes.map(content -> new String(content, StandardCharsets.ISO_8859_1));
  }

  private static BudgetSpentException tooMuch(String path, String what) {
    return new BudgetSpentException(shortened(path) + " " + what);
  }

  /**
   * Returns the names in a directory, sorted; none if there is no such or it cannot be read.
   *
   * @throws BudgetSpentException if there are more than 100 000
   */
  public List<String> list(String path) {
    Optional<SystemFile> directory = find(path).filter(file -> file.status().isDirectory());
    if (directory.isEmpty()) {
      return List.of();
    }
    try {
      int opened = openPlace(Kernel.AT_FDCWD, ByteText.bytes(directory.get().hostPath()), LIST);
      try {
        List<String> names = new ArrayList<>();
        for (List<OsString> next = calls.nextNames(opened);
            !next.isEmpty();
            next = calls.nextNames(opened)) {
          budget.payFiles(next.size());
          next.forEach(name -> names.add(ByteText.of(name)));
          if (names.size() > MOST_NAMES) {
            throw tooMuch(path, "has more than " + MOST_NAMES + " names");
          }
        }
        Collections.sort(names);
        return names;
      } finally {
        kernel.close(opened);
      }
    } catch (KernelException e) {
      note(path, e);
      return List.of();
    }
  }

  void note(String path, KernelException failure) {
    boolean isAbsence =
        failure.is(Errno.ENOENT) || failure.is(Errno.ENOTDIR) || failure.is(Errno.ELOOP);
    if (!isAbsence) {
      note(path, failure.reason());
    }
  }

  private void note(String path, String reason) {
    synchronized (notLookedAt) {
      if (notLookedAt.size() < MOST_NOTES) {
        notLookedAt.putIfAbsent(shortened(path), reason);
      }
    }
  }

  static String shortened(String path) {
    return path.length() > LONGEST_SHOWN
        ? ByteText.shown(path.substring(0, LONGEST_SHOWN)) + "..."
        : ByteText.shown(path);
  }

  /**
   * Returns the paths that could not be looked at so far, and why; at most 1000. Can be asked by
   * another thread.
   */
  public Map<String, String> notLookedAt() {
    synchronized (notLookedAt) {
      return Collections.unmodifiableMap(new LinkedHashMap<>(notLookedAt));
    }
  }
}
