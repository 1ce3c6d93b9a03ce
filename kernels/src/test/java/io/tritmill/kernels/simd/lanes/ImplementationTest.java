package io.tritmill.kernels.simd.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tritmill.kernels.simd.Gemm;
import io.tritmill.kernels.simd.Simd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which implementation runs, in this JVM and in JVMs started with other options. */
class ImplementationTest {
  private static final String MODULE = "--add-modules=jdk.incubator.vector";
  private static final String WARNING = "several times slower";

  /** What the build promises of this JVM; absent when the build leaves the width to the machine. */
  private static final Integer EXPECTED_BITS = Integer.getInteger("tritmill.test.vector-bits");

  @TempDir Path directory;

  @Test
  void theWidthIsTheOneThatTheBuildAsksFor() {
    assumeTrue(EXPECTED_BITS != null, "the width is left to the machine");
    assumeTrue(
        EXPECTED_BITS <= 128 || System.getProperty("os.arch").equals("amd64"),
        "not every machine has registers of " + EXPECTED_BITS + " bits");
    assertEquals(EXPECTED_BITS, Simd.vectorBits());
  }

  @Test
  void theDescriptionNamesTheWidth() {
    String expected = Simd.vectorBits() == 0 ? "scalar" : Simd.vectorBits() + "-bit";
    assertEquals(expected, Simd.description());
  }

  @Test
  void withoutTheModulePlainLoopsRunAndOneWarningNamesTheFlag() throws Exception {
    List<String> lines = start();
    assertEquals("scalar 11.0 true", lines.getLast());
    List<String> warnings = lines.stream().filter(line -> line.contains(WARNING)).toList();
    assertEquals(1, warnings.size(), lines.toString());
    assertEquals(1, warnings.stream().filter(line -> line.contains(MODULE)).count());
  }

  @Test
  void thePropertyChoosesPlainLoopsWithoutAWarning() throws Exception {
    List<String> lines = start(MODULE, "-Dtritmill.simd=scalar");
    assertEquals("scalar 11.0 true", lines.getLast());
    assertEquals(0, lines.stream().filter(line -> line.contains(WARNING)).count());
  }

  @Test
  void withTheModuleVectorsRun() throws Exception {
    List<String> lines = start(MODULE, "-XX:MaxVectorSize=16");
    assertEquals("128-bit 11.0 false", lines.getLast());
    assertEquals(0, lines.stream().filter(line -> line.contains(WARNING)).count());
  }

  private List<String> start(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx64m");
    command.addAll(List.of(options));
    command.add("-cp");
    command.add(classPath());
    command.add(Program.class.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output.lines().toList();
  }

  private static String classPath() {
    return location(Simd.class) + java.io.File.pathSeparator + location(Program.class);
  }

  private static String location(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs a primitive and a product, and says what ran and whether no vector type was needed. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      float[] a = {1, 2};
      float[] b = {3, 4};
      float[] c = new float[1];
      Gemm.multiplyTransposed(1, 1, 2, a, 0, 2, b, 0, 2, c, 0, 1);
      if (c[0] != Simd.dot(a, 0, b, 0, 2)) {
        throw new IllegalStateException("The product is " + c[0]);
      }
      boolean plain = Implementation.OPS instanceof ScalarOps;
      System.out.println(Simd.description() + " " + c[0] + " " + plain);
    }
  }
}
