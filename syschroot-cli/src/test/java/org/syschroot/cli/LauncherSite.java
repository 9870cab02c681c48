// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.image.LauncherKind;

/**
 * The image {@code deb32} with launchers in {@link #BIN}, and its boot-time mounts up if they are
 * of the kind that needs them, all in a mount namespace that a process of this site keeps and that
 * programs of the tests enter. It vanishes with that process. Not thread-safe.
 */
final class LauncherSite implements AutoCloseable {
  /** Only in that mount namespace. */
  static final Path BIN = Path.of("/mnt/bin4");

  private static final String MAKE =
      """
      set -e
      mount -t tmpfs -o mode=755 none /mnt
      mkdir "$bin"
      as=
      case $kind in
        boot) "$command" mount --quiet --config "$config" "$image" ;;
        rootless) chown 65534:65534 "$bin"
                  as="setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/" ;;
      esac
      $as "$command" link $option --config "$config" "$image" --into "$bin" $programs >/dev/null
      $as "$command" link $option --config "$config" "$image" --into "$bin" >/dev/null
      echo ready
      cat
      $as "$command" unlink --config "$config" "$image" --into "$bin" $programs >/dev/null
      [ ! -d "$root$bin" ] || rmdir "$root$bin"
      """;

  private final TestSite site;
  private final Process keeper;
  private final LauncherKind kind;

  private LauncherSite(TestSite site, Process keeper, LauncherKind kind) {
    this.site = site;
    this.keeper = keeper;
    this.kind = kind;
  }

  /** Makes launchers of the whole image and of these programs, with these options of link. */
  static LauncherSite with(String option, String... programs)
      throws IOException, InterruptedException {
    return with(LauncherKind.BOOT, option, programs);
  }

  /** Makes launchers of a kind; those without privilege are an ordinary user's. */
  static LauncherSite with(LauncherKind kind, String option, String... programs)
      throws IOException, InterruptedException {
    TestSite site = TestSite.withDeb32();
    if (kind == LauncherKind.ENTRY) {
      Files.writeString(
          site.file(TestImages.DEB32),
          "[launchers]\ndirectory = \"" + BIN + "\"\nmounts = \"entry\"\n",
          StandardOpenOption.APPEND);
    }
    ProcessBuilder builder =
        new ProcessBuilder("unshare", "--mount", "--propagation", "private", "sh", "-c", MAKE);
    builder.environment().put("command", TestImages.command().toString());
    builder.environment().put("config", site.directory().toString());
    builder.environment().put("image", TestImages.DEB32);
    builder.environment().put("root", TestImages.deb32().toString());
    builder.environment().put("bin", BIN.toString());
    builder.environment().put("option", option);
    builder.environment().put("kind", kind.toString());
    builder.environment().put("programs", String.join(" ", programs));
    Process keeper = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    assertThat(keeper.inputReader(StandardCharsets.US_ASCII).readLine()).isEqualTo("ready");
    return new LauncherSite(site, keeper, kind);
  }

  boolean isRootless() {
    return kind == LauncherKind.ROOTLESS;
  }

  /** Returns a program that enters the mount namespace and becomes these words. */
  Program program(List<String> words) {
    List<String> all = new ArrayList<>();
    all.add("nsenter");
    all.add("--mount=/proc/" + keeper.pid() + "/ns/mnt");
    all.addAll(words);
    return Program.of(all);
  }

  @Override
  public void close() throws IOException {
    keeper.getOutputStream().close();
    keeper.onExit().join();
    site.close();
  }
}
