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
import com.tngtech.archunit.lang.CompositeArchRule;
import io.tritmill.kernels.simd.RowSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What may depend on what in this module. */
@ArchTag("slow")
@AnalyzeClasses(
    packages = "io.tritmill.kernels",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String HOME = "io.tritmill.kernels.";
  private static final String ROOMS_OF_SIMD = HOME + "simd.*..";

  @ArchTest
  static final ArchRule ROOMS_OF_SIMD_ALONE_KNOW_THE_VECTOR_API =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOMS_OF_SIMD)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jdk.incubator.vector..");

  @ArchTest
  static final ArchRule VECTOR_TYPES_STAY_IN_THEIR_ROOMS =
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
          .and()
          .doNotHaveFullyQualifiedName(HOME + "simd.lanes.Species")
          .should()
          .notBePublic()
          .because("rooms share the registers alone, and nothing that computes with them");

  @ArchTest
  static final ArchRule SIMD_IS_USED_THROUGH_ITS_FACADE =
      noClasses()
          .that()
          .resideOutsideOfPackage(HOME + "simd..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOMS_OF_SIMD);

  @ArchTest
  static final ArchRule ROOMS_OF_SIMD_DO_NOT_KNOW_THE_FACADE =
      noClasses()
          .that()
          .resideInAPackage(ROOMS_OF_SIMD)
          .should()
          .dependOnClassesThat(
              describe(
                  "are in the facade, other than rows that callers hand in",
                  type ->
                      type.getPackageName().equals(HOME + "simd")
                          && !type.isEquivalentTo(RowSource.class)));

  @ArchTest
  static final ArchRule WHAT_METHODS_ARE_BUILT_FROM_IS_THEIRS =
      noClasses()
          .that()
          .resideOutsideOfPackage(HOME + "quantize..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(HOME + "quantize.fit..", HOME + "quantize.band..");

  @ArchTest
  static final ArchRule KERNELS_DEPEND_ON_THE_JDK_ALONE =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("io.tritmill.kernels..", "java..", "jdk.incubator.vector..");

  @ArchTest
  static final ArchRule THE_HOUSE =
      upwards(
          "parallel..",
          "simd..",
          "tensor..",
          "linalg..",
          "code..",
          "carrier..",
          "quantize..",
          "model..");

  @ArchTest
  static final ArchRule ARROWS_INSIDE_SIMD =
      upwards("simd.lanes..", "simd.product..", "simd.trit..", "simd.limits..");

  @ArchTest
  static final ArchRule ARROWS_INSIDE_QUANTIZE =
      upwards(
          "quantize",
          "quantize.fit..",
          "quantize.band..",
          "quantize.round..",
          "quantize.compensate..",
          "quantize.learn..",
          "quantize.allocate..");

  @ArchTest
  static final ArchRule DESCRIPTIONS_DO_NOT_COMPUTE =
      upwards(
          "model",
          "model.config..",
          "model.describe..",
          "model.family..",
          "model.function..",
          "model.forward..",
          "model.loss..");

  @ArchTest
  static final ArchRule THE_INTERPRETER_KNOWS_NO_FAMILY =
      upwards(
          "model",
          "model.function..",
          "model.forward..",
          "model.loss..",
          "model.config..",
          "model.describe..",
          "model.family..");

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching("io.tritmill.kernels.(*)..").should().beFreeOfCycles();

  /** No room knows one that stands after it. */
  private static ArchRule upwards(String... rooms) {
    List<String> names = Arrays.stream(rooms).map(room -> HOME + room).toList();
    List<ArchRule> rules = new ArrayList<>();
    for (int i = 0; i < names.size() - 1; i++) {
      rules.add(
          noClasses()
              .that()
              .resideInAPackage(names.get(i))
              .should()
              .dependOnClassesThat()
              .resideInAnyPackage(names.subList(i + 1, names.size()).toArray(String[]::new)));
    }
    return CompositeArchRule.of(rules);
  }
}
