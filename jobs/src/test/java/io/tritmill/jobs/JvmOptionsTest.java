package io.tritmill.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;

class JvmOptionsTest {
  /** Options that older JDKs need and ours warns about. */
  private static final Set<String> NOT_FOR_OUR_JDK =
      Set.of(
          "-XX:+IgnoreUnrecognizedVMOptions",
          "--add-opens=java.base/sun.security.action=ALL-UNNAMED");

  @Test
  void thisJvmRunsWithEveryOptionThatSparkWouldAdd() {
    List<String> ours = ManagementFactory.getRuntimeMXBean().getInputArguments();

    List<String> missing =
        Arrays.stream(JavaModuleOptions.defaultModuleOptionArray())
            .filter(option -> !NOT_FOR_OUR_JDK.contains(option))
            .filter(option -> !ours.contains(option))
            .toList();

    assertEquals(List.of(), missing, "add to jvm.spark in pom.xml");
  }
}
