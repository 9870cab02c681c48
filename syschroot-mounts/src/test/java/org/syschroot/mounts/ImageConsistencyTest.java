// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.accounts.AccountFiles;
import org.syschroot.host.SharedMounts;
import org.syschroot.image.AccountSource;
import org.syschroot.image.Consistency;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.SharedItem;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.InOwnMountNamespace;

@InOwnMountNamespace
class ImageConsistencyTest {
  private static final Consistency MERGED =
      new Consistency(Optional.of(AccountSource.MERGED), Set.of());
  private static final String ALICE = "alice:x:1000:1000::/home/alice:/bin/sh\n";

  private final Kernel kernel = LinuxKernel.running();
  private Path directory;
  private Path host;
  private Path root;

  @BeforeEach
  void makeSystems(@TempDir Path folder) throws IOException {
    directory = folder.toRealPath();
    host = ImageTree.of(directory.resolve("host"), "dir etc", "dir run");
    root = ImageTree.of(directory.resolve("image"), "dir etc", "dir usr/share/zoneinfo");
    hostFile("etc/passwd", "root:x:0:0::/root:/bin/sh\n" + ALICE);
    hostFile("etc/group", "root:x:0:\nalice:x:1000:\n");
    hostFile("etc/shadow", "root:secret:::::::\nalice:secret:::::::\n");
    imageFile("etc/passwd", "root:x:0:0:image:/root:/bin/sh\n");
  }

  private void hostFile(String path, String text) throws IOException {
    Files.createDirectories(host.resolve(path).getParent());
    Files.writeString(host.resolve(path), text);
  }

  private void imageFile(String path, String text) throws IOException {
    Files.writeString(root.resolve(path), text);
  }

  private String read(String path) throws IOException {
    return Files.readString(root.resolve(path));
  }

  private ImageConsistency consistency() {
    return consistency(
        new DirectoryService() {
          @Override
          public AccountFiles find(Collection<String> namesOrNumbers) {
            return AccountFiles.NONE;
          }

          @Override
          public List<String> membersOf(String group) {
            return List.of();
          }
        });
  }

  private ImageConsistency consistency(DirectoryService directoryService) {
    return ImageConsistency.ofHost(kernel, 0)
        .of(host, HostPath.of(directory.resolve("run")), directoryService);
  }

  private Image image(Consistency wanted) {
    return Image.builder(new ImageName("x"), HostPath.of(root)).consistency(wanted).build();
  }

  private List<String> renew(Consistency wanted) throws IOException {
    return consistency().renew(image(wanted)).changed();
  }

  private static Consistency items(SharedItem... items) {
    return new Consistency(Optional.empty(), Set.of(items));
  }

  @Test
  void renew_merged_hostsPeopleComeAndGo() throws IOException {
    assertThat(renew(MERGED)).containsExactly("accounts");
    assertThat(read("etc/passwd")).isEqualTo("root:x:0:0:image:/root:/bin/sh\n" + ALICE);
    assertThat(read("etc/group")).isEqualTo("alice:x:1000:\n");
    assertThat(renew(MERGED)).isEmpty();

    hostFile("etc/passwd", "bob:x:1001:1000::/:/bin/sh\n");
    renew(MERGED);
    assertThat(read("etc/passwd"))
        .isEqualTo("root:x:0:0:image:/root:/bin/sh\nbob:x:1001:1000::/:/bin/sh\n");

    renew(Consistency.NONE);
    assertThat(read("etc/passwd")).isEqualTo("root:x:0:0:image:/root:/bin/sh\n");
    assertThat(root.resolve("etc/.syschroot-accounts")).doesNotExist();
  }

  @Test
  void renew_imagesOwnUserAddedMeanwhile_stays() throws IOException {
    renew(MERGED);
    imageFile("etc/passwd", read("etc/passwd") + "daemon1:x:105:105::/:/bin/false\n");
    hostFile("etc/passwd", "");

    renew(MERGED);

    assertThat(read("etc/passwd"))
        .isEqualTo("root:x:0:0:image:/root:/bin/sh\ndaemon1:x:105:105::/:/bin/false\n");
  }

  @Test
  void renew_merged_doesNotShowPasswords() throws IOException {
    imageFile("etc/shadow", "root:*:::::::\n");
    Files.setPosixFilePermissions(
        root.resolve("etc/shadow"), PosixFilePermissions.fromString("rw-r-----"));
    Files.setAttribute(root.resolve("etc/shadow"), "unix:gid", 42);

    renew(MERGED);

    assertThat(read("etc/shadow")).isEqualTo("root:*:::::::\nalice:*:::::::\n");
    assertThat(mode("etc/shadow")).isEqualTo("rw-r-----");
    assertThat(Files.getAttribute(root.resolve("etc/shadow"), "unix:gid")).isEqualTo(42);
  }

  @Test
  void renew_passwords_areReadableByNoMoreThanOnTheHost() throws IOException {
    imageFile("etc/shadow", "root:*:::::::\n");
    Files.setPosixFilePermissions(
        root.resolve("etc/shadow"), PosixFilePermissions.fromString("rw-r--r--"));
    Files.setAttribute(root.resolve("etc/shadow"), "unix:gid", 42);
    Files.setAttribute(host.resolve("etc/shadow"), "unix:gid", 15);
    Files.setPosixFilePermissions(
        host.resolve("etc/shadow"), PosixFilePermissions.fromString("rw-r-----"));
    Consistency wanted =
        new Consistency(Optional.of(AccountSource.MERGED), Set.of(SharedItem.PASSWORDS));

    renew(wanted);
    assertThat(read("etc/shadow")).isEqualTo("root:*:::::::\nalice:secret:::::::\n");
    assertThat(mode("etc/shadow")).isEqualTo("rw-------");

    renew(MERGED);
    assertThat(read("etc/shadow")).isEqualTo("root:*:::::::\nalice:*:::::::\n");
  }

  private String mode(String path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(path)));
  }

  @Test
  void renew_linksInTheImage_neverLeadToTheHost() throws IOException {
    Path outside = directory.resolve("outside");
    Files.writeString(outside, "host\n");
    Files.delete(root.resolve("etc/passwd"));
    Files.createSymbolicLink(root.resolve("etc/passwd"), Path.of("/usr/../../etc/other"));
    Files.createSymbolicLink(root.resolve("etc/other"), Path.of("real"));
    imageFile("etc/real", "root:x:0:0:image:/root:/bin/sh\n");
    Files.createSymbolicLink(root.resolve("etc/hosts"), outside);
    hostFile("etc/hosts", "127.0.0.1 localhost\n");

    renew(new Consistency(Optional.of(AccountSource.MERGED), Set.of(SharedItem.HOSTS)));

    assertThat(outside).hasContent("host\n");
    assertThat(read("etc/real")).endsWith(ALICE);
    assertThat(read("etc/hosts")).isEqualTo("127.0.0.1 localhost\n");
    assertThat(root.resolve("etc/hosts")).isRegularFile();
  }

  @Test
  void renew_timezoneAndLinkToUtc_leavesTheImagesUtc() throws IOException {
    Files.createDirectories(root.resolve("usr/share/zoneinfo/Etc"));
    imageFile("usr/share/zoneinfo/Etc/UTC", "utc");
    Files.createSymbolicLink(root.resolve("etc/localtime"), Path.of("/usr/share/zoneinfo/Etc/UTC"));
    imageFile("etc/timezone", "Etc/UTC\n");
    hostFile("usr/share/zoneinfo/Europe/Berlin", "berlin");
    Files.createSymbolicLink(
        host.resolve("etc/localtime"), Path.of("../usr/share/zoneinfo/Europe/Berlin"));

    renew(items(SharedItem.TIMEZONE));
    assertThat(read("usr/share/zoneinfo/Etc/UTC")).isEqualTo("utc");
    assertThat(read("etc/localtime")).isEqualTo("berlin");
    assertThat(read("etc/timezone")).isEqualTo("Europe/Berlin\n");

    renew(Consistency.NONE);
    assertThat(Files.readSymbolicLink(root.resolve("etc/localtime")))
        .isEqualTo(Path.of("/usr/share/zoneinfo/Etc/UTC"));
    assertThat(read("etc/timezone")).isEqualTo("Etc/UTC\n");
    assertThat(root.resolve("etc/.syschroot-files")).doesNotExist();
  }

  @Test
  void renew_zoneThatTheImageKnows_isALink() throws IOException {
    Files.createDirectories(root.resolve("usr/share/zoneinfo/Europe"));
    imageFile("usr/share/zoneinfo/Europe/Berlin", "own rules");
    hostFile("usr/share/zoneinfo/Europe/Berlin", "berlin");
    Files.createSymbolicLink(
        host.resolve("etc/localtime"), Path.of("../usr/share/zoneinfo/Europe/Berlin"));

    renew(items(SharedItem.TIMEZONE));

    assertThat(Files.readSymbolicLink(root.resolve("etc/localtime")))
        .isEqualTo(Path.of("/usr/share/zoneinfo/Europe/Berlin"));
    assertThat(read("usr/share/zoneinfo/Europe/Berlin")).isEqualTo("own rules");
  }

  @Test
  void renew_everyItem_writesItAndGivesTheImagesOwnBack() throws IOException {
    imageFile("etc/hosts", "image\n");
    Files.createDirectories(root.resolve("etc/ssl/certs"));
    imageFile("etc/ssl/certs/ca-certificates.crt", "image\n");
    hostFile("etc/hosts", "hosts\n");
    hostFile("etc/resolv.conf", "nameserver 127.0.0.53\n");
    hostFile("etc/machine-id", "0123\n");
    hostFile("etc/default/locale", "LANG=de_DE.UTF-8\n");
    hostFile("etc/pki/tls/certs/ca-bundle.crt", "bundle\n");
    hostFile("run/cups/cups.sock", "");

    renew(
        items(
            SharedItem.HOSTS,
            SharedItem.RESOLVER,
            SharedItem.MACHINE_ID,
            SharedItem.LOCALE,
            SharedItem.CERTIFICATES,
            SharedItem.MTAB,
            SharedItem.PRINTERS));

    assertThat(read("etc/hosts")).isEqualTo("hosts\n");
    assertThat(read("etc/resolv.conf")).isEqualTo("nameserver 127.0.0.53\n");
    assertThat(read("etc/machine-id")).isEqualTo("0123\n");
    assertThat(read("etc/locale.conf")).isEqualTo("LANG=de_DE.UTF-8\n");
    assertThat(read("etc/ssl/certs/ca-certificates.crt")).isEqualTo("bundle\n");
    assertThat(Files.readSymbolicLink(root.resolve("etc/mtab")))
        .isEqualTo(Path.of("../proc/self/mounts"));
    assertThat(read("etc/cups/client.conf")).isEqualTo("ServerName localhost\n");
    renew(Consistency.NONE);
    assertThat(read("etc/hosts")).isEqualTo("image\n");
    assertThat(read("etc/ssl/certs/ca-certificates.crt")).isEqualTo("image\n");
    assertThat(root.resolve("etc/resolv.conf")).doesNotExist();
  }

  @Test
  void renew_fileCoveredByAMount_isRefusedAndHostIsUnchanged() throws Exception {
    mount("--bind", host.resolve("etc/passwd").toString(), root.resolve("etc/passwd").toString());

    assertThatThrownBy(() -> renew(MERGED))
        .isInstanceOf(MountException.class)
        .hasMessageContaining("/etc/passwd of the image cannot be written: it is a mount");
    assertThat(host.resolve("etc/passwd")).hasContent("root:x:0:0::/root:/bin/sh\n" + ALICE);
    assertThat(root.resolve("etc/group")).doesNotExist();
  }

  @Test
  void renew_etcOfTheHostMounted_writesNothing() throws Exception {
    mount("--bind", host.resolve("etc").toString(), root.resolve("etc").toString());

    assertThatThrownBy(() -> renew(MERGED)).isInstanceOf(MountException.class);
    try (var files = Files.list(host.resolve("etc"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("passwd", "group", "shadow");
    }
  }

  @Test
  void renew_readOnlyImage_makesFilesThatThePlanMounts() throws Exception {
    imageFile("etc/hosts", "image\n");
    hostFile("etc/hosts", "hosts\n");
    mount("--bind", root.toString(), root.toString());
    mount("-o", "remount,bind,ro", root.toString());
    Consistency wanted =
        new Consistency(Optional.of(AccountSource.MERGED), Set.of(SharedItem.HOSTS));

    assertThat(renew(wanted)).containsExactly("/etc/passwd", "/etc/hosts");
    assertThat(renew(wanted)).isEmpty();

    HostPath run = HostPath.of(directory.resolve("run"));
    MountPlan plan =
        new SharedMounts(run)
            .contribute(image(wanted), HostFiles.of(root.getFileSystem()), MountPlan.empty());
    assertThat(plan.steps())
        .extracting(step -> step.target().toString())
        .containsExactly("/etc/passwd", "/etc/hosts");
    assertThat(directory.resolve("run/files/x/etc-passwd"))
        .hasContent("root:x:0:0:image:/root:/bin/sh\n" + ALICE);
    try (ImageMounts mounts =
        ImageMounts.open(
            kernel,
            HostPath.of(root),
            0,
            plan.on(HostFiles.of(root.getFileSystem())),
            HostPath.of(directory.resolve("locks")))) {
      mounts.up(MountListener.NONE);
      hostFile("etc/passwd", "");
      assertThat(renew(wanted)).containsExactly("/etc/passwd");
      assertThat(directory.resolve("run/files/x/etc-passwd")).doesNotExist();
    }
  }

  @Test
  void renew_userOfADirectory_isShownAndStays() throws IOException {
    DirectoryService ldap =
        new DirectoryService() {
          @Override
          public AccountFiles find(Collection<String> names) {
            return names.contains("carol") || names.contains("70001")
                ? AccountFiles.of("carol:x:70001:70001:::\n", "staff:x:70001:carol\n")
                : AccountFiles.NONE;
          }

          @Override
          public List<String> membersOf(String group) {
            return List.of();
          }
        };
    Files.createDirectories(host.resolve("run/user/70001"));

    consistency(ldap).renew(image(MERGED));
    Files.delete(host.resolve("run/user/70001"));
    consistency(ldap).renew(image(MERGED));

    assertThat(read("etc/passwd")).endsWith("carol:x:70001:70001:::\n");
    assertThat(read("etc/group")).endsWith("staff:x:70001:carol\n");
  }

  private static void mount(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("mount"));
    command.addAll(List.of(words));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }
}
