// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.images.tree.TreeListing;
import org.syschroot.images.tree.TreeLosses;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Archives that GNU tar has made, compared with what GNU tar unpacks. */
@RequiresRoot
@RequiresCommand({"setcap", "setfattr", "zstd", "xz"})
class TarArchiveTest {
  private static final String TREE =
      """
      umask 0; mkdir from; chmod 755 from; cd from
      mkdir -p etc/deep/er tmp closed usr; chmod 1777 tmp; chmod 2750 etc; chmod 0 closed
      echo root > etc/passwd; ln etc/passwd etc/again; chmod 4711 etc/passwd
      chown 1000:65534 etc/again; ln -s /etc/passwd etc/link; ln -s ../../.. etc/up
      ln etc/link etc/linked; chown -h 7:8 etc/link; ln -s usr bin
      mkfifo -m 640 pipe; printf y > "$(printf 'n\\377me')"
      touch -d @12345.678 etc/deep/er etc/link etc/deep; touch -d @-5.25 tmp
      """;
  private static final String MORE =
      TREE
          + """
          truncate -s 5M sparse; printf x | dd of=sparse bs=1 seek=3000000 conv=notrunc status=none
          truncate -s 5M empty; i=0
          while [ $i -lt 60 ]; do
            printf $i | dd of=holes bs=1 seek=$((i * 100000)) conv=notrunc status=none; i=$((i + 1))
          done
          printf 'x%.0s' $(seq 200) > long; name=$(cat long); echo y > "$name"
          mkdir -p "$name.d/$name.e"; echo z > "$name.d/$name.e/$name"
          ln -s "$name.d/$name.e/$name" l; ln "$name.d/$name.e/$name" h
          touch -d @8589934592 tmp; chown 3000000:3000001 usr
          """;

  private static final String ATTRIBUTES =
      "\nsetcap cap_net_raw,cap_chown=ep etc/passwd; setfattr -n user.a -v b etc/deep";

  private static void check(Path folder, String script, String options) throws Exception {
    Unpacking.shell(folder, script + "\ncd ..\ntar -c " + options + " -C from .");
    Path archive;
    try (var files = Files.newDirectoryStream(folder, "a.*")) {
      archive = files.iterator().next();
    }
    Unpacking.shell(
        folder,
        "mkdir tar; tar -x --xattrs --xattrs-include='*' --numeric-owner -p -C tar -f " + archive);
    Path to = Files.createDirectory(folder.resolve("to"));
    TreeLosses losses = Unpacking.unpack(archive, to);
    assertThat(losses.lines()).isEmpty();
    assertThat(TreeListing.of(to))
        .isEqualTo(TreeListing.of(folder.resolve("tar")))
        .hasSizeGreaterThan(13);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gnu",
        "pax",
        "posix --sparse",
        "gnu --sparse",
        "pax --sparse-version=0.0",
        "pax --sparse-version=0.1",
        "pax --sparse-version=1.0"
      })
  void unpack_formatsOfTar_areAsTarUnpacksThem(String format, @TempDir Path folder)
      throws Exception {
    boolean hasAttributes = !format.startsWith("gnu");
    check(
        folder,
        hasAttributes ? MORE + ATTRIBUTES : MORE,
        (hasAttributes ? "--xattrs --format=" : "--format=") + format + " -f a.tar");
    if (format.contains("sparse")) {
      for (String name : new String[] {"sparse", "empty", "holes"}) {
        assertThat(Unpacking.room(folder.resolve("to/" + name))).isLessThan(1024 * 1024);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ustar", "v7"})
  void unpack_oldFormats_areAsTarUnpacksThem(String format, @TempDir Path folder) throws Exception {
    String script = format.equals("v7") ? TREE + "\nrm pipe" : TREE;
    check(folder, script + "\ntouch -d @7 tmp", "--format=" + format + " -f a.tar");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-z -f a.tar.gz", "-J -f a.tar.xz", "--zstd -f a.tar.zst", "-zf a.tar"})
  void unpack_compressed_isAsTarUnpacksIt(String options, @TempDir Path folder) throws Exception {
    check(folder, TREE, options);
  }

  @Test
  void unpack_oneNameSeveralTimes_isTheLast(@TempDir Path folder) throws Exception {
    Unpacking.shell(
        folder,
        """
        mkdir -p from/d; echo 1 > from/d/f; echo 1 > from/g; tar --format=posix -cf a.tar -C from .
        echo 2 > from/d/f; rm from/g; mkdir from/g; echo 3 > from/g/h; tar --format=posix -rf a.tar -C from d/f g
        rm -r from/d; ln -s / from/d; tar --format=posix --no-recursion -rf a.tar -C from . d
        """);
    Path to = Files.createDirectory(folder.resolve("to"));
    Unpacking.unpack(folder.resolve("a.tar"), to);
    assertThat(TreeListing.of(to)).isEqualTo(TreeListing.of(folder.resolve("from")));
  }

  /** As Docker writes them, which GNU tar does not. */
  @Test
  void unpack_linksToDevices_areOmittedWithThem(@TempDir Path folder) throws Exception {
    Path to = Files.createDirectory(folder.resolve("to"));
    Path archive = folder.resolve("a.tar");
    Files.write(
        archive,
        new MadeTar()
            .add('0', "null", "", "of an earlier layer")
            .add('3', "null", "", "")
            .add('1', "dev/zero", "null", "")
            .add('1', "dev/full", "./dev/zero", "")
            .add('0', "dev/zero", "", "a file after all")
            .add('1', "zero", "dev/zero", "")
            .bytes());
    TreeLosses losses = Unpacking.unpack(archive, to);
    assertThat(to.resolve("null")).doesNotExist();
    assertThat(to.resolve("dev/full")).doesNotExist();
    assertThat(to.resolve("zero")).hasContent("a file after all");
    assertThat(losses.lines())
        .containsExactly(
            "3 devices omitted; images use the devices of the host: /null, /dev/zero, /dev/full");
  }

  /** They are text in an archive, with names of users who need not be known here. */
  @Test
  void unpack_accessControlLists_areSaidToBeLost(@TempDir Path folder) throws Exception {
    Path to = Files.createDirectory(folder.resolve("to"));
    Path archive = folder.resolve("a.tar");
    String list = "user::rw-\nuser:alice:rw-\ngroup::r--\nmask::rw-\nother::r--\n";
    Files.write(
        archive,
        new MadeTar()
            .pax("SCHILY.acl.access", list)
            .add('0', "file", "", "")
            .pax("SCHILY.acl.default", list)
            .add('5', "directory", "", "")
            .bytes());
    TreeLosses losses = Unpacking.unpack(archive, to);
    assertThat(losses.count(TreeLosses.Kind.ATTRIBUTE)).isEqualTo(2);
  }
}
