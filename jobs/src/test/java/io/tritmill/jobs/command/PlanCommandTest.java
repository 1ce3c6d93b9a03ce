package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.plan.Plan;
import io.tritmill.jobs.plan.Planner;
import io.tritmill.jobs.recipe.RecipeParser;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans of known shapes on clusters, from config.json alone. */
@Tag("slow")
class PlanCommandTest {
  @TempDir private Path directory;

  private Path described(String shape) {
    Path model = directory.resolve(shape);
    Invocation.of("synthesize", "--shape", shape, "--config-only", "--output", model).exits(0);
    return model;
  }

  private static Invocation plan(Path model, String recipe, Object... more) {
    Object[] first = {"plan", "--model", model, "--recipe", recipe, "--format", "json"};
    Object[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return Invocation.of(all);
  }

  @ParameterizedTest
  @CsvSource({"7b, 6738415616", "70b, 70553706496", "405b, 405853388800"})
  void aConfigurationIsEnough(String shape, long parameters) throws IOException {
    Path model = described(shape);

    JsonNode plan = plan(model, "ptqtp", "--cluster", "64x16c64g").exits(0).json();

    assertEquals(parameters, plan.get("parameters").asLong());
    assertEquals(2 * parameters, plan.get("bytes_in").asLong());
    assertEquals(1024, plan.get("tasks_at_a_time").asInt());
    assertTrue(plan.get("warnings").toString().contains("config.json alone was read"));
    JsonNode conf = plan.get("conf");
    assertEquals("128", conf.get("spark.executor.instances").asText());
    assertEquals("8", conf.get("spark.executor.cores").asText());
    assertTrue(conf.get("spark.executor.memory").asText().matches("\\d+m"), conf.toString());
    double phases =
        StreamSupport.stream(plan.get("phases").spliterator(), false)
            .mapToDouble(phase -> phase.get("seconds").asDouble())
            .sum();
    assertEquals(phases, plan.get("seconds_expected").asDouble(), 1e-6 * phases);
    assertTrue(plan.get("seconds_low").asDouble() < phases);
    assertTrue(plan.get("seconds_high").asDouble() > phases);
    try (var files = Files.list(model)) {
      assertEquals(1, files.count());
    }
  }

  /** Sizes near 2^31: bands are cut to the last row, and a plan of more is refused. */
  @ParameterizedTest
  @CsvSource({
    "vocab_size, 2, 0",
    "intermediate_size, 2, 0",
    "intermediate_size, 32, 0",
    "intermediate_size, 1000, 4",
    "hidden_size, 2, 4",
    "num_attention_heads, 2, 4"
  })
  void sizesNearTheLargestEnd(String key, int blocks, int exitCode) throws IOException {
    Files.createDirectory(directory.resolve("model"));
    Map<String, Object> config = SafetensorsBuilder.llamaConfig(Sizes.TINY, true);
    config.put("num_hidden_layers", blocks);
    config.put(key, Integer.MAX_VALUE);
    SafetensorsBuilder.writeJson(directory.resolve("model/config.json"), config);

    Invocation.of("plan", "--model", directory.resolve("model"), "--recipe", "ptqtp")
        .exits(exitCode);
  }

  @Test
  void moreMachinesTakeLessTimeAndMoreBandwidthToo() {
    Path model = described("70b");

    double few = seconds(model, "--cluster", "2x8c32g");
    double many = seconds(model, "--cluster", "16x8c32g");
    double slow = seconds(model, "--cluster", "16x8c32g", "--bandwidth", "20");

    assertTrue(many < few / 1.5, "%f %f".formatted(few, many));
    assertTrue(slow > 1.5 * many, "%f %f".formatted(slow, many));
  }

  @Test
  void layersThatWaitForOneAnotherTakeLonger() throws IOException {
    Path model = described("160m");
    String recipe =
        """
        version: 1
        name: gptq
        propagate_error: %s
        rules:
          - {match: "*", stages: [{gptq: {}}, {ptqtp: {planes: 2, group: 128}}]}
        """;
    Path beside = Files.writeString(directory.resolve("beside.yaml"), recipe.formatted("false"));
    Path waiting = Files.writeString(directory.resolve("waiting.yaml"), recipe.formatted("true"));

    double together = calibrating(model, beside);
    double inTurn = calibrating(model, waiting);

    assertTrue(inTurn > 1.3 * together, "%f %f".formatted(inTurn, together));
  }

  private static double calibrating(Path model, Path recipe) {
    JsonNode plan = plan(model, recipe.toString(), "--cluster", "4x8c64g").exits(0).json();
    return StreamSupport.stream(plan.get("phases").spliterator(), false)
        .filter(phase -> phase.get("name").asText().startsWith("calibrate"))
        .mapToDouble(phase -> phase.get("seconds").asDouble())
        .sum();
  }

  private static double seconds(Path model, Object... on) {
    return plan(model, "ptqtp", on).exits(0).json().get("seconds_expected").asDouble();
  }

  @Test
  void whereMemoryIsShortTasksHaveSeveralCores() {
    JsonNode plan = plan(described("7b"), "trit2-uniform", "--cluster", "1x16c9g").exits(0).json();

    int slots = plan.get("tasks_at_a_time").asInt();
    assertTrue(slots >= 1 && slots < 16, plan.get("conf").toString());
    assertTrue(
        plan.get("memory_per_task_bytes").asLong() * slots < 9L << 30,
        plan.get("memory_per_task_bytes").toString());
    JsonNode conf = plan.get("conf");
    int cores = conf.get("spark.executor.cores").asInt();
    assertEquals(slots, cores / conf.get("spark.task.cpus").asInt());
    assertTrue(cores > slots, conf.toString());
  }

  @Test
  void aMachineThatCannotHoldATaskIsRefused() {
    Invocation refused = plan(described("7b"), "trit2-uniform", "--cluster", "4x8c1g").exits(3);

    assertTrue(refused.err().contains("but a machine has 1.0 GiB"), refused.err());
  }

  @Test
  void textHasTheSettingsAndTheTime() {
    Invocation plan =
        Invocation.of(
                "plan",
                "--model",
                described("1.1b"),
                "--recipe",
                "bitnet-absmean",
                "--cluster",
                "3x4c16g")
            .exits(0);

    assertTrue(plan.out().contains("12 tasks at a time in 3 executors"), plan.out());
    assertTrue(plan.out().contains("  --conf spark.executor.cores=4"), plan.out());
    assertTrue(plan.out().contains("passes over whole tensors"), plan.out());
    assertTrue(plan.out().contains("on 3 machines of 4 cores like these"), plan.out());
  }

  @Test
  void aMeasurementOfTheClustersMachineSetsTheRates() throws IOException {
    Path model = described("7b");
    String kernel =
        """
        {"machine": {}, "limits": {}, "seconds": 1, "kernels": [{"kernel": "ptqtp",
         "shape": "2 planes, group 128", "rate": %s, "unit": "Mweights/s"}]}
        """;
    Path fast = Files.writeString(directory.resolve("fast.json"), kernel.formatted("1e6"));
    Path slow = Files.writeString(directory.resolve("slow.json"), kernel.formatted("1"));
    Path none = Files.writeString(directory.resolve("none.json"), "{\"kernels\": []}");

    double quick = seconds(model, "--cluster", "2x8c32g", "--bench", fast);
    double patient = seconds(model, "--cluster", "2x8c32g", "--bench", slow);

    assertTrue(patient > 5 * quick, "%f %f".formatted(patient, quick));
    Invocation refused = plan(model, "ptqtp", "--bench", none).exits(2);
    assertTrue(refused.err().contains("has no rate of the kernel ptqtp"), refused.err());
    Invocation.of("plan", "--model", model, "--recipe", "ptqtp", "--bench", "nowhere").exits(4);
  }

  @ParameterizedTest
  @CsvSource({
    "--cluster, 64x16, expected machines",
    "--cluster, 0x8c16g, a cluster has machines",
    "--cores, 0, a cluster has machines",
    "--bandwidth, -1, --bandwidth is -1.0"
  })
  void wrongClustersAreToldBeforeAnythingIsMeasured(String option, String value, String expected) {
    Invocation wrong = plan(described("tiny"), "twn", option, value).exits(2);

    assertTrue(wrong.err().contains(expected), wrong.err());
  }

  @Test
  void thisMachineIsToldWhatTheLauncherTakes() {
    Path model = described("160m");

    Invocation plan = Invocation.of("plan", "--model", model, "--recipe", "twn").exits(0);

    assertTrue(plan.out().matches("(?s).*\n  TRITMILL_MEMORY=\\d+m ./tritmill .*"), plan.out());
    assertFalse(plan.out().contains("--conf"), plan.out());
    assertTrue(plan.out().contains("at a time on this machine"), plan.out());
  }

  @Test
  void tooLittleMemoryForThisMachineIsSaidBeforeTheWork() throws IOException {
    Path model = described("1.1b");
    Storage storage = new Storage(new Configuration(false));
    Plan plan =
        new Planner(storage)
            .plan(
                Checkpoint.openOrDescribe(storage, storage.path(model.toString())),
                RecipeParser.load(storage, "ptqtp"),
                false);

    String warning = CompressCommand.littleMemory(plan, 1 << 28).orElseThrow();

    assertTrue(warning.contains("set TRITMILL_MEMORY="), warning);
    assertTrue(CompressCommand.littleMemory(plan, 1L << 38).isEmpty());
  }

  @Test
  void dataThatCannotBeReadAndSequencesThatAreTooLongAreRefusedAsCompressDoes() {
    TinyModel tiny = TinyModel.in(directory);
    Path recipe = directory.resolve("recipe.yaml");
    String rules = "rules: [{match: \"*\", stages: [{gptq: {}}, {twn: {group: row}}]}]";
    String calibration = "calibration: {samples: 2, held_out: 1, sequence_length: %d}\n";
    tiny.recipe(calibration.formatted(16) + rules);

    plan(tiny.model(), recipe.toString(), "--calibration", directory.resolve("missing")).exits(4);
    plan(tiny.model(), recipe.toString(), "--calibration", directory.resolve("data.jsonl"))
        .exits(0);

    tiny.recipe(calibration.formatted(100000) + rules);
    String said = plan(tiny.model(), recipe.toString()).exits(3).err();
    assertTrue(said.contains("sequence_length of 100000"), said);
  }
}
