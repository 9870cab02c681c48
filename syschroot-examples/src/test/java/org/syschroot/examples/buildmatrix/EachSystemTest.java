// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.buildmatrix;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.examples.ExampleSite;
import org.syschroot.junit.InEachImage;
import org.syschroot.junit.InImage;
import org.syschroot.junit.TestImage;
import org.syschroot.testing.ProcFiles;

/**
 * The matrix as tests of JUnit: a build on each system is a test with a result, a time and a report
 * of its own.
 */
final class EachSystemTest {
  private static final String CONFIG = "syschroot.config";

  @TempDir static Path directory;

  /** Of this test only: a project has its images in /etc/syschroot. */
  @BeforeAll
  static void makeImages() throws Exception {
    ProcFiles.assumeRootAndBusybox();
    ExampleSite site = new ExampleSite(directory);
    for (String name : new String[] {"sl4", "sl5"}) {
      Path make = site.image(name).resolve("bin/make");
      Files.writeString(make, "#!/bin/sh\necho building in $(cat /image)\n");
      assertThat(make.toFile().setExecutable(true, false)).isTrue();
    }
    System.setProperty(CONFIG, site.config().toString());
  }

  @AfterAll
  static void forget() {
    System.clearProperty(CONFIG);
  }

  @InEachImage
  void make_onEachSystem_succeeds(TestImage image) throws Exception {
    assertThat(image.run("make", "check").requireSuccess().output())
        .isEqualTo("building in " + image.name() + "\n");
  }

  @Test
  @InImage("sl5")
  void make_onScientificLinux5_succeeds(TestImage sl5) throws Exception {
    sl5.run("make", "check").requireSuccess();
    SystemDescription system = SystemDescription.of(sl5.syschroot(), sl5.image());
    assertThat(system.machine())
        .isEqualTo(System.getProperty("os.arch").replace("amd64", "x86_64"));
  }
}
