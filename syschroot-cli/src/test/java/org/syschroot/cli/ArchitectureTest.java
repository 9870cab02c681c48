// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Holds the house to its plan: which room may know which. */
class ArchitectureTest {
  private static final String ROOT = "org.syschroot..";
  private static final String CLI = "org.syschroot.cli..";
  private static final String JUNIT = "org.syschroot.junit..";
  private static final String[] MODULES_ABOVE_CORE = {
    "org.syschroot.mounts..",
    "org.syschroot.personality..",
    "org.syschroot.syslog..",
    "org.syschroot.batch..",
    "org.syschroot.doctor..",
    "org.syschroot.images..",
    JUNIT,
    CLI
  };
  // From the ground up, as CORE; those of the first line are all that the second one knows.
  private static final List<List<String>> MODULES =
      List.of(
          List.of("mounts", "personality"),
          List.of("syslog", "batch", "doctor", "images", "junit"),
          List.of("cli"));
  // From the ground up; names on one line stand beside each other and do not know each other.
  private static final List<List<String>> CORE =
      List.of(
          List.of("text"),
          List.of("path"),
          List.of("quote"),
          List.of("kernel"),
          List.of("trust"),
          List.of("mountplan"),
          List.of("mounting"),
          List.of("accounts"),
          List.of("image"),
          List.of("host"),
          List.of("config"),
          List.of("caller"),
          List.of("plan"),
          List.of("perform"),
          List.of("describe"),
          List.of("explain", "exec", "spawn", "launcher"),
          List.of("start"),
          List.of("site"),
          List.of("rules"),
          List.of(""));
  private static final DescribedPredicate<JavaClass> NATIVE =
      resideInAnyPackage("jnr..", "com.kenai..");
  private static final DescribedPredicate<JavaClass> NOT_FOR_SIGNATURES =
      NATIVE.or(resideInAPackage("com.google.common.."));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar")) // the test fixtures
          .importPackages("org.syschroot");

  private static void check(ArchRule rule) {
    rule.check(CLASSES);
  }

  @Test
  void nativeCode_outsideKernel_isNotUsed() {
    check(
        noClasses()
            .that(resideInAPackage(ROOT))
            .and()
            .resideOutsideOfPackage("org.syschroot.kernel..")
            .should()
            .dependOnClassesThat(NATIVE));
  }

  @Test
  void core_otherModules_areUnknownToIt() {
    check(
        noClasses()
            .that(resideInAPackage(ROOT))
            .and()
            .resideOutsideOfPackages(MODULES_ABOVE_CORE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(MODULES_ABOVE_CORE));
  }

  @Test
  void modulesAboveCore_eachKnowsOnlyThoseBelow() {
    eachKnowsOnlyThoseBelow(MODULES);
  }

  @Test
  void packages_dependencies_haveNoCycle() {
    check(slices().matching("org.syschroot.(**)").should().beFreeOfCycles());
  }

  @Test
  void corePackages_eachKnowsOnlyThoseBelow() {
    eachKnowsOnlyThoseBelow(CORE);
  }

  private static void eachKnowsOnlyThoseBelow(List<List<String>> order) {
    for (int level = 0; level < order.size(); level++) {
      for (String name : order.get(level)) {
        String[] unknown =
            order.subList(level, order.size()).stream()
                .flatMap(List::stream)
                .filter(other -> !other.equals(name))
                .map(ArchitectureTest::packageOf)
                .toArray(String[]::new);
        noClasses()
            .that()
            .resideInAPackage(packageOf(name))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(unknown)
            .allowEmptyShould(unknown.length == 0)
            .check(CLASSES);
      }
    }
  }

  @Test
  void corePackages_all_haveAPlaceInTheOrder() {
    String[] placed =
        Stream.concat(
                CORE.stream().flatMap(List::stream).map(ArchitectureTest::packageOf),
                Stream.of(MODULES_ABOVE_CORE))
            .toArray(String[]::new);
    check(
        noClasses()
            .that()
            .resideInAPackage(ROOT)
            .should()
            .resideOutsideOfPackages(placed)
            .as("every package of core has a place in the order of ArchitectureTest.CORE"));
  }

  /** Returns the pattern of a package of core, or of the root package alone. */
  private static String packageOf(String name) {
    return name.isEmpty() ? "org.syschroot" : "org.syschroot." + name + "..";
  }

  @Test
  void exitAndPrinting_outsideCli_areNotUsed() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(CLI, JUNIT) // surefire puts what is printed into its report
            .and(resideInAPackage(ROOT))
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class)
            .orShould()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(PrintStream.class));
  }

  @Test
  void publicSignatures_guavaAndJnr_areNotNamedThere() {
    check(
        methods()
            .that()
            .areDeclaredInClassesThat(
                resideInAPackage(ROOT).and(DescribedPredicate.not(resideInAPackage(CLI))))
            .and()
            .arePublic()
            .and()
            .areDeclaredInClassesThat()
            .arePublic()
            .should(nameOnlyTypesForUsers()));
  }

  private static ArchCondition<JavaMethod> nameOnlyTypesForUsers() {
    return new ArchCondition<>("name no type of jnr or Guava") {
      @Override
      public void check(JavaMethod method, ConditionEvents events) {
        Stream.concat(Stream.of(method.getRawReturnType()), method.getRawParameterTypes().stream())
            .filter(NOT_FOR_SIGNATURES)
            .filter(type -> !isBinding(method))
            .forEach(
                type ->
                    events.add(
                        SimpleConditionEvent.violated(
                            method, method.getFullName() + " names " + type.getName())));
      }
    };
  }

  /**
   * jnr-ffi can implement only public interfaces; nested in a final class, this one is internal.
   */
  private static boolean isBinding(JavaMethod method) {
    return method.getOwner().getFullName().equals("org.syschroot.kernel.PosixAccounts$Libc");
  }

  @Test
  void packages_all_areNullMarked() {
    check(
        classes()
            .that(resideInAPackage(ROOT))
            .and()
            .haveSimpleName("package-info")
            .should()
            .beAnnotatedWith(NullMarked.class));
  }
}
