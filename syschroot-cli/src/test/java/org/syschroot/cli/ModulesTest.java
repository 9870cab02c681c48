// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the modules of the library export, and what the page on public types says of it. */
class ModulesTest {
  private static final Path CHECKOUT = Path.of(System.getProperty("syschroot.tests.checkout"));
  private static final Pattern MODULE =
      Pattern.compile("^\\| `(org\\.syschroot\\.\\w+)` \\| (.*) \\|$", Pattern.MULTILINE);
  private static final Pattern WORD = Pattern.compile("`([a-z.]+)`");
  private static final Pattern TYPE = Pattern.compile("`((?:[a-z]+\\.)*[A-Z]\\w+)`");

  private static Stream<ModuleReference> references() {
    Path[] places =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(place -> place.toString().contains("syschroot-"))
            .filter(place -> !place.toString().endsWith("-tests.jar"))
            .toArray(Path[]::new);
    return ModuleFinder.of(places).findAll().stream()
        .filter(module -> module.descriptor().name().startsWith("org.syschroot."))
        .filter(module -> !module.descriptor().isAutomatic());
  }

  private static Map<String, ModuleDescriptor> modules() {
    return references()
        .map(ModuleReference::descriptor)
        .collect(Collectors.toMap(ModuleDescriptor::name, module -> module));
  }

  /** Returns the names of the top-level types that programs can use. */
  private static Set<String> exportedTypes() throws Exception {
    Set<String> types = new TreeSet<>();
    for (ModuleReference module : references().toList()) {
      Set<String> exported = exported(module.descriptor());
      try (ModuleReader reader = module.open();
          Stream<String> entries = reader.list()) {
        for (String entry : entries.filter(name -> name.matches("[^$-]+\\.class")).toList()) {
          String name = entry.replace('/', '.').substring(0, entry.length() - ".class".length());
          String packageName = name.substring(0, Math.max(0, name.lastIndexOf('.')));
          if (exported.contains(packageName)
              && Modifier.isPublic(Class.forName(name).getModifiers())) {
            types.add(name);
          }
        }
      }
    }
    return types;
  }

  private static Set<String> typesOfThePage() throws IOException {
    return TYPE.matcher(page())
        .results()
        .map(type -> full(type.group(1)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String page() throws IOException {
    return Files.readString(CHECKOUT.resolve("docs/api.md"));
  }

  private static String full(String name) {
    return name.startsWith("org.syschroot") ? name : "org.syschroot." + name;
  }

  private static Set<String> exported(ModuleDescriptor module) {
    return module.exports().stream()
        .filter(one -> !one.isQualified())
        .map(Exports::source)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void exports_toEverybody_areThoseOfThePage() throws IOException {
    Map<String, Set<String>> told = new TreeMap<>();
    Matcher row = MODULE.matcher(page());
    while (row.find()) {
      told.put(
          row.group(1),
          WORD.matcher(row.group(2))
              .results()
              .map(word -> full(word.group(1)))
              .collect(Collectors.toCollection(TreeSet::new)));
    }
    Map<String, Set<String>> found = new TreeMap<>();
    modules().forEach((name, module) -> found.put(name, exported(module)));

    assertThat(told).hasSize(8);
    assertThat(found).isEqualTo(told);
  }

  @Test
  void exports_internalPackages_areForOwnModulesAlone() {
    assertThat(modules().values())
        .flatMap(ModuleDescriptor::exports)
        .filteredOn(Exports::isQualified)
        .isNotEmpty()
        .allSatisfy(
            one ->
                assertThat(one.targets()).allMatch(target -> target.startsWith("org.syschroot.")));
  }

  @Test
  void page_typesOfTheTasks_areThoseThatAreExported() throws Exception {
    assertThat(typesOfThePage()).isEqualTo(exportedTypes());
  }

  /** Each one more is one that stays. */
  @Test
  void exports_types_areAHundredAtMost() throws Exception {
    assertThat(exportedTypes()).hasSizeBetween(50, 100);
  }

  @Test
  void billOfMaterials_everyModule_isInIt() throws IOException {
    String bom = Files.readString(CHECKOUT.resolve("syschroot-bom/pom.xml"));
    String parent = Files.readString(CHECKOUT.resolve("pom.xml"));

    assertThat(modules().keySet())
        .allMatch(
            module ->
                bom.contains(
                    "<artifactId>" + module.substring(4).replace('.', '-') + "</artifactId>"));
    assertThat(version(bom)).isEqualTo(version(parent));
  }

  private static String version(String pom) {
    Matcher version = Pattern.compile("<version>(.*?)</version>").matcher(pom);
    assertThat(version.find()).isTrue();
    return version.group(1);
  }
}
