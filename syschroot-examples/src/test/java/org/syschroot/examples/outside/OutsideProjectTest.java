// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.examples.ExampleSite;
import org.syschroot.testing.ProcFiles;
import org.syschroot.testing.RequiresCommand;

/** What the pages tell those to do who have nothing of this checkout but what it installs. */
@Timeout(300)
@RequiresCommand("mvn")
final class OutsideProjectTest {
  private static final String TESTS_RUN = "Tests run: %d, Failures: 0, Errors: 0, Skipped: 0";

  private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(\\d+)");

  @TempDir Path directory;
  private @Nullable OutsideProject project;

  @BeforeEach
  void makeProject() throws IOException {
    ProcFiles.assumeRootAndBusybox();
    project = new OutsideProject(directory.resolve("outside"));
  }

  @AfterEach
  void deleteLinks() throws IOException {
    if (project != null) {
      project.deleteRepository();
    }
  }

  @Test
  void siteCode_templateAsThePageSays_isTestedAndPackaged() throws Exception {
    project
        .copy("syschroot-examples/site-code/src", "src")
        .file("pom.xml", OutsideProject.block("extending.md", "xml", "<project"));
    String output = project.maven("package");
    assertThat(output)
        .containsPattern("Tests run: [1-9]\\d*, Failures: 0")
        .contains("exit status 0");
    assertThat(project.directory().resolve("target/site-code.jar")).isRegularFile();
  }

  /** Adds the tests of the page and the images that they name. */
  private ExampleSite imageTests() throws IOException {
    String tests = OutsideProject.block("testing.md", "java", "class SystemsTest");
    project
        .file("pom.xml", OutsideProject.block("testing.md", "xml", "<project"))
        .file("src/test/java/SystemsTest.java", tests);
    ExampleSite site = new ExampleSite(directory.resolve("site"));
    for (String name : List.of("sl4", "sl5")) {
      Path root = site.image(name, "[environment]\nset = { SYSTEM = \"" + name + "\" }");
      Files.createDirectories(root.resolve(project.directory().toString().substring(1)));
    }
    return site;
  }

  @Test
  void imageTests_asThePageSays_runInEachImage() throws Exception {
    ExampleSite site = imageTests();
    String output = project.maven("test", "-Dsyschroot.config=" + site.config());
    assertThat(output).contains(String.format(TESTS_RUN, 3), "exit status 0");
  }

  @Test
  void surefire_jvmOfAnImage_runsTheTestsThere() throws Exception {
    String pom = OutsideProject.block("testing.md", "xml", "<project");
    String jvm = OutsideProject.block("testing.md", "xml", "<jvm>");
    Path java = directory.resolve("sl5/bin/java");
    project
        .file("pom.xml", pom.replace("<build>", "<build>" + surefire(jvm, java)))
        .file(
            "src/test/java/HereTest.java",
            "import java.nio.file.*;\n"
                + "class HereTest {\n"
                + "  @org.junit.jupiter.api.Test\n"
                + "  void image_ofThisJvm_isSl5() throws Exception {\n"
                + "    String image = Files.readString(Path.of(\"/image\")).strip();\n"
                + "    if (!image.equals(System.getenv(\"SYSCHROOT_IMAGE\"))) {\n"
                + "      throw new AssertionError(image);\n"
                + "    }\n"
                + "  }\n"
                + "}\n");
    ExampleSite site = new ExampleSite(directory.resolve("site"));
    Path root = site.image("sl5");
    Files.createDirectories(root.resolve("sys"));
    Files.writeString(site.config().resolve("images.d/sl5.toml"), settings(root));
    String script =
        OutsideProject.block("testing.md", "sh", "exec syschroot run")
            .replace("exec syschroot run", command(site.config()))
            .replace("/opt/jdk", System.getProperty("java.home"));
    Files.createDirectories(java.getParent());
    Files.writeString(java, script);
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    String output = project.maven("test");
    assertThat(output).contains(String.format(TESTS_RUN, 1), "exit status 0");
  }

  /** The JDK that runs this test, and the newest that the machine has besides. */
  static List<Path> jdks() throws IOException {
    Path own = Path.of(System.getProperty("java.home")).toRealPath();
    NavigableMap<Integer, Path> found = new TreeMap<>();
    try (Stream<Path> installed = Files.list(Path.of("/usr/lib/jvm"))) {
      for (Path jdk : installed.filter(OutsideProjectTest::isJdk).toList()) {
        Matcher version = VERSION.matcher(Files.readString(jdk.resolve("release")));
        if (version.find()) {
          found.put(Integer.valueOf(version.group(1)), jdk.toRealPath());
        }
      }
    } catch (NoSuchFileException elsewhere) {
      return List.of(own);
    }
    return found.isEmpty()
        ? List.of(own)
        : Stream.of(own, found.lastEntry().getValue()).distinct().toList();
  }

  private static boolean isJdk(Path directory) {
    return Files.isExecutable(directory.resolve("bin/jlink"))
        && Files.exists(directory.resolve("release"));
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void program_ofThePage_isBuiltTestedAndRunEachWay(Path jdk) throws Exception {
    for (String file :
        List.of(
            "main/java/module-info",
            "main/java/org/example/runner/Runner",
            "test/java/org/example/runner/RunnerTest")) {
      project.file("src/" + file + ".java", ofPage(file));
    }
    project.file("pom.xml", OutsideProject.block("embedding.md", "xml", "<artifactId>runner<"));
    ExampleSite site = new ExampleSite(directory.resolve("site"));
    site.image("sl5");
    String output = project.maven(jdk, "package", "-Dsyschroot.config=" + site.config());
    assertThat(output).contains(String.format(TESTS_RUN, 1), "exit status 0");

    String commands =
        OutsideProject.block("embedding.md", "sh", "jlink --add-modules")
            .replace("/etc/syschroot", site.config().toString())
            .replace("/bin/uname -r", "/bin/cat /image");
    String ran = project.run(jdk, List.of("sh", "-ec", commands));
    assertThat(ran).endsWith("exit status 0\n");
    assertThat(ran.lines().filter("sl5"::equals)).as(ran).hasSize(3);
  }

  private static String ofPage(String file) throws IOException {
    String text =
        file.endsWith("module-info")
            ? "module org.example.runner"
            : "class " + file.substring(file.lastIndexOf('/') + 1) + " {";
    return OutsideProject.block("embedding.md", "java", text);
  }

  private static String surefire(String jvm, Path java) {
    return jvm.replaceAll("<jvm>.*</jvm>", "<jvm>" + java + "</jvm>");
  }

  private static String command(Path config) {
    return "exec " + OutsideProject.CHECKOUT.resolve("syschroot") + " run --config " + config;
  }

  /** An image with the host's JDK, and its libraries, which a real image has itself. */
  private static String settings(Path root) {
    String home = System.getProperty("user.home");
    return "root = \""
        + root
        + "\"\n"
        + "mounts = [\"/dev\", \"/proc\", \"/sys\", \"/tmp\", \"/usr:/usr:ro\", \"/usr/lib:/lib:ro\","
        + " \"/usr/lib64:/lib64:ro\", \"/etc/java-17-openjdk:/etc/java-17-openjdk:optional\", \""
        + home
        + "/.m2\", \""
        + OutsideProject.CHECKOUT
        + "\"]\n";
  }
}
