package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The command from its arguments to what it prints. */
@Tag("slow")
class BenchCommandTest {
  /** More than 1, since others on the machine may slow a limit down and not a kernel. */
  private static final double MOST = 1.5;

  @Test
  void oneObjectHoldsTheMachineItsLimitsAndEveryKernel() throws Exception {
    JsonNode json = new ObjectMapper().readTree(run("bench", "--quick", "--format", "json"));
    assertFalse(json.at("/machine/cpu").asText().isBlank());
    assertTrue(json.at("/machine/cores").asInt() >= 1);
    for (String limit : new String[] {"gflops", "cache_gbytes", "memory_gbytes", "memory_bytes"}) {
      assertTrue(json.at("/limits/" + limit).asDouble() > 0, limit);
    }
    assertTrue(json.at("/kernels").size() >= 10);
    for (JsonNode kernel : json.at("/kernels")) {
      double share = kernel.at("/share").asDouble();
      assertTrue(share > 0 && share < MOST, kernel.toString());
      double quotient = kernel.at("/rate").asDouble() / kernel.at("/bound_rate").asDouble();
      assertEquals(share, quotient, 1e-9, kernel.toString());
    }
  }

  @Test
  void peopleReadATable() throws Exception {
    String text = run("bench", "--quick");
    assertTrue(text.contains("one thread at most: "), text);
    assertTrue(
        text.lines().anyMatch(line -> line.matches("kernel +operands +rate +limit .*")), text);
    assertTrue(
        text.lines()
            .anyMatch(
                line ->
                    line.matches(
                        "gemm +1024 x 1024 x 1024 +[0-9.]+ .*GFLOP/s +\\d+ % +arithmetic")),
        text);
  }

  private static String run(String... arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream console = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertEquals(0, Tritmill.run(arguments));
    } finally {
      System.setOut(console);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
