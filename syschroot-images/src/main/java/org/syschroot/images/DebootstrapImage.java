// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.LinuxProcessCalls;

/**
 * Creator of images with the base system of Debian or a derived distribution, by debootstrap(8).
 *
 * <p>debootstrap mounts {@code /proc} and more in the image while it works, and unmounts it only if
 * it ends well. It therefore runs in a mount namespace of its own, whose mounts vanish with its
 * last process; and in a process namespace of its own, which ends as a whole, also when this JVM is
 * killed.
 *
 * <p>Immutable and thread-safe.
 *
 * <p>For a whole system of Debian or Ubuntu; {@link ImageFile} then writes its configuration.
 *
 * <pre>{@code
 * Bootstrap bookworm = new Bootstrap("bookworm", Optional.of("i386"), Optional.empty());
 * DebootstrapImage.installed(System.getenv("PATH")).create(root, bookworm, line -> log(line));
 * }</pre>
 */
public final class DebootstrapImage {
  private static final String NO_SPACE = "No space left on device";
  private static final long LEAST_ROOM = 1 << 20;

  private final Path program;
  private final AptSources sources;
  private final Map<String, String> environment;

  /**
   * Creates a maker of images.
   *
   * @param program debootstrap, absolute; not null
   * @param sources where the mirror is taken from when none is named; not null
   */
  public DebootstrapImage(Path program, AptSources sources) {
    this(program, sources, System.getenv());
  }

  private DebootstrapImage(Path program, AptSources sources, Map<String, String> environment) {
    this.program = program;
    this.sources = sources;
    this.environment = Map.copyOf(environment);
  }

  /**
   * Returns a copy that gives debootstrap other variables than those of this process, such as the
   * proxies of who called it. The usual directories are added to their {@code PATH}.
   *
   * @param variables names and values; copied; not null
   */
  public DebootstrapImage withEnvironment(Map<String, String> variables) {
    return new DebootstrapImage(program, sources, variables);
  }

  /**
   * Finds the installed debootstrap.
   *
   * @param path directories separated by colons, as {@code PATH}, looked through before the usual
   *     ones; null for these alone
   * @throws CreateException if it is not installed
   * @throws IOException if apt's configuration cannot be read
   */
  public static DebootstrapImage installed(@Nullable String path) throws IOException {
    return installed(ProgramSearch.along(path).orUsual(), AptSources.of(Path.of("/")));
  }

  static DebootstrapImage installed(ProgramSearch search, AptSources sources)
      throws CreateException {
    Path program = search.required("debootstrap", "debootstrap");
    return new DebootstrapImage(program, sources);
  }

  /**
   * Makes an image. What was made is removed when it fails, or when the thread is interrupted.
   *
   * @param root the directory for the image: absolute, missing or empty, in a directory that
   *     exists; not null
   * @param bootstrap which distribution; not null
   * @param progress is told each line that debootstrap prints; not null
   * @return the mirror that was used; never null
   * @throws CreateException if the root cannot be used, no mirror is known, or debootstrap fails;
   *     then the message has its last lines
   * @throws IOException if something cannot be looked at
   */
  public String create(Path root, Bootstrap bootstrap, Consumer<String> progress)
      throws IOException {
    ImageRoot imageRoot = ImageRoot.check(root);
    String mirror = bootstrap.mirror().isPresent() ? bootstrap.mirror().get() : sources.mirror();
    if (LinuxProcessCalls.running().effectiveUid() != 0) {
      throw new CreateException("cannot create " + root + ": debootstrap needs root (user ID 0)");
    }
    ProgramSearch search = ProgramSearch.along(environment.get("PATH")).orUsual();
    List<String> command =
        command(search.required("unshare", "util-linux"), imageRoot.path(), bootstrap, mirror);
    try {
      imageRoot.make();
      String shown =
          String.join(" ", command.subList(command.indexOf(program.toString()), command.size()));
      new ToolRun(command, shown, variables(search), progress).in(imageRoot.path());
      return mirror;
    } catch (IOException e) {
      throw undo(imageRoot, e);
    } catch (RuntimeException | Error e) {
      e.addSuppressed(undo(imageRoot, new IOException(e)));
      throw e;
    }
  }

  private static CreateException undo(ImageRoot root, IOException failure) {
    boolean full = isFull(root, String.valueOf(failure.getMessage()));
    CreateException undone = root.undo(failure, path -> true);
    return full
        ? new CreateException(
            undone.getMessage() + "\nhint: make room, or name another root directory", undone)
        : undone;
  }

  /** Not each of the programs that debootstrap calls says why it cannot write. */
  private static boolean isFull(ImageRoot root, String message) {
    try {
      return message.contains(NO_SPACE)
          || Files.getFileStore(root.path()).getUsableSpace() < LEAST_ROOM;
    } catch (IOException e) {
      return false;
    }
  }

  private Map<String, String> variables(ProgramSearch search) {
    Map<String, String> variables = new HashMap<>(environment);
    // Without it, a shell has a PATH that what it starts does not see.
    variables.put("PATH", search.toString());
    return variables;
  }

  private List<String> command(Path unshare, Path root, Bootstrap bootstrap, String mirror) {
    List<String> command = new ArrayList<>(List.of(unshare.toString()));
    command.addAll(List.of("--mount", "--propagation", "slave"));
    // The first process of a process namespace takes all others along when it ends.
    command.addAll(List.of("--pid", "--fork", "--kill-child", "--mount-proc"));
    command.addAll(List.of(program.toString(), "--variant=minbase"));
    bootstrap.arch().ifPresent(arch -> command.add("--arch=" + arch));
    command.addAll(List.of(bootstrap.suite(), root.toString(), mirror));
    return command;
  }
}
