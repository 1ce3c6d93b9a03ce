package io.tritmill.jobs;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTag;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may know whom: jobs, then udf, then kernels, never back. */
@ArchTag("slow")
@AnalyzeClasses(packages = "io.tritmill", importOptions = DoNotIncludeTests.class)
class ModuleRulesTest {
  @ArchTest
  static final ArchRule kernelsKnowTheJdkAlone =
      classes()
          .that()
          .resideInAPackage("io.tritmill.kernels..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("io.tritmill.kernels..", "java..", "jdk.incubator.vector..")
          .because("kernels are arithmetic on arrays, tested without a cluster");

  @ArchTest
  static final ArchRule functionsKnowKernelsAndSpark =
      classes()
          .that()
          .resideInAPackage("io.tritmill.udf..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.tritmill.udf..", "io.tritmill.kernels..", "org.apache.spark..", "java..")
          .because("whoever wants the functions wants neither our files nor our command line");

  @ArchTest
  static final ArchRule roomsOfOnePackageKnowVectors =
      noClasses()
          .that(not(resideInAPackage("io.tritmill.kernels.simd.*..")))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jdk.incubator.vector..")
          .because("the incubator module changes with every JDK");

  @ArchTest
  static final ArchRule kernelsAreUsedByTheirDoors =
      noClasses()
          .that(not(resideInAPackage("io.tritmill.kernels..")))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.tritmill.kernels.simd.*..",
              "io.tritmill.kernels.quantize.fit..",
              "io.tritmill.kernels.quantize.band..")
          .because("what lies there is public for its neighbours alone");

  @ArchTest
  static final ArchRule jobsHaveNoCycles =
      slices().matching("io.tritmill.jobs.(*)..").should().beFreeOfCycles();
}
