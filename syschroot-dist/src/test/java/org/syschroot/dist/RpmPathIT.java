// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.dist.Shell.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** A newcomer's path on a system of RPM packages, as the script of the pages follows it. */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "unshare"})
class RpmPathIT {
  private static final Path CHECKOUT = Path.of(System.getProperty("syschroot.tests.checkout"));
  private static final Path PACKAGE = Path.of(System.getProperty("syschroot.dist.rpm"));

  @TempDir Path folder;

  private BareTree tree;

  @BeforeEach
  void makeTree() throws Exception {
    tree = BareTree.withDnf(folder.toRealPath());
    Path docs = Files.createDirectory(tree.resolve("srv/docs"));
    run("mount", "--bind", CHECKOUT.resolve("docs").toString(), docs.toString());
    Files.copy(PACKAGE, tree.resolve("srv/" + PACKAGE.getFileName()));
    // Layers are not made above layers of layers.
    Path large = Files.createDirectory(folder.resolve("large"));
    run("mount", "--bind", large.toRealPath().toString(), tree.resolve("var/tmp").toString());
  }

  @Test
  void script_fromTheRepositoryToTheLastTrace_succeeds() throws Exception {
    String script = "/srv/docs/benchmarks/newcomers-path-rpm.sh";
    Shell.Outcome outcome =
        tree.outcomeInOwnRoot("/bin/bash", script, "/srv/" + PACKAGE.getFileName());
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(outcome.output()).contains("| dnf install ", "| everything is removed, ");
    try (Stream<Path> left = Files.list(tree.resolve("var/tmp"))) {
      assertThat(left).isEmpty();
    }
  }
}
