package io.tritmill.kernels;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What may depend on what in this module. */
@ArchTag("slow")
@AnalyzeClasses(
    packages = "io.tritmill.kernels",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule ONE_PACKAGE_ALONE_KNOWS_THE_VECTOR_API =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.tritmill.kernels.simd")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jdk.incubator.vector..");

  @ArchTest
  static final ArchRule NO_VECTOR_TYPE_LEAVES_ITS_PACKAGE =
      classes()
          .that(
              describe(
                  "use the Vector API",
                  type ->
                      type.getDirectDependenciesFromSelf().stream()
                          .anyMatch(
                              dependency ->
                                  dependency
                                      .getTargetClass()
                                      .getPackageName()
                                      .startsWith("jdk.incubator"))))
          .should()
          .notBePublic();

  @ArchTest
  static final ArchRule KERNELS_DEPEND_ON_THE_JDK_ALONE =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("io.tritmill.kernels..", "java..", "jdk.incubator.vector..");

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching("io.tritmill.kernels.(*)..").should().beFreeOfCycles();
}
