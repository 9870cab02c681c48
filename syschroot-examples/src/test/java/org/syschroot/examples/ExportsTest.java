// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples use what the modules export to everybody, and nothing else. */
class ExportsTest {
  private static final Path CHECKOUT = Path.of(System.getProperty("syschroot.tests.checkout"));
  private static final Path SOURCES = CHECKOUT.resolve("syschroot-examples");

  @TempDir private Path classes;

  private static List<String> classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(place -> !place.contains("syschroot-examples") && !place.endsWith("-tests.jar"))
        .toList();
  }

  private static List<Path> sources(String directory) throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES.resolve(directory))) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }

  private String errors(Iterable<? extends JavaFileObject> sources) {
    StringWriter errors = new StringWriter();
    List<String> options = new ArrayList<>();
    options.addAll(List.of("-d", classes.toString(), "-proc:none", "-nowarn"));
    options.addAll(List.of("--module-path", String.join(File.pathSeparator, classPath())));
    options.addAll(List.of("--add-modules", "ALL-MODULE-PATH"));
    // Otherwise that of this JVM, on which nothing is hidden.
    options.addAll(List.of("--class-path", classes.toString()));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    boolean good = compiler.getTask(errors, null, null, options, null, sources).call();
    return good ? "" : errors.toString();
  }

  @Test
  void examples_exportsAlone_compile() throws IOException {
    List<Path> sources = new ArrayList<>(sources("src/main/java"));
    sources.addAll(sources("site-code/src/main/java"));
    sources.add(
        SOURCES.resolve("src/test/java/org/syschroot/examples/javadoc/JavadocExamples.java"));
    assertThat(sources).hasSizeGreaterThan(20);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      assertThat(errors(files.getJavaFileObjectsFromPaths(sources))).isEmpty();
    }
  }

  @Test
  void program_internalPackage_doesNotCompile() {
    String text =
        "class Intruder { Object kernel = org.syschroot.kernel.LinuxKernel.running();"
            + " Object plan = org.syschroot.mountplan.MountPlan.standard(); }";
    assertThat(errors(List.of(new Text(text))))
        .contains("package org.syschroot.kernel is not visible")
        .doesNotContain("package org.syschroot.mountplan");
  }

  /** A JVM with the libraries on its module path plans a command: native calls work there too. */
  @Test
  void modulePath_programThatPlans_runs() throws Exception {
    Path program = Files.writeString(classes.resolve("Planner.java"), PLANNER);
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--module-path",
                String.join(File.pathSeparator, classPath()),
                "--add-modules",
                "ALL-MODULE-PATH",
                program.toString())
            .redirectErrorStream(true)
            .start();
    java.getOutputStream().close();
    String said = new String(java.getInputStream().readAllBytes());

    assertThat(java.waitFor()).as(said).isZero();
    assertThat(said.lines().collect(Collectors.joining(" "))).contains("/bin/true");
  }

  private static final String PLANNER =
      """
      import java.util.List;
      import org.syschroot.Syschroot;
      import org.syschroot.explain.TextExplanation;
      import org.syschroot.image.Image;
      import org.syschroot.image.ImageCatalog;
      import org.syschroot.image.ImageName;
      import org.syschroot.path.HostPath;
      import org.syschroot.plan.SwitchRequest;

      class Planner {
        public static void main(String[] arguments) throws Exception {
          Image image = Image.builder(new ImageName("x"), HostPath.of("/")).build();
          Syschroot syschroot = Syschroot.of(ImageCatalog.of(List.of(image)));
          System.out.println(
              TextExplanation.of(syschroot.plan(SwitchRequest.in(image).command("/bin/true"))));
        }
      }
      """;

  private static final class Text extends SimpleJavaFileObject {
    private final String text;

    Text(String text) {
      super(URI.create("string:///Intruder.java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreErrors) {
      return text;
    }
  }
}
