// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.syschroot.accounts.AccountMerge;
import org.syschroot.host.SharedMounts;
import org.syschroot.image.AccountSource;
import org.syschroot.image.Consistency;
import org.syschroot.image.Image;
import org.syschroot.image.SharedItem;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.PathResolver;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/**
 * Brings the files of images that follow the host ({@code accounts} and {@code consistent}) to what
 * the host has now. Can be repeated at any time, while commands run in the image too.
 *
 * <p>An image that can be written gets the files themselves; for one that cannot, they are made
 * beside it and {@link SharedMounts} mounts them over its own. For one thread at a time.
 */
public final class ImageConsistency {
  private static final ImagePath ETC = ImagePath.of("/etc");

  private final Kernel kernel;
  private final int effectiveUid;
  private final HostPath run;
  private final Path host;
  private final DirectoryService directory;
  private final Set<String> users;

  private ImageConsistency(
      Kernel kernel,
      int effectiveUid,
      HostPath run,
      Path host,
      DirectoryService directory,
      Set<String> users) {
    this.kernel = kernel;
    this.effectiveUid = effectiveUid;
    this.run = run;
    this.host = host;
    this.directory = directory;
    this.users = Set.copyOf(users);
  }

  /**
   * Creates it for this host.
   *
   * @param effectiveUid the user of this process
   */
  public static ImageConsistency ofHost(Kernel kernel, int effectiveUid) {
    return new ImageConsistency(
        kernel,
        effectiveUid,
        SharedMounts.RUN,
        Path.of("/"),
        HostDirectoryService.running(),
        Set.of());
  }

  /** Returns this with another host, such as a directory of a test. */
  ImageConsistency of(Path otherHost, HostPath otherRun, DirectoryService otherDirectory) {
    return new ImageConsistency(kernel, effectiveUid, otherRun, otherHost, otherDirectory, users);
  }

  /**
   * Returns this for users who are to be shown even if the host's files do not have them, because
   * they are in a directory service, besides those who are named in the image's settings or have
   * logged in.
   *
   * @param names their names or numbers
   */
  public ImageConsistency withUsers(Set<String> names) {
    return new ImageConsistency(kernel, effectiveUid, run, host, directory, names);
  }

  /**
   * What was done for an image. Immutable.
   *
   * @param changed the paths in the image of what changed
   * @param notes what could not be done, for people to read
   */
  public record Renewal(List<String> changed, List<String> notes) {
    /** Copies the lists. */
    public Renewal {
      changed = List.copyOf(changed);
      notes = List.copyOf(notes);
    }
  }

  /**
   * Returns whether this process may write to the image: it is root's process, or that of the owner
   * of the image's root directory.
   *
   * @throws IOException if the root directory cannot be opened
   */
  public boolean mayRenew(Image image) throws IOException {
    if (effectiveUid == 0) {
      return true;
    }
    try (Descriptor root = open(image)) {
      return root.status().uid() == effectiveUid;
    }
  }

  private Descriptor open(Image image) throws IOException {
    return Descriptor.opened(kernel, image.trust(kernel, effectiveUid).open(image.root()));
  }

  /**
   * Brings the files of an image up to date.
   *
   * @throws MountException if another program is changing the accounts of the image, or if a file
   *     is covered by a mount
   * @throws IOException if a file cannot be read or written
   */
  public Renewal renew(Image image) throws IOException {
    try (Descriptor root = open(image)) {
      if (isReadOnly(root)) {
        return generate(image);
      }
      List<String> changed = new ArrayList<>();
      Consistency wanted = image.consistency();
      Optional<AccountSource> source = wanted.accounts();
      if (source.isPresent() || ImageAccounts.hasRecord(kernel, root.number())) {
        if (accounts(root, image).renew()) {
          changed.add("accounts");
        }
      }
      if (!wanted.items().isEmpty() || SharedFiles.hasRecord(kernel, root.number())) {
        new SharedFiles(kernel, root.number())
            .renew(contents(root, wanted))
            .forEach(path -> changed.add(path.toString()));
      }
      forget(image);
      return new Renewal(changed, List.of());
    }
  }

  private ImageAccounts accounts(Descriptor root, Image image) throws IOException {
    Consistency wanted = image.consistency();
    Set<String> names = new TreeSet<>(users);
    names.addAll(image.users());
    for (String group : image.groups()) {
      names.addAll(directory.membersOf(group));
    }
    names.addAll(loggedIn());
    return new ImageAccounts(
        kernel,
        root.number(),
        new HostAccounts(host.resolve("etc"), directory, names),
        wanted.accounts().orElse(AccountSource.IMAGE),
        wanted.has(SharedItem.PASSWORDS));
  }

  /** Returns the numbers of those for whom pam_systemd(8) has made a directory. */
  private Set<String> loggedIn() throws IOException {
    Set<String> numbers = new TreeSet<>();
    Path sessions = host.resolve("run/user");
    if (Files.isDirectory(sessions)) {
      try (Stream<Path> each = Files.list(sessions)) {
        each.map(session -> session.getFileName().toString())
            .filter(name -> name.matches("[0-9]{1,10}"))
            .forEach(numbers::add);
      }
    }
    return numbers;
  }

  private Map<ImagePath, SharedContent> contents(Descriptor root, Consistency wanted)
      throws IOException {
    PathResolver resolver = new PathResolver(kernel);
    return SharedContents.of(
        kernel, wanted.items(), host, path -> exists(resolver, root, ImagePath.of(path)));
  }

  /** The same without links to the image's zones: only files can be mounted over files. */
  private Map<ImagePath, SharedContent> copies(Descriptor root, Consistency wanted)
      throws IOException {
    PathResolver resolver = new PathResolver(kernel);
    return SharedContents.of(
        kernel,
        wanted.items(),
        host,
        path ->
            !path.startsWith(SharedContents.ZONES) && exists(resolver, root, ImagePath.of(path)));
  }

  private static boolean exists(PathResolver resolver, Descriptor root, ImagePath path) {
    try (Descriptor there = resolver.inImage(root.number(), path, 0)) {
      return there.number() >= 0;
    } catch (KernelException missing) {
      return false;
    }
  }

  private boolean isReadOnly(Descriptor root) throws IOException {
    PathResolver resolver = new PathResolver(kernel);
    try (Descriptor etc = resolver.inImage(root.number(), ETC, 0)) {
      return (kernel.fstatfs(etc.number()).flags() & ImagePlace.ST_RDONLY) != 0;
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return (kernel.fstatfs(root.number()).flags() & ImagePlace.ST_RDONLY) != 0;
      }
      throw e;
    }
  }

  /** An image that was read-only before has no use for what was made for it then. */
  private void forget(Image image) throws IOException {
    if (effectiveUid == 0) {
      new GeneratedFiles(kernel, effectiveUid, run, image.name()).replace(Map.of());
    }
  }

  private Renewal generate(Image image) throws IOException {
    if (effectiveUid != 0) {
      return new Renewal(List.of(), List.of());
    }
    List<String> notes = new ArrayList<>();
    Map<ImagePath, GeneratedFiles.Generated> files = new LinkedHashMap<>();
    // Without what is mounted in it, such as what was made here the last time.
    try (Descriptor root =
        Descriptor.opened(
            kernel,
            kernel.openTree(Kernel.AT_FDCWD, image.root().value(), MountFlags.OPEN_TREE_CLONE))) {
      Consistency wanted = image.consistency();
      if (wanted.accounts().isPresent()) {
        generateAccounts(root, accounts(root, image), files, notes);
      }
      generateFiles(root, copies(root, wanted), files, notes);
    }
    List<String> changed = new ArrayList<>();
    new GeneratedFiles(kernel, effectiveUid, run, image.name())
        .replace(files)
        .forEach(path -> changed.add(path.toString()));
    return new Renewal(changed, notes);
  }

  private void generateAccounts(
      Descriptor root,
      ImageAccounts accounts,
      Map<ImagePath, GeneratedFiles.Generated> files,
      List<String> notes)
      throws IOException {
    AccountMerge merge = accounts.merge();
    for (Map.Entry<String, String> file : accounts.changed(merge).entrySet()) {
      ImagePath path = ETC.resolve(file.getKey());
      if (isFile(root, path, notes)) {
        byte[] bytes = file.getValue().getBytes(StandardCharsets.ISO_8859_1);
        int mode = file.getKey().endsWith("shadow") ? 0600 : 0644;
        files.put(path, new GeneratedFiles.Generated(bytes, mode));
      }
    }
  }

  private void generateFiles(
      Descriptor root,
      Map<ImagePath, SharedContent> contents,
      Map<ImagePath, GeneratedFiles.Generated> files,
      List<String> notes)
      throws IOException {
    for (Map.Entry<ImagePath, SharedContent> wanted : contents.entrySet()) {
      if (!(wanted.getValue() instanceof SharedContent.File file)) {
        notes.add(
            "the image is read-only, so " + wanted.getKey() + " cannot become a symbolic link");
      } else if (isFile(root, wanted.getKey(), notes)) {
        files.put(wanted.getKey(), new GeneratedFiles.Generated(file.bytes(), 0644));
      }
    }
  }

  /** What a link leads to has a name of its own, under which it would be covered as well. */
  private boolean isFile(Descriptor root, ImagePath path, List<String> notes) throws IOException {
    try (ImagePlace place = ImagePlace.of(kernel, root.number(), path)) {
      if (place.status().filter(FileStatus::isRegularFile).isPresent()) {
        return true;
      }
      notes.add(
          "the image is read-only, and "
              + path
              + (place.status().isPresent() ? " is a symbolic link" : " is missing")
              + ": it cannot be changed");
    } catch (KernelException e) {
      notes.add(
          "the image is read-only, and has no directory for "
              + path
              + ": it cannot be"
              + " changed");
    }
    return false;
  }
}
