// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LibrarySearchTest {
  private FileSystem fileSystem;
  private Path root;

  @BeforeEach
  void createTree() throws IOException {
    fileSystem = Jimfs.newFileSystem(Configuration.unix());
    root = Files.createDirectories(fileSystem.getPath("/images/one"));
  }

  @AfterEach
  void closeTree() throws IOException {
    fileSystem.close();
  }

  @Test
  void closureOf_program_isLoaderAndLibrariesBreadthFirst() throws IOException {
    put("/bin/p", program().interpreter("/lib64/ld.so").needed("liba.so", "libb.so", "libz.so"));
    put("/lib64/ld.so", ElfBuilder.x86().soname("ld.so"));
    put("/lib/liba.so", ElfBuilder.x86().needed("libc.so", "libb.so"));
    put("/usr/lib/x86_64-linux-gnu/libb.so", ElfBuilder.x86().needed("ld.so", "liby.so"));
    put("/usr/lib64/libc.so", ElfBuilder.x86().needed("liba.so"));

    LibraryClosure closure = closure("/bin/p");

    assertThat(closure.loader().orElseThrow().path()).isEqualTo("/lib64/ld.so");
    assertThat(paths(closure))
        .containsExactly("/lib/liba.so", "/usr/lib/x86_64-linux-gnu/libb.so", "/usr/lib64/libc.so");
    assertThat(closure.notFound()).containsExactly("libz.so", "liby.so");
    assertThat(closure.isComplete()).isFalse();
    assertThat(closure.libraries().get(0).file()).isEqualTo(root.resolve("lib/liba.so"));
  }

  @Test
  void closureOf_missingLoader_isNotFound() throws IOException {
    put("/bin/p", program().interpreter("/lib/ld-other.so"));
    LibraryClosure closure = closure("/bin/p");
    assertThat(closure.loader()).isEmpty();
    assertThat(closure.notFound()).containsExactly("/lib/ld-other.so");
  }

  @Test
  void closureOf_rpath_isInheritedFromLoaders() throws IOException {
    put("/opt/bin/p", program().needed("liba.so").rpath("$ORIGIN/../mine"));
    put("/opt/mine/liba.so", ElfBuilder.x86().needed("libb.so"));
    put("/opt/mine/libb.so", ElfBuilder.x86());
    assertThat(paths(closure("/opt/bin/p")))
        .containsExactly("/opt/bin/../mine/liba.so", "/opt/bin/../mine/libb.so");
  }

  @Test
  void closureOf_runpath_isNotInheritedAndHidesRpath() throws IOException {
    put("/bin/p", program().needed("liba.so").rpath("/rpath").runpath("/runpath"));
    put("/rpath/liba.so", ElfBuilder.x86());
    put("/runpath/liba.so", ElfBuilder.x86().needed("libb.so"));
    put("/runpath/libb.so", ElfBuilder.x86());
    put("/rpath/libb.so", ElfBuilder.x86());
    LibraryClosure closure = closure("/bin/p");
    assertThat(paths(closure)).containsExactly("/runpath/liba.so");
    assertThat(closure.notFound()).containsExactly("libb.so");
  }

  @Test
  void closureOf_tokens_areExpanded() throws IOException {
    put("/a/p", program().needed("liba.so", "$ORIGIN/libn.so").runpath("/r/${LIB}/$PLATFORM"));
    put("/r/lib64/x86_64/liba.so", ElfBuilder.x86());
    put("/a/libn.so", ElfBuilder.x86());
    assertThat(paths(closure("/a/p"))).containsExactly("/r/lib64/x86_64/liba.so", "/a/libn.so");
  }

  @Test
  void closureOf_programBehindLink_hasOriginOfItsFile() throws IOException {
    put("/opt/p", program().needed("liba.so").runpath("$ORIGIN:$ORIGINAL"));
    put("/opt/liba.so", ElfBuilder.x86());
    link("/bin/p", "/opt/p");
    assertThat(paths(closure("/bin/p"))).containsExactly("/opt/liba.so");
  }

  @Test
  void closureOf_otherClassOrMachine_isPassedOver() throws IOException {
    put("/bin/p", program().needed("liba.so"));
    put("/c32/liba.so", new ElfBuilder(ElfClass.ELFCLASS32, ByteOrder.LITTLE_ENDIAN));
    put("/arm/liba.so", ElfBuilder.x86().machine(183));
    put("/exec/liba.so", program());
    text("/text/liba.so", "GROUP ( libx.so )");
    put("/good/liba.so", ElfBuilder.x86());
    Files.createDirectories(at("/dir/liba.so"));
    text("/etc/ld.so.conf", "/c32\n/arm\n/exec\n/text\n/none\n/dir\n/good/\n/c32/../good\n");
    assertThat(paths(closure("/bin/p"))).containsExactly("/good/liba.so");
  }

  @Test
  void closureOf_ldSoConf_followsIncludesBeforeDefaults() throws IOException {
    put("/bin/p", program().needed("liba.so", "libb.so", "libc.so"));
    text("/etc/ld.so.conf", "# all\n include ld.so.conf.d/*.conf # here\n/last\n");
    text("/etc/ld.so.conf.d/2.conf", "/two\ninclude /etc/ld.so.conf\n");
    text("/etc/ld.so.conf.d/1.conf", "/one=libc6");
    text("/etc/ld.so.conf.d/0.off", "/off");
    put("/lib/liba.so", ElfBuilder.x86());
    put("/off/liba.so", ElfBuilder.x86());
    put("/last/liba.so", ElfBuilder.x86());
    put("/two/liba.so", ElfBuilder.x86());
    put("/one/libb.so", ElfBuilder.x86());
    put("/two/libb.so", ElfBuilder.x86());
    put("/lib/libc.so", ElfBuilder.x86());
    assertThat(paths(closure("/bin/p")))
        .containsExactly("/two/liba.so", "/one/libb.so", "/lib/libc.so");
  }

  @Test
  void closureOf_noDefaultLibraries_skipsDefaults() throws IOException {
    put("/bin/p", program().needed("liba.so", "libb.so").tag(0x6ffffffb, 0x800));
    text("/etc/ld.so.conf", "/lib\n/conf\n");
    put("/lib/liba.so", ElfBuilder.x86());
    put("/conf/libb.so", ElfBuilder.x86());
    LibraryClosure closure = closure("/bin/p");
    assertThat(paths(closure)).containsExactly("/conf/libb.so");
    assertThat(closure.notFound()).containsExactly("liba.so");
  }

  @Test
  void closureOf_absoluteAndClimbingLinks_stayInTree() throws IOException {
    put("/bin/p", program().needed("liba.so", "libb.so", "libout.so"));
    put("/usr/lib/real.so", ElfBuilder.x86());
    link("/lib", "/usr/lib");
    link("/usr/lib/liba.so", "../../../../../../usr/lib/real.so");
    put("/opt/libb.so.1", ElfBuilder.x86());
    link("/usr/lib/libb.so", "/opt/libb.so.1");
    Files.write(fileSystem.getPath("/outside.so"), ElfBuilder.x86().build());
    link("/usr/lib/libout.so", "/outside.so");
    LibraryClosure closure = closure("/bin/p");
    assertThat(closure.libraries())
        .containsExactly(
            new Library("liba.so", "/lib/liba.so", root.resolve("usr/lib/real.so")),
            new Library("libb.so", "/lib/libb.so", root.resolve("opt/libb.so.1")));
    assertThat(closure.notFound()).containsExactly("libout.so");
  }

  @Test
  void closureOf_cyclicLinks_areNotFound() throws IOException {
    put("/bin/p", program().needed("liba.so"));
    link("/lib/liba.so", "/usr/lib/liba.so");
    link("/usr/lib/liba.so", "/lib/liba.so");
    assertThat(closure("/bin/p").notFound()).containsExactly("liba.so");
  }

  @Test
  void closureOf_twoNamesForOneFile_isLoadedOnce() throws IOException {
    put("/bin/p", program().needed("liba.so", "liba.so.1", "libown.so"));
    put("/lib/liba.so.1", ElfBuilder.x86().soname("libown.so"));
    link("/lib/liba.so", "liba.so.1");
    assertThat(paths(closure("/bin/p"))).containsExactly("/lib/liba.so");
  }

  @Test
  void closureOf_relativeDirectoriesAndStrangeNames_areNotFound() throws IOException {
    String longName = "n".repeat(4000);
    put("/bin/p", program().needed("liba.so", "sub/liba.so", "", longName).rpath(":lib:x/$FOO"));
    LibraryClosure closure = closure("/bin/p");
    assertThat(closure.libraries()).isEmpty();
    assertThat(closure.notFound()).containsExactly("liba.so", "sub/liba.so", "", longName);
  }

  @Test
  void closureOf_globOverLoops_isOverLimit() throws IOException {
    put("/bin/p", program());
    for (char c = 'a'; c < 'm'; c++) {
      link("/loop/" + c, ".");
    }
    text("/etc/ld.so.conf", "include /loop" + "/*".repeat(30) + "\n");
    assertThatThrownBy(() -> closure("/bin/p"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("more than");
  }

  @Test
  void closureOf_endlessRpaths_isOverLimit() throws IOException {
    String list = "/a/b/c:".repeat(8000);
    ElfBuilder builder = program().rpath(list);
    for (int i = 0; i < 1000; i++) {
      builder.needed("l" + i);
    }
    put("/bin/p", builder);
    assertThatThrownBy(() -> closure("/bin/p"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("steps");
  }

  @Test
  void closureOf_badProgram_throws() throws IOException {
    text("/bin/script", "#!/bin/sh\n");
    assertThatThrownBy(() -> closure("/bin/none")).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> closure("/bin/script")).isInstanceOf(ElfFormatException.class);
    assertThatThrownBy(() -> closure("bin/p")).isInstanceOf(IllegalArgumentException.class);
  }

  private static ElfBuilder program() {
    return ElfBuilder.x86().type(2);
  }

  private LibraryClosure closure(String program) throws IOException {
    return LibrarySearch.in(root).closureOf(program);
  }

  private static List<String> paths(LibraryClosure closure) {
    return closure.libraries().stream().map(Library::path).toList();
  }

  private Path at(String path) throws IOException {
    Path file = root.resolve(path.substring(1));
    Files.createDirectories(file.getParent());
    return file;
  }

  private void put(String path, ElfBuilder elf) throws IOException {
    Files.write(at(path), elf.build());
  }

  private void text(String path, String content) throws IOException {
    Files.writeString(at(path), content);
  }

  private void link(String path, String target) throws IOException {
    Files.createSymbolicLink(at(path), fileSystem.getPath(target));
  }
}
