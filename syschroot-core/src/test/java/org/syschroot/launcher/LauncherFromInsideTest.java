// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.MountFlags;
import org.syschroot.launcher.LauncherImage.Outcome;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * A user who is in an image already, with the host's root directory as open file descriptor 9,
 * calls a launcher again: its path then leads to a tree of the user's. There the host's su(1) would
 * find the user's dynamic loader, and start it as root.
 */
@InOwnMountNamespace
@RequiresCommand({"busybox", "setpriv", "bash", "su", "unshare"})
final class LauncherFromInsideTest {
  private static final int ROOT = 77;
  private static final int NOT_ROOT = 78;
  private static final Path MNT = Path.of("/mnt");
  private static final String NOT_THE_HOST =
      "syschroot: sl5: the root directory here is not that of the host: leave this image first; if"
          + " this is the host, root: syschroot link sl5\n";
  private static final String NOT_THE_TREE =
      "syschroot: sl5: the root directory of sl5 has been replaced, or users can modify it; root:"
          + " syschroot link sl5\n";

  private final Kernel kernel = LinuxKernel.running();
  private final List<AutoCloseable> images = new ArrayList<>();
  private final List<Path> mounted = new ArrayList<>();

  /** Where the image's root directory is, and so what its path leads to inside. */
  enum Place {
    VAR_TMP("/var/tmp", "rwxrwxrwx"),
    TMP("/tmp", "rwxrwxrwx"),
    SCRATCH("/mnt/scratch", "rwxrwxrwx"),
    GROUP("/mnt/group", "rwxrwxr-x"),
    /** Safe on the host, but in the image another directory is mounted there. */
    MOUNTED_ON("/mnt/images", "rwxr-xr-x");

    private final Path parent;
    private final String permissions;

    Place(String parent, String permissions) {
      this.parent = Path.of(parent);
      this.permissions = permissions;
    }
  }

  /** The forms of a launcher with a privilege; those that mount have it for that too. */
  enum Form {
    CAPABILITY,
    WITH_SETPCAP,
    SET_USER_ID,
    ENTRY,
    ENTRY_SET_USER_ID;

    private static final MountSelection.Mount MOUNT = Launchers.bind("/proc:/bin");

    Launchers of(Launchers plain) {
      return switch (this) {
        case CAPABILITY -> plain;
        case WITH_SETPCAP -> plain.dropping(Set.of(Capability.SYS_MODULE));
        case SET_USER_ID -> plain.setUserId();
        case ENTRY -> plain.entry(MOUNT);
        case ENTRY_SET_USER_ID -> plain.setUserId().entry(MOUNT);
      };
    }
  }

  static Stream<Arguments> cells() {
    List<Arguments> cells = new ArrayList<>();
    for (Place place : Place.values()) {
      for (Form form : Form.values()) {
        for (boolean second : List.of(false, true)) {
          for (boolean up : List.of(false, true)) {
            cells.add(Arguments.of(place, form, second, up));
          }
        }
      }
    }
    return cells.stream();
  }

  @BeforeEach
  void makePlaces() throws IOException {
    OsString tmpfs = OsString.of("tmpfs");
    kernel.mount(tmpfs, OsString.of(MNT.toString()), tmpfs, 0, OsString.of("mode=755"));
    mounted.add(MNT);
    open(Files.createDirectory(MNT.resolve("scratch")), Place.SCRATCH);
    open(Files.createDirectory(MNT.resolve("group")), Place.GROUP);
    open(Files.createDirectory(MNT.resolve("images")), Place.MOUNTED_ON);
    open(Files.createDirectory(MNT.resolve("open")), Place.SCRATCH);
  }

  private static void open(Path directory, Place as) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(as.permissions));
    Files.setAttribute(directory, "unix:gid", LauncherImage.NOBODY);
    if (as.permissions.endsWith("w")) {
      Files.setAttribute(directory, "unix:mode", 01777);
    }
  }

  @AfterEach
  void remove() throws Exception {
    for (int i = mounted.size() - 1; i > 0; i--) {
      kernel.umount2(OsString.of(mounted.get(i).toString()), 0);
    }
    for (AutoCloseable image : images) {
      image.close();
    }
    kernel.umount2(OsString.of(MNT.toString()), 0);
  }

  private LauncherImage image(Path parent) throws IOException {
    LauncherImage image = new LauncherImage(parent);
    images.add(image);
    return image;
  }

  private void bind(Path source, Path target) throws IOException {
    Files.createDirectories(target);
    kernel.mount(
        OsString.of(source.toString()),
        OsString.of(target.toString()),
        OsString.of(""),
        MountFlags.MS_BIND,
        OsString.of(""));
    mounted.add(target);
  }

  /** Has a user enter one image, make a tree where the other is, and call the other's launcher. */
  private Outcome attack(LauncherImage from, Path entry, LauncherImage to, Path launcher)
      throws IOException {
    from.program("bin/beneath", SmallProgram.executeBeneath(9, launcher.toString().substring(1)));
    from.program("bin/su", SmallProgram.executeBeneath(9, "usr/bin/su"));
    from.program("bin/loader", SmallProgram.tellWhetherRoot(ROOT, NOT_ROOT));
    String lines =
        "R=ROOT; b=/bin/busybox; $b mkdir -p $R/bin $R/lib $R/lib64;"
            + " $b cp /bin/loader $R/lib64/ld-linux-x86-64.so.2;"
            + " $b cp /bin/loader $R/lib/ld-linux-aarch64.so.1;"
            + " $b cp /bin/su $R/bin/sh; exec /bin/beneath";
    lines = lines.replace("ROOT", to.root().toString());
    return from.user("exec 9</; exec -a sh \"$0\" -c \"$1\" 2>&1", Path.of("/"), entry, lines);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void launcher_calledFromInside_neverEntersATreeOfTheUser(
      Place place, Form form, boolean second, boolean up) throws Exception {
    LauncherImage to = image(place.parent);
    LauncherImage from = second ? image(Path.of("/var/lib")) : to;
    Files.delete(from.inImage(from.work()));
    Files.delete(from.inImage(from.folder()));
    open(Files.createDirectories(from.inImage(place.parent)), place);
    if (place == Place.MOUNTED_ON) {
      bind(MNT.resolve("open"), from.inImage(place.parent));
    }
    if (up) {
      bind(Path.of("/tmp"), from.inImage(Path.of("/tmp")));
      bind(Path.of("/proc"), from.inImage(Path.of("/proc")));
    }
    Launchers wanted = form.of(to.plain());
    Path entry = from.arm("entry", from.plain());
    Path launcher = to.arm("l", wanted);
    Outcome first = attack(from, entry, to, launcher);
    assertThat(first.out()).endsWith(NOT_THE_HOST);
    assertThat(first.status()).isEqualTo(125);

    // Were the first proof not enough, the second would be.
    LaunchProof proof = wanted.plan().proof();
    DirectoryIdentity inside = from.plain().plan().proof().tree();
    to.arm("l", wanted.proof(new LaunchProof(inside, proof.tree(), List.of())));
    Outcome again = attack(from, entry, to, launcher);
    boolean sameTreeInside = place == Place.TMP && up;
    if (sameTreeInside) {
      assertThat(again.status()).isNotEqualTo(ROOT);
    } else {
      assertThat(again.out()).endsWith(NOT_THE_TREE);
      assertThat(again.status()).isEqualTo(125);
      // And without any proof the attack succeeds, or this test would show nothing.
      byte[] careless = SmallProgram.executeInRoot(to.root().toString(), "/bin/sh");
      to.arm("l", careless, wanted.plan());
      assertThat(attack(from, entry, to, launcher).status()).isEqualTo(ROOT);
    }
  }

  @ParameterizedTest
  @EnumSource
  void write_rootWhereUsersCanWrite_isRefused(Place place) throws Exception {
    LauncherImage image = image(place.parent);
    if (place == Place.MOUNTED_ON) {
      assertThat(image.write("sh", image.plain())).exists();
      return;
    }
    assertThatThrownBy(() -> image.write("sh", image.plain()))
        .isInstanceOf(UntrustedException.class)
        .hasMessageContaining(place.parent.toString());
    assertThat(image.folder().resolve("sh")).doesNotExist();
  }

  /** In a user namespace a user has all privileges, but only over what is theirs. */
  @ParameterizedTest
  @EnumSource
  void launcher_inAUserNamespace_givesNothing(Form form) throws Exception {
    LauncherImage image = image(Path.of("/var/lib"));
    Path launcher = image.arm("sh", form.of(image.plain()));
    Path tree = Files.createDirectories(MNT.resolve("open/tree/bin")).getParent();
    image.executable(tree.resolve("bin/sh"), SmallProgram.tellWhetherRoot(ROOT, NOT_ROOT));
    Files.setAttribute(tree.resolve("bin/sh"), "unix:mode", 04755);
    String lines =
        "exec unshare -Urm bash -c 'mount --bind \"$1\" \"$2\" && exec \"$0\"' \"$0\" "
            + tree
            + " "
            + image.root();
    Outcome outcome = image.user(lines, Path.of("/"), launcher);
    assertThat(outcome.err()).isEqualTo(NOT_THE_HOST);
    assertThat(outcome.status()).isEqualTo(125);
  }

  @ParameterizedTest
  @EnumSource
  void launcher_inAMountNamespaceOfTheSameRoot_works(LauncherForm form) throws Exception {
    LauncherImage image = image(Path.of("/var/lib"));
    Path sh = image.write("sh", form.of(image.plain()));
    String user = "setpriv --reuid=65534 --regid=65534 --clear-groups \"$0\" -c 'echo in'";
    List<String> command = List.of("unshare", "-m", "bash", "-c", user, sh.toString());
    assertThat(image.run(command, image.work()).isOk().out()).isEqualTo("in\n");
  }

  @ParameterizedTest
  @EnumSource
  void launcher_afterTheTreeWasReplacedOrOpened_refuses(LauncherForm form) throws Exception {
    LauncherImage image = image(Path.of("/var/lib"));
    Path sh = image.write("sh", form.of(image.plain()));
    String asShell = "exec -a sh \"$0\" -c 'echo in'";
    String replaced =
        form == LauncherForm.ROOTLESS
            ? NOT_THE_TREE.replace("root: syschroot", "syschroot")
            : NOT_THE_TREE;
    Files.setPosixFilePermissions(image.root(), PosixFilePermissions.fromString("rwxrwxr-x"));
    assertThat(image.user(asShell, image.work(), sh).err()).isEqualTo(replaced);
    Files.setPosixFilePermissions(image.root(), PosixFilePermissions.fromString("rwx--x--x"));
    assertThat(image.user(asShell, image.work(), sh).isOk().out()).isEqualTo("in\n");
    Files.setPosixFilePermissions(image.root(), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setAttribute(image.root(), "unix:uid", 4711);
    assertThat(image.user(asShell, image.work(), sh).err()).isEqualTo(replaced);
    Files.setAttribute(image.root(), "unix:uid", 0);
    Path old = Files.move(image.root(), image.folder().resolve("old"));
    Files.createDirectory(image.root());
    assertThat(image.user(asShell, image.work(), sh).err()).isEqualTo(replaced);
    Files.delete(image.root());
    Files.createSymbolicLink(image.root(), old);
    assertThat(image.user(asShell, image.work(), sh).isOk().out()).isEqualTo("in\n");
    Files.delete(image.root());
    Files.move(old, image.root());
  }

  /** The inode number alone would not do: a filesystem of the user's can have any. */
  @Test
  void launcher_forAnotherKindOfFileSystem_refuses() throws Exception {
    LauncherImage image = image(Path.of("/var/lib"));
    LaunchProof proof = image.plain().plan().proof();
    DirectoryIdentity tree = proof.tree();
    DirectoryIdentity fuse = new DirectoryIdentity(tree.inode(), 0x65735546, tree.id());
    Path other =
        image.arm("sh", image.plain().proof(new LaunchProof(proof.callersRoot(), fuse, List.of())));
    assertThat(image.user(other).err()).isEqualTo(NOT_THE_TREE);
    Path host =
        image.arm("sh", image.plain().proof(new LaunchProof(fuse, proof.tree(), List.of())));
    assertThat(image.user(host).err()).isEqualTo(NOT_THE_HOST);
  }
}
