// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.syschroot.images.tree.TreeLimits;
import org.syschroot.images.tree.TreeLosses;
import org.syschroot.images.tree.TreeWriter;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/**
 * Makes an image of RPM packages, by dnf(8) with {@code --installroot}.
 *
 * <p>Nothing of the host's configuration of dnf counts, only the repositories that are named.
 * Programs of packages run in the new root directory, as root, with a {@code /dev} of the six
 * devices that everybody may use and a {@code /proc} of a process namespace of their own; both
 * vanish with its last process, which is also when this JVM is killed.
 *
 * <p>Immutable and thread-safe.
 *
 * <p>For a whole system of RPM packages; {@link ImageFile} then writes its configuration.
 *
 * <pre>{@code
 * RpmSystem system = new RpmSystem("9", Optional.empty(), List.of(repositories), RpmSystem.BASE);
 * DnfImage.installed(System.getenv("PATH")).create(root, system, line -> log(line));
 * }</pre>
 */
public final class DnfImage {
  private static final String SCRATCH = ".dnf";
  private static final FileAttribute<Set<PosixFilePermission>> FOR_ROOT =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final List<String> CACHES = List.of("/" + SCRATCH, "/var/cache/dnf");

  // The host's rpm of Debian would put the database beneath /root.
  private static final String MACROS =
      "%_dbpath " + RpmDatabasePlace.WRITTEN + "\n%_db_backend sqlite\n";

  // dnf checks signatures unless a repository says otherwise.
  private static final String MAIN =
      "[main]\ngpgcheck=1\nplugins=0\ninstall_weak_deps=0\nkeepcache=0\nskip_if_unavailable=0\n";

  private static final String SCRIPT =
      """
      set -e
      root=$1
      shift
      mkdir -m 755 "$root/dev"
      mkdir -m 555 "$root/proc" "$root/sys"
      mount -t tmpfs -o mode=755,nosuid,noexec tmpfs "$root/dev"
      for device in null zero full random urandom tty; do
        : > "$root/dev/$device"
        mount --bind "/dev/$device" "$root/dev/$device"
      done
      ln -s /proc/self/fd "$root/dev/fd"
      mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
      exec "$@"
      """;

  private final Path program;
  private final Map<String, String> environment;

  private DnfImage(Path program, Map<String, String> environment) {
    this.program = program;
    this.environment = Map.copyOf(environment);
  }

  /**
   * Returns a copy that gives dnf other variables than those of this process, such as the proxies
   * of who called it. The usual directories are added to their {@code PATH}.
   *
   * @param variables names and values; copied; not null
   */
  public DnfImage withEnvironment(Map<String, String> variables) {
    return new DnfImage(program, variables);
  }

  /**
   * Finds the installed dnf.
   *
   * @param path directories separated by colons, as {@code PATH}, looked through before the usual
   *     ones; null for these alone
   * @throws CreateException if it is not installed
   */
  public static DnfImage installed(@Nullable String path) throws CreateException {
    return installed(ProgramSearch.along(path).orUsual());
  }

  static DnfImage installed(ProgramSearch search) throws CreateException {
    return new DnfImage(search.required("dnf", "dnf"), System.getenv());
  }

  /**
   * Makes an image. What was made is removed when it fails, or when the thread is interrupted.
   *
   * @param root the directory for the image: absolute, missing or empty, in a directory that
   *     exists; not null
   * @param system what is to be installed; not null
   * @param progress is told each line that dnf prints; not null
   * @throws CreateException if the root cannot be used, or dnf fails; then the message has its last
   *     lines
   * @throws IOException if something cannot be looked at
   */
  public void create(Path root, RpmSystem system, Consumer<String> progress) throws IOException {
    ImageRoot imageRoot = ImageRoot.check(root);
    RepositoryFile.check(system.repositories());
    if (LinuxProcessCalls.running().effectiveUid() != 0) {
      throw new CreateException("cannot create " + root + ": dnf must be run by root (uid 0)");
    }
    ProgramSearch search = ProgramSearch.along(environment.get("PATH")).orUsual();
    Path unshare = search.required("unshare", "util-linux");
    DnfFailure listener = new DnfFailure(progress);
    try {
      imageRoot.make();
      install(imageRoot.path(), system, unshare, search, listener);
    } catch (IOException e) {
      throw listener.explained(imageRoot.undo(e, path -> true), system);
    } catch (RuntimeException | Error e) {
      e.addSuppressed(imageRoot.undo(new IOException(e), path -> true));
      throw e;
    }
  }

  private void install(
      Path root, RpmSystem system, Path unshare, ProgramSearch search, Consumer<String> progress)
      throws IOException {
    // A repository can have a password.
    Path scratch = Files.createDirectory(root.resolve(SCRATCH), FOR_ROOT);
    Files.writeString(scratch.resolve("dnf.conf"), configuration(system));
    Files.writeString(scratch.resolve(".rpmmacros"), MACROS);
    Files.createDirectory(scratch.resolve("empty"));
    List<String> dnf = dnf(root, scratch, system);
    List<String> command = new ArrayList<>(List.of(unshare.toString()));
    command.addAll(List.of("--mount", "--propagation", "slave"));
    // The first process of a process namespace takes all others along when it ends.
    command.addAll(List.of("--pid", "--fork", "--kill-child", "--mount-proc"));
    command.addAll(List.of("/bin/sh", "-c", SCRIPT, "sh", root.toString()));
    command.addAll(dnf);
    Map<String, String> variables = new HashMap<>(environment);
    variables.put("PATH", search.toString());
    variables.put("HOME", scratch.toString());
    // Messages are read for what to do about them.
    variables.put("LC_ALL", "C.UTF-8");
    new ToolRun(command, String.join(" ", dnf), variables, progress).in(root);
    removeCaches(root);
    new RpmDatabasePlace(LinuxKernel.running()).settle(root);
  }

  private static String configuration(RpmSystem system) {
    StringBuilder text = new StringBuilder(MAIN);
    system.repositories().forEach(file -> text.append('\n').append(file.text()).append('\n'));
    return text.toString();
  }

  private List<String> dnf(Path root, Path scratch, RpmSystem system) {
    List<String> words = new ArrayList<>(List.of(program.toString(), "-y"));
    words.add("--config=" + scratch.resolve("dnf.conf"));
    words.add("--setopt=reposdir=" + scratch.resolve("empty"));
    words.add("--setopt=varsdir=" + scratch.resolve("empty"));
    words.add("--installroot=" + root);
    words.add("--releasever=" + system.release());
    system.foreign().ifPresent(name -> words.add("--forcearch=" + name));
    words.add("install");
    words.addAll(system.packages());
    return words;
  }

  /** What was downloaded; packages may have put links on the way to it. */
  private static void removeCaches(Path root) throws IOException {
    HostPath place = HostPath.of(root.toString());
    try (TreeWriter tree =
        TreeWriter.in(LinuxKernel.running(), place, TreeLimits.of(root), new TreeLosses())) {
      for (String cache : CACHES) {
        tree.remove(ImagePath.of(cache), path -> false);
      }
    }
  }
}
