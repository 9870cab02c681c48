// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.ProcFiles;

/** Runs tests that are annotated, and looks at what JUnit reports of them. */
@Timeout(60)
final class ImageTestsTest {
  @TempDir static Path directory;
  private static Path config;

  private final List<String> events = new ArrayList<>();

  @BeforeAll
  static void makeImages() throws IOException {
    ProcFiles.assumeRootAndBusybox();
    config = directory.resolve("etc");
    Files.createDirectories(config.resolve("images.d"));
    for (String name : List.of("a1", "b2")) {
      Path root = BusyboxImage.tree(directory.resolve("images"), name);
      Files.writeString(
          config.resolve("images.d/" + name + ".toml"),
          "root = \"" + root + "\"\nmounts = [\"/dev\"]\n");
    }
  }

  /** The tests that are run; on their own they would not find the images. */
  static final class Samples {
    @InImage("a1")
    static final class OnClass {
      @Test
      void run_image_isThatOfTheClass(TestImage image) throws Exception {
        CommandResult result =
            image.run(
                image.request("/bin/sh", "-c", "cat /image; echo e >&2; exit 3").directory("/"));
        assertThat(result.output()).isEqualTo("a1\n");
        assertThat(result.error()).isEqualTo("e\n");
        assertThat(result.exitStatus()).isEqualTo(3);
      }

      @Test
      @InImage("b2")
      void run_otherImage_isThatOfTheTest(TestImage image) throws Exception {
        assertThat(image.run(image.request("cat", "/image").directory("/")).output())
            .isEqualTo("b2\n");
      }

      @InEachImage
      void run_each_isNotThatOfTheClass(TestImage image) throws Exception {
        assertThat(image.run(image.request("cat", "/image").directory("/")).output())
            .isEqualTo(image + "\n");
      }
    }

    static final class OnTests {
      @Test
      @InImage("c3")
      void run_missing_isSkipped(TestImage image) {
        throw new AssertionError(image.name());
      }

      @InEachImage
      void run_each_isNamed(TestImage image) throws Exception {
        image.run(image.request("cat", "/image").directory("/")).requireSuccess();
      }

      @InEachImage({"b2", "c3"})
      void run_some_isNamed(TestImage image) {
        assertThat(image.name()).isEqualTo("b2");
      }

      @Test
      @InImage("a1")
      void run_failing_failsWithOutput(TestImage image) throws Exception {
        image.run(image.request("ls", "/nowhere").directory("/")).requireSuccess();
      }

      @Test
      @InImage("a1")
      @Timeout(1)
      void run_tooLong_isKilled(TestImage image) throws Exception {
        image.run(image.request("/bin/sh", "-c", "sleep 77 & sleep 78").directory("/"));
      }
    }
  }

  private void run(Class<?> tests, String... parameters) {
    LauncherDiscoveryRequestBuilder request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectClass(tests))
            .configurationParameter("syschroot.config", config.toString());
    for (String parameter : parameters) {
      request.configurationParameter(parameter, "true");
    }
    LauncherDiscoveryRequest built = request.build();
    LauncherFactory.create().execute(built, new Listener());
  }

  private final class Listener implements TestExecutionListener {
    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      events.add(name(test) + " skipped: " + reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (test.isTest()) {
        String why = result.getThrowable().map(Throwable::toString).orElse("");
        events.add(name(test) + " " + result.getStatus() + why);
      }
    }

    @Override
    public void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
      events.add("report " + new java.util.TreeMap<>(entry.getKeyValuePairs()));
    }
  }

  private static String name(TestIdentifier test) {
    return test.getDisplayName().replaceAll("\\(.*", "");
  }

  @Test
  void annotation_onClassAndTests_givesTheNearestImage() {
    run(Samples.OnClass.class);
    assertThat(events)
        .contains(
            "run_image_isThatOfTheClass SUCCESSFUL",
            "run_otherImage_isThatOfTheTest SUCCESSFUL",
            "a1 SUCCESSFUL",
            "b2 SUCCESSFUL")
        .contains(
            "report {command=/bin/sh -c cat /image; echo e >&2; exit 3, error=e\n"
                + ", exit status=3, image=a1, output=a1\n}");
    assertThat(events).filteredOn(event -> !event.startsWith("report")).hasSize(4);
  }

  @Test
  void annotation_imageMissing_skipsWithReason() {
    run(Samples.OnTests.class);
    assertThat(events)
        .anySatisfy(
            event -> assertThat(event).startsWith("run_missing_isSkipped skipped: ").contains("c3"))
        .anySatisfy(event -> assertThat(event).startsWith("c3 skipped: ").contains("c3"))
        .contains("a1 SUCCESSFUL", "b2 SUCCESSFUL");
    assertThat(events)
        .filteredOn(event -> event.startsWith("run_failing"))
        .singleElement()
        .asString()
        .contains("FAILED", "a1$ ls /nowhere", "exit status 1", "No such file");
  }

  @Test
  void annotation_required_failsInsteadOfSkipping() {
    run(Samples.OnTests.class, "syschroot.required");
    assertThat(events).noneMatch(event -> event.contains("skipped"));
    assertThat(events)
        .anySatisfy(event -> assertThat(event).startsWith("c3 FAILED").contains("c3"));
  }

  @Test
  void run_timeout_killsAllOfTheCommand() {
    run(Samples.OnTests.class);
    assertThat(events)
        .anySatisfy(event -> assertThat(event).startsWith("run_tooLong_isKilled FAILED"));
    assertThat(ProcessHandle.allProcesses())
        .noneMatch(
            handle ->
                handle.isAlive()
                    && handle.info().commandLine().orElse("").matches(".*sleep 7[78]"));
  }
}
