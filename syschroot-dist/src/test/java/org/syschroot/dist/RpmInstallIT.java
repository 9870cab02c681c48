// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.dist.Shell.run;

import com.google.common.collect.Sets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** The RPM package, through the life of an installation, by the rpm of this machine. */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "dpkg-deb", "rpm"})
class RpmInstallIT {
  private static final Path DEB = Path.of(System.getProperty("syschroot.dist.deb"));
  private static final Path PACKAGE = Path.of(System.getProperty("syschroot.dist.rpm"));
  private static final Path SCRIPTS =
      Path.of(System.getProperty("syschroot.tests.checkout"), "syschroot-dist/src/rpm");
  private static final String TIME = "2026-11-24T00:00:00Z";
  // Of what the Debian package has and this one has not, or elsewhere.
  private static final String DEBIANS = ".*(lintian|changelog\\.Debian).*";

  @TempDir Path folder;

  private BareTree tree;

  @BeforeEach
  void makeTree() throws Exception {
    tree = BareTree.in(folder.toRealPath());
  }

  /** Its database is where what the comparison of files leaves out is. */
  private String rpm(String... words) throws IOException, InterruptedException {
    List<String> all =
        new ArrayList<>(
            List.of("rpm", "--root", tree.resolve("").toString(), "--dbpath", "/tmp/rpm"));
    all.addAll(List.of(words));
    return run(all.toArray(new String[0]));
  }

  /** The tree's Java and Perl are Debian's, of which rpm does not know. */
  private void install(String how, Path rpm) throws IOException, InterruptedException {
    rpm(how, "--nodeps", rpm.toString());
  }

  private Path made(Path deb, String version) throws IOException {
    Path rpm = folder.toRealPath().resolve("syschroot-" + version + "-1.x86_64.rpm");
    RpmPackage.main(new String[] {deb + "", rpm + "", SCRIPTS.toString(), version, "x86_64", TIME});
    return rpm;
  }

  private List<String> archives() throws IOException {
    try (Stream<Path> files = Files.list(tree.resolve("var/cache/syschroot"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.endsWith(".stat"))
          .toList();
    }
  }

  @Test
  void installedPackage_useUpgradeAndErase_leavesWhatWasChanged() throws Exception {
    Set<String> before = tree.files();

    install("-i", PACKAGE);
    assertThat(rpm("--verify", "--nodeps", "syschroot")).isEmpty();
    assertThat(tree.chroot("syschroot", "--version")).startsWith("syschroot 0.");
    assertThat(archives()).hasSize(1);
    assertThat(tree.chroot("syschroot", "demo")).contains("Everything is as documented.");

    Path defaults = tree.resolve("etc/syschroot/syschroot.toml");
    String changed = "[defaults]\ndescription = \"ours\"\n";
    Files.writeString(defaults, changed);
    List<String> old = archives();
    install("-U", made(LaterVersion.of(DEB, folder.toRealPath()), "99"));
    assertThat(rpm("-q", "syschroot")).isEqualTo("syschroot-99-1.x86_64\n");
    assertThat(defaults).hasContent(changed);
    assertThat(tree.resolve("etc/syschroot/syschroot.toml.rpmnew"))
        .content()
        .endsWith("# of the next version\n");
    assertThat(archives()).hasSameSizeAs(old);

    rpm("-e", "syschroot");
    assertThat(tree.outcome("syschroot", "--version").status()).isEqualTo(127);
    assertThat(tree.resolve("etc/syschroot/syschroot.toml.rpmsave")).hasContent(changed);
    Set<String> after = tree.files();
    assertThat(names(Sets.difference(after, before)))
        .as("left behind")
        .containsExactly(
            "./etc/syschroot",
            "./etc/syschroot/syschroot.toml.rpmnew",
            "./etc/syschroot/syschroot.toml.rpmsave");
    assertThat(Sets.difference(before, after)).as("taken away").isEmpty();
  }

  private static Set<String> names(Set<String> files) {
    return files.stream()
        .map(line -> line.replaceFirst(" .*", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void erase_imageInUse_saysWhatStaysAndHowToRemoveIt() throws Exception {
    install("-i", PACKAGE);
    tree.useAnImage();
    assertThat(rpm("-e", "syschroot")).satisfies(BareTree::assertTellsWhatStays);
    assertThat(tree.resolve("etc/syschroot/images.d/tiny.toml")).exists();
    assertThat(tree.resolve("usr/local/bin/tiny")).exists();
  }

  @Test
  void files_all_areThoseOfTheDebianPackage() throws Exception {
    String debian = run("dpkg-deb", "-c", DEB.toString());
    List<String> expected =
        debian
            .lines()
            .filter(line -> !line.matches(DEBIANS))
            .map(line -> line.replace("vendor-completions", "site-functions"))
            .map(line -> line.replaceFirst("^(\\S+) (\\S+) .* \\./", "$1 $2 /"))
            // Directories of the system belong to no package.
            .filter(
                line ->
                    line.matches(
                        "[^d].*|.*/(syschroot|share/(zsh|fish)/|etc/bash_completion.d/).*"))
            .map(line -> line.replaceFirst("/$", "").replaceFirst("^lrw-r--r--", "lrwxrwxrwx"))
            .sorted()
            .toList();
    String query =
        "[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILENAMES} %{FILELINKTOS}\n]";
    List<String> packaged =
        run("rpm", "-qp", "--qf", query, PACKAGE.toString())
            .lines()
            .map(line -> line.replaceFirst(" (\\.\\./.*)", " -> $1").stripTrailing())
            .sorted()
            .toList();
    assertThat(packaged).hasSizeGreaterThan(100).isEqualTo(expected);
    assertThat(run("rpm", "-qpc", PACKAGE.toString()))
        .isEqualTo("/etc/bash_completion.d/syschroot\n/etc/syschroot/syschroot.toml\n");
  }

  @Test
  void header_requirements_nameJavaPerlAndTheCLibrary() throws Exception {
    assertThat(run("rpm", "-qp", "--requires", PACKAGE.toString()).lines())
        .contains("java-headless >= 1:17", "/usr/bin/perl", "libc.so.6(GLIBC_2.34)(64bit)");
    assertThat(run("rpm", "--checksig", PACKAGE.toString())).contains("digests OK");
  }

  @Test
  void package_madeTwice_isTheSame() throws Exception {
    Path first = made(DEB, "1");
    byte[] bytes = Files.readAllBytes(first);
    Files.delete(first);
    assertThat(Files.readAllBytes(made(DEB, "1"))).isEqualTo(bytes);
  }
}
