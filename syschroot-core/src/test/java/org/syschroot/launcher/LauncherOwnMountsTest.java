// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.launcher.LauncherImage.Outcome;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Launchers that make their mounts themselves, of what their caller sees. */
@RequiresRoot
@RequiresCommand({"busybox", "setpriv", "bash", "unshare", "mount"})
final class LauncherOwnMountsTest {
  private static final String USER =
      "exec setpriv --reuid=65534 --regid=65534 --clear-groups bash -c ";

  private LauncherImage image;
  private Path data;

  @BeforeEach
  void make() throws IOException {
    image = new LauncherImage();
    data = Files.createDirectory(image.folder().resolve("data"));
    for (String directory : List.of("data", "proc", "tmp")) {
      Files.createDirectory(image.root().resolve(directory));
    }
  }

  @AfterEach
  void remove() throws IOException {
    assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
        .doesNotContain(image.folder().toString());
    image.close();
  }

  private Path launcher(LauncherForm form, MountSelection.Mount... mounts) throws IOException {
    return image.write("sh", form.of(image.plain(), mounts));
  }

  private MountSelection.Mount work() {
    return Launchers.bind(image.work().toString());
  }

  private Outcome sh(Path launcher, String lines) throws IOException {
    return image.user("exec -a sh \"$0\" -c \"$1\"", image.work(), launcher, lines);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "(ENTRY|ROOTLESS).*")
  void enter_mountsOfEveryKind_areThere(LauncherForm form) throws Exception {
    Path file = Files.writeString(image.folder().resolve("file"), "old\n");
    Files.createFile(image.root().resolve("data/file"));
    TmpfsMount tmpfs = new TmpfsMount(ImagePath.of("/tmp"), OsString.of("mode=1777,size=1m"));
    Path launcher =
        launcher(
            form,
            work(),
            Launchers.bind("/proc"),
            Launchers.bind(file + ":/data/file:ro,file"),
            Launchers.bind("/nowhere:/data:optional"),
            new MountSelection.Mount(tmpfs, true));
    Outcome first =
        sh(launcher, "cat /data/file; >/tmp/x; ls /tmp; (>/data/file) 2>&1; pwd; id -u");
    assertThat(first.isOk().lines().subList(0, 2)).containsExactly("old", "x");
    assertThat(first.out()).contains("Read-only file system", "65534");
    // The file is looked up anew: it can be replaced, as editors and package managers do.
    Path other = Files.writeString(image.folder().resolve("other"), "new\n");
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    assertThat(sh(launcher, "cat /data/file; ls /tmp").isOk().out()).isEqualTo("new\n");
  }

  /** As job_container/tmpfs of Slurm, pam_namespace(8) and PrivateTmp of systemd do. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "(ENTRY|ROOTLESS).*")
  void enter_callerWithAPrivateDirectory_seesThatOne(LauncherForm form) throws Exception {
    Path launcher = launcher(form, work(), Launchers.bind(data + ":/data"));
    String job =
        "mount -t tmpfs -o mode=1777 none \"$1\"; echo private >\"$1\"/file; "
            + USER
            + "'exec -a sh \"$0\" -c \"cat /data/file; echo more >/data/new; cat \\$0 2>&1\""
            + " '\"$1\"'/new' \"$0\"";
    Outcome outcome =
        image.run(
            List.of("unshare", "-m", "bash", "-c", job, launcher.toString(), data.toString()),
            image.work());
    assertThat(outcome.out()).startsWith("private\n");
    assertThat(data).isEmptyDirectory();
    assertThat(sh(launcher, "ls /data").isOk().out()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "(ENTRY|ROOTLESS).*")
  void enter_sourceOrPlaceMissing_isRefused(LauncherForm form) throws Exception {
    Path noSource = image.arm("a", form.of(image.plain(), Launchers.bind("/nowhere:/data")));
    Outcome source = sh(noSource, "echo in");
    assertThat(source.err())
        .isEqualTo("syschroot: sl5: cannot mount /nowhere: No such file or directory\n");
    assertThat(source.status()).isEqualTo(125);
    Path noPlace = image.arm("b", form.of(image.plain(), Launchers.bind("/proc:/none")));
    Outcome place = sh(noPlace, "echo in");
    assertThat(place.err())
        .isEqualTo(
            "syschroot: sl5: cannot mount on /none in the image: No such file or directory\n");
    assertThat(place.status()).isEqualTo(125);
  }

  /** A link leads where it would from inside, and for a launcher with a privilege nowhere. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "(ENTRY|ROOTLESS).*")
  void enter_placeIsALinkOfAUser_neverLeavesTheImage(LauncherForm form) throws Exception {
    Path link = image.root().resolve("data/link");
    Files.createSymbolicLink(link, image.folder().resolve("data"));
    Files.createDirectories(image.inImage(data));
    Path launcher =
        image.arm("a", form.of(image.plain(), work(), Launchers.bind("/proc/self:/data/link")));
    Outcome outcome = sh(launcher, "ls " + data);
    if (form == LauncherForm.ROOTLESS) {
      assertThat(outcome.isOk().lines()).contains("mountinfo");
    } else {
      assertThat(outcome.err())
          .isEqualTo(
              "syschroot: sl5: cannot mount on /data/link in the image: Too many levels of symbolic"
                  + " links\n");
      assertThat(outcome.status()).isEqualTo(125);
    }
    assertThat(data).isEmptyDirectory();
  }

  private static Set<String> namespaces() throws IOException {
    Set<String> all = new TreeSet<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        for (String kind : List.of("mnt", "user")) {
          try {
            // Other programs of the machine come and go; the calls are this user's.
            if (!Files.readString(process.resolve("status")).contains("\nUid:\t65534")) {
              continue;
            }
            all.add(Files.readSymbolicLink(process.resolve("ns/" + kind)).toString());
          } catch (IOException ended) {
            // The process.
          }
        }
      }
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "(ENTRY|ROOTLESS).*")
  void enter_manyAtOnceAndKilled_leaveNothing(LauncherForm form) throws Exception {
    Path launcher = launcher(form, work(), Launchers.bind("/proc"));
    String mounts = Files.readString(Path.of("/proc/self/mountinfo"));
    Set<String> before = namespaces();
    int calls = Dose.of(8, 125);
    String lines =
        "for i in {1..16}; do (for j in {1.."
            + calls
            + "}; do \"$0\" -c : || echo failed; done) & done; wait; echo done";
    assertThat(image.user(lines, image.work(), launcher).isOk().out()).isEqualTo("done\n");
    // Some are killed before they come to their program, some in it.
    // Half of them are killed at any moment before, the others in their program: head waits for it.
    String killed =
        "for i in {1.."
            + calls
            + "}; do mkfifo f$i; \"$0\" -c 'echo in; while :; do :; done' >f$i & p=$!;"
            + " (( i % 2 )) && head -n 1 f$i >/dev/null || : <f$i; kill -9 $p; wait $p; rm f$i;"
            + " done 2>/dev/null; echo done";
    Files.setPosixFilePermissions(image.work(), PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(image.user(killed, image.work(), launcher).out()).isEqualTo("done\n");
    assertThat(namespaces()).isSubsetOf(before);
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).isEqualTo(mounts);
  }

  @Test
  void trustedMounts_sourceThatUsersCanExchange_isRefused() throws Exception {
    Path shared = Files.createDirectory(image.folder().resolve("shared"));
    Path source = Files.createDirectory(shared.resolve("source"));
    Files.createSymbolicLink(image.folder().resolve("link"), source);
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
    for (String text : List.of(source + ":/data", image.folder() + "/link:/data")) {
      LaunchPlan plan = image.plain().entry(Launchers.bind(text)).plan();
      assertThatThrownBy(() -> plan.withTrustedMounts(LinuxKernel.running()))
          .isInstanceOf(UntrustedException.class)
          .hasMessageContaining(shared.toString());
    }
    // The directory itself may be everybody's: /tmp is.
    LaunchPlan whole = image.plain().entry(Launchers.bind(shared + ":/data")).plan();
    assertThat(whole.withTrustedMounts(LinuxKernel.running())).isEqualTo(whole);
  }

  /**
   * Programs of the image with a privilege trust what is root's: a socket of nscd(8) in {@code
   * /run}, say, which is not for the caller to make.
   */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "ENTRY.*")
  void enter_tmpfs_belongsToRootAsOneOfRunDoes(LauncherForm form) throws Exception {
    TmpfsMount tmpfs = new TmpfsMount(ImagePath.of("/tmp"), OsString.of("mode=755,size=1m"));
    Launchers plan =
        form.of(
            image.plain(), new MountSelection.Mount(tmpfs, true), work(), Launchers.bind("/proc"));
    String lines = "ls -ldn /tmp; mkdir /tmp/nscd && ls /tmp";
    Outcome outcome = sh(image.write("sh", plan), lines);
    assertThat(outcome.out()).startsWith("drwxr-xr-x    2 0        0 ").doesNotContain("nscd");
    assertThat(outcome.err()).contains("Permission denied");
    // Without privilege there are neither root's files nor programs that trust them.
    Path without = image.write("ash", new Launchers(plan.plan().withUserIfUnprivileged()));
    Outcome own =
        image.user("exec setpriv --no-new-privs \"$0\" -c \"$1\"", image.work(), without, lines);
    assertThat(own.out())
        .as(own.err())
        .startsWith("drwxr-xr-x    2 65534    65534 ")
        .endsWith("nscd\n");
  }

  /** The options of the administrator come last. */
  @Test
  void enter_tmpfsOfSomebody_isTheirs() throws Exception {
    TmpfsMount tmpfs = new TmpfsMount(ImagePath.of("/tmp"), OsString.of("mode=700,uid=5,gid=6"));
    Path launcher = launcher(LauncherForm.ENTRY, work(), new MountSelection.Mount(tmpfs, true));
    assertThat(sh(launcher, "ls -ldn /tmp").isOk().out()).startsWith("drwx------    2 5        6 ");
  }

  /** Where it ends and where it begins are root's, but not the link in between. */
  @Test
  void trustedMounts_sourceByWayOfALinkOfAUser_isRefused() throws Exception {
    Path home = Files.createDirectory(image.folder().resolve("home"));
    Path theirs = Files.createSymbolicLink(home.resolve("theirs"), data);
    Path source = Files.createSymbolicLink(image.folder().resolve("source"), theirs);
    Files.setAttribute(home, "unix:uid", LauncherImage.NOBODY);
    LaunchPlan plan = image.plain().entry(Launchers.bind(source + ":/data")).plan();
    assertThatThrownBy(() -> plan.withTrustedMounts(LinuxKernel.running()))
        .isInstanceOf(UntrustedException.class)
        .hasMessageContaining(home + " belongs to uid 65534");
    // Root's own links may lead to what is anybody's.
    Path owned = Files.createSymbolicLink(image.folder().resolve("owned"), Path.of("home"));
    LaunchPlan own = image.plain().entry(Launchers.bind(owned + ":/data")).plan();
    assertThat(own.withTrustedMounts(LinuxKernel.running())).isEqualTo(own);
  }

  /** These lead each process elsewhere: the caller would choose. */
  @ParameterizedTest
  @ValueSource(strings = {"/proc/self/cwd", "/proc/thread-self/root/etc", "/dev/fd"})
  void trustedMounts_sourceThatTheCallerChooses_isRefused(String source) throws Exception {
    LaunchPlan plan = image.plain().entry(Launchers.bind(source + ":/data")).plan();
    assertThatThrownBy(() -> plan.withTrustedMounts(LinuxKernel.running()))
        .isInstanceOf(UntrustedException.class)
        .hasMessageContaining("means something else for each process");
  }

  /** Else a user would have what is mounted in a home directory cover {@code /etc} of the image. */
  @Test
  void trustedMounts_placeBehindALinkOfAUser_isRefused() throws Exception {
    Path tmp = image.root().resolve("tmp");
    Files.setAttribute(tmp, "unix:mode", 041777);
    Path made = Files.createSymbolicLink(tmp.resolve("made"), Path.of("/data"));
    Files.setAttribute(made, "unix:uid", LauncherImage.NOBODY, LinkOption.NOFOLLOW_LINKS);
    Path home = Files.createDirectory(image.root().resolve("home"));
    Files.createSymbolicLink(home.resolve("moved"), Path.of("../data"));
    Files.setAttribute(home, "unix:uid", LauncherImage.NOBODY);
    for (String place : List.of("/tmp/made", "/home/moved")) {
      LaunchPlan plan = image.plain().entry(Launchers.bind("/proc:" + place)).plan();
      assertThatThrownBy(() -> plan.withTrustedMounts(LinuxKernel.running()))
          .isInstanceOf(UntrustedException.class)
          .hasMessageStartingWith("the mount point " + place + " in the image: " + place);
    }
    // A directory of a user's may be mounted on: what is in it is theirs.
    LaunchPlan own = image.plain().entry(Launchers.bind("/proc:/home")).plan();
    assertThat(own.withTrustedMounts(LinuxKernel.running())).isEqualTo(own);
  }

  @Test
  void trustedMounts_placeBehindALinkOfTheImage_isTheOneBehindIt() throws Exception {
    Files.createSymbolicLink(image.root().resolve("link"), Path.of("/data"));
    LaunchPlan plan = image.plain().entry(Launchers.bind("/proc:/link")).plan();
    LaunchPlan trusted = plan.withTrustedMounts(LinuxKernel.running());
    assertThat(trusted.namespaces().mounts().get(0).step().target())
        .isEqualTo(ImagePath.of("/data"));
  }
}
