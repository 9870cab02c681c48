// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.schroot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.config.FileTrust;

class SchrootImportTest {
  private final FileSystem files = Jimfs.newFileSystem(Configuration.unix());
  private final Path directory = files.getPath("/etc/schroot");
  private final Path conf = directory.resolve("schroot.conf");

  @AfterEach
  void closeFiles() throws IOException {
    files.close();
  }

  private Path write(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private SchrootImport imported(String text) throws IOException {
    write("schroot.conf", text);
    return SchrootImport.read(List.of(conf), FileTrust.ANY);
  }

  private static String only(SchrootImport result) {
    assertThat(result.images()).hasSize(1);
    return result.images().get(0).settings();
  }

  private static List<String> texts(SchrootImport result) {
    return result.findings().stream().map(ImportNote::toString).toList();
  }

  private static final String PRESERVED = "preserve-environment=true\nenvironment-filter=^$\n";

  @Test
  void read_plainChroot_saysAllItCan() throws Exception {
    SchrootImport result =
        imported(
            "[etch]\ndescription=Debian \"etch\"\ndirectory=/srv/etch\nusers=jim,rleigh\n"
                + "groups=sbuild\naliases=testing,old\npersonality=linux32\nshell=/bin/bash\n"
                + PRESERVED);
    assertThat(result.findings()).isEmpty();
    assertThat(only(result))
        .isEqualTo(
            """
            # From [etch] in /etc/schroot/schroot.conf, line 1
            description = "Debian \\"etch\\""
            root = "/srv/etch"
            aliases = ["testing", "old"]
            personality = "linux32"
            shell = "/bin/bash"
            users = ["jim", "rleigh"]
            groups = ["sbuild"]
            mounts = []
            """);
  }

  @Test
  void read_nobodyMayEnter_isNotEverybody() throws Exception {
    assertThat(only(imported("[a]\ndirectory=/a\n" + PRESERVED))).contains("users = [\"root\"]\n");
  }

  @Test
  void read_directoryChroot_hasTheMountsOfItsProfile() throws Exception {
    write("desk/fstab", "/home /home none rw,rbind 0 0\ntmpfs /run tmpfs defaults 0 0\n");
    write("desk/copyfiles", "# files\n/etc/resolv.conf\n");
    SchrootImport result =
        imported("[a]\ntype=directory\ndirectory=/a\nprofile=desk\n" + PRESERVED);
    assertThat(only(result)).contains("mounts = [\"/home\"]\n");
    assertThat(texts(result))
        .containsExactly(
            "/etc/schroot/desk/fstab:2: omitted: images have only bind mounts, and this is of type tmpfs: mount it on the host, and add its directory to mounts",
            "/etc/schroot/desk/copyfiles:2: /etc/resolv.conf: schroot copies this file into the"
                + " chroot in every session, but nothing is copied into images: update it there, or mount it");
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "profile=p,/p",
        "script-config=q/config,/q",
        "script-config=q/config|profile=p,/q",
        "profile=p|setup.fstab=r/table,/r",
        "'',/default"
      })
  void read_directoryChroot_choosesTheFstabAsSchrootDoes(String keys, String source)
      throws Exception {
    for (String table : List.of("p/fstab", "q/fstab", "r/table", "default/fstab")) {
      String name = "/" + table.substring(0, table.indexOf('/'));
      write(table, name + " /mnt none rbind 0 0\n");
    }
    SchrootImport result =
        imported(
            "[a]\ntype=directory\ndirectory=/a\n" + keys.replace('|', '\n') + "\n" + PRESERVED);
    assertThat(only(result)).contains("mounts = [\"" + source + ":/mnt\"]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "root-users=jim;root-users: a launcher cannot change the user to root: use a rule of sudo(8) for one command",
        "union-type=overlay;union-type: schroot has no layer for a chroot of this type: what is"
            + " written in it stays",
        "my.key=1;my.key: images have no counterpart",
        "description[fr]=x;description[fr]: images have no counterpart",
        "location=/x;location: schroot refuses this key in a chroot of this type: use \"directory\"",
        "shell = /bin/sh;\"shell \" is omitted: schroot takes the blanks as part of the key: write"
            + " shell=/bin/sh",
        "' shell=/bin/sh';\" shell\" is omitted: schroot takes the blanks as part of the key: write"
            + " shell=/bin/sh",
        "users= jim;\" jim\" is omitted: schroot takes the space as part of the name",
        "aliases=a;the alias a is omitted: it is already in use",
        "shell=bash;omitted: \"bash\" is not absolute: it must begin with /"
      })
  void read_whatHasNoCounterpart_isFoundInItsLine(String line, String finding) throws Exception {
    SchrootImport result = imported("[a]\ndirectory=/a\n" + PRESERVED + line + "\n");
    assertThat(texts(result)).containsExactly("/etc/schroot/schroot.conf:5: " + finding);
    assertThat(result.images()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"overlay", "overlayfs", "aufs"})
  void read_unionOfADirectory_isAThrowAwayLayer(String type) throws Exception {
    SchrootImport result =
        imported("[a]\ntype=directory\ndirectory=/a\nunion-type=" + type + "\n" + PRESERVED);
    assertThat(only(result)).contains("layer = \"throw-away\"");
    assertThat(texts(result)).noneMatch(text -> text.contains("union"));
  }

  @ParameterizedTest
  @CsvSource({"union-type=none", "users=", "personality=undefined"})
  void read_whatSaysNothing_isNotFound(String line) throws Exception {
    assertThat(texts(imported("[a]\ndirectory=/a\n" + PRESERVED + line + "\n"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"linux,linux", "linux_32bit,32bit", "svr4,svr4", "bsd,bsd", "scorvr3,scosvr3"})
  void read_personality_isKept(String schroots, String ours) throws Exception {
    SchrootImport result =
        imported("[a]\ndirectory=/a\n" + PRESERVED + "personality=" + schroots + "\n");
    assertThat(texts(result)).isEmpty();
    assertThat(only(result)).contains("personality = \"" + ours + "\"");
  }

  @Test
  void read_blanksAtTheEndOfAValue_areFound() throws Exception {
    SchrootImport result = imported("[a]\ndirectory=/a\n" + PRESERVED + "description=x \n");
    assertThat(texts(result))
        .containsExactly(
            conf
                + ":5: description: schroot takes trailing blanks as part of the value: remove them");
  }

  @Test
  void read_keyWithBlanks_isFoundThoughTheChrootIsLeftOut() throws Exception {
    SchrootImport result = imported("[a]\ndirectory = /a\n");
    assertThat(texts(result))
        .containsExactly(
            conf
                + ":2: \"directory \" is omitted: schroot takes the blanks as part of the key: write directory=/a",
            conf + ":1: [a] is omitted: it has no directory");
  }

  @Test
  void read_emptySetupFiles_areNone() throws Exception {
    write("default/fstab", "/home /home none bind 0 0\n");
    write("default/copyfiles", "/etc/resolv.conf\n");
    write("default/nssdatabases", "passwd\n");
    SchrootImport result =
        imported(
            "[a]\ntype=directory\ndirectory=/a\nsetup.fstab=\nsetup.copyfiles=\n"
                + "setup.nssdatabases=\n"
                + PRESERVED);
    assertThat(only(result)).contains("mounts = []");
    assertThat(texts(result)).isEmpty();
  }

  @Test
  void read_fstabOfAScriptConfig_isTheOneItNames() throws Exception {
    write("q/fstab", "/q /mnt none rbind 0 0\n");
    write("other/table", "/other /mnt none rbind 0 0\n");
    write("q/config", "# a comment\nFSTAB=\"/etc/schroot/other/table\"\nCOPYFILES=$X/y\n");
    SchrootImport result =
        imported("[a]\ntype=directory\ndirectory=/a\nscript-config=q/config\n" + PRESERVED);
    assertThat(only(result)).contains("mounts = [\"/other:/mnt\"]");
    assertThat(texts(result))
        .containsExactly(
            "/etc/schroot/q/config:3: COPYFILES is omitted: its value contains shell syntax");
  }

  @ParameterizedTest
  @CsvSource({
    "type=file|file=/a.tar,2",
    "type=lvm-snapshot,2",
    "description=x,1",
    "directory=/,2",
    "directory=relative,2"
  })
  void read_whatCanBeNoImage_isLeftOutWithItsReason(String keys, int line) throws Exception {
    SchrootImport result = imported("[a]\n" + keys.replace('|', '\n') + "\n");
    assertThat(result.images()).isEmpty();
    assertThat(texts(result)).hasSize(1);
    assertThat(texts(result).get(0)).startsWith(conf + ":" + line + ": [a] is omitted: ");
  }

  @Test
  void read_environmentIsNotPreserved_isFound() throws Exception {
    SchrootImport result = imported("[a]\ndirectory=/a\npreserve-environment=TRUE\n");
    assertThat(texts(result))
        .containsExactly(
            "/etc/schroot/schroot.conf:3: [a] starts with a small environment in schroot, but with that of the caller here: use --clear-env, or unset variables");
    assertThat(only(result)).doesNotContain("unset");
  }

  @Test
  void read_environmentFilter_unsetsWhatItNames() throws Exception {
    SchrootImport result =
        imported("[a]\ndirectory=/a\npreserve-environment=true\nenvironment-filter=^(A|B.*)$\n");
    assertThat(only(result)).endsWith("\n[environment]\nunset = [\"A\"]\n");
    assertThat(texts(result))
        .containsExactly(
            conf + ":4: the pattern B.* is omitted: \"unset\" takes names of variables");
  }

  @Test
  void read_schrootsOwnFilter_isFound() throws Exception {
    SchrootImport result = imported("[a]\ndirectory=/a\npreserve-environment=true\n");
    assertThat(texts(result)).hasSize(1);
    assertThat(texts(result).get(0)).startsWith(conf + ":3: schroot removes LD_.* and others");
  }

  @Test
  void read_sameNameInTwoFiles_isRefused() throws Exception {
    write("schroot.conf", "[a]\ndirectory=/a\n");
    Path other = write("chroot.d/a", "\n[a]\ndirectory=/b\n");
    assertThatThrownBy(() -> SchrootImport.read(List.of(conf, other), FileTrust.ANY))
        .isInstanceOf(KeyFileException.class)
        .hasMessage("/etc/schroot/chroot.d/a:2: a second [a]: rename one of them");
  }

  @Test
  void filesIn_directory_leavesOutWhatSchrootDoes() throws Exception {
    write("schroot.conf", "");
    for (String name :
        List.of("b", "a.conf", "x_y-z", ".hidden", "x~", "b.dpkg-old", "bdpkg-new", "#b#")) {
      write("chroot.d/" + name, "");
    }
    assertThat(SchrootImport.filesIn(directory))
        .extracting(file -> directory.relativize(file).toString())
        .containsExactly("schroot.conf", "chroot.d/a.conf", "chroot.d/b", "chroot.d/x_y-z");
  }
}
