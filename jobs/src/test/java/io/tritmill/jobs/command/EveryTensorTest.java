package io.tritmill.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tritmill.jobs.Invocation;
import io.tritmill.jobs.RunFiles;
import io.tritmill.jobs.SharedSpark;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.jobs.format.PlainReader;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What becomes of each tensor of a checkpoint is said, of those that are no part of the model too.
 */
@Tag("slow")
@ExtendWith(SharedSpark.class)
class EveryTensorTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden").toAbsolutePath();

  private final Storage storage = SharedSpark.storage();

  @TempDir private Path directory;

  private Path compressed(Path model, String recipe, String... more) throws IOException {
    Path yaml = directory.resolve("recipe.yaml");
    Files.writeString(yaml, "version: 1\nname: every\n" + recipe);
    Path run = directory.resolve("run");
    List<Object> line =
        new ArrayList<>(List.of("compress", "--model", model, "--recipe", yaml, "--output", run));
    line.addAll(List.of(more));
    Invocation.of(line.toArray()).exits(0);
    return run;
  }

  /** Rows and totals are of all tensors of the source, and of all their bytes. */
  private void requireEveryTensor(Path model, Path run, int packed) {
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(model.toString()));
    JsonNode fates = RunFiles.json(run.resolve("summary.json")).get("tensors");
    assertEquals(RunFiles.json(run.resolve("plan.json")).get("fates"), fates);
    assertEquals(packed, fates.get("compressed").get("count").asInt());
    long count = 0;
    long bytes = 0;
    for (JsonNode fate : fates) {
      count += fate.get("count").asLong();
      bytes += fate.get("bytes_in").asLong();
    }
    assertEquals(checkpoint.tensors().size(), count);
    assertEquals(checkpoint.tensors().stream().mapToLong(TensorInfo::bytes).sum(), bytes);
    List<String> names =
        RunFiles.table(run, "layers").stream()
            .map(row -> row.<String>getAs("tensor_name"))
            .toList();
    assertEquals(checkpoint.tensors().stream().map(TensorInfo::name).toList(), names);
    long passed =
        RunFiles.table(run, "layers").stream()
            .filter(row -> row.getAs("status").equals("passed_through"))
            .filter(row -> !row.<String>getAs("fallback_reason").isEmpty())
            .count();
    assertEquals(passed, fates.get("passed_through").get("count").asLong());
  }

  /** A tensor whose use is known, and one that nothing is known of. */
  @Test
  void whatIsNotReadIsSaid() throws IOException {
    Path model = directory.resolve("more");
    Path plain = directory.resolve("plain");
    SafetensorsBuilder.writeLlama(plain, new Sizes(73, 24, 52, 2, 3, 1), false, DType.F32, 1);
    Files.createDirectories(model);
    Files.copy(plain.resolve("config.json"), model.resolve("config.json"));
    Checkpoint checkpoint = Checkpoint.open(storage, storage.path(plain.toString()));
    SafetensorsBuilder builder = new SafetensorsBuilder();
    try (TensorReader reader = new TensorReader(storage)) {
      for (TensorInfo tensor : checkpoint.tensors()) {
        List<Integer> shape = tensor.shape().stream().map(Long::intValue).toList();
        float[] values = reader.rows(tensor, 0, (int) tensor.rows()).values();
        builder.tensor(tensor.name(), DType.F32, shape, values);
      }
    }
    builder
        .random("model.layers.0.self_attn.sparkle.weight", DType.F32, List.of(4, 24))
        .random("visual.patch.weight", DType.F32, List.of(4, 24))
        .write(model.resolve("model.safetensors"));
    String recipe = "rules: [{match: '*', stages: [{twn: {}}]}]";
    Path run = compressed(model, recipe);
    Map<String, String> said = new HashMap<>();
    for (Row row : RunFiles.table(run, "layers")) {
      said.put(row.getAs("tensor_name"), row.getAs("status") + ": " + row.getAs("fallback_reason"));
    }
    String unread = "unread: not explained by the model's description";
    assertEquals(unread, said.get("model.layers.0.self_attn.sparkle.weight"));
    assertEquals("passed_through: a vision tower", said.get("visual.patch.weight"));
    assertEquals(1, RunFiles.json(run.resolve("summary.json")).at("/tensors/unread/count").asInt());
    String plan =
        Invocation.of("plan", "--model", model, "--recipe", directory.resolve("recipe.yaml"))
            .exits(0)
            .out();
    assertTrue(plan.contains(unread), plan);
    assertTrue(plan.contains("unread: 1 tensor, "), plan);
    requireEveryTensor(model, run, 14);
  }

  @ParameterizedTest
  @CsvSource({
    "qwen3_next, mtp.fc.weight, false",
    "deepseek_v3, model.layers.2.eh_proj.weight, false",
    "deepseek_v3, lm_head.weight, true"
  })
  void restIsCompressedByItsKind(String golden, String tensor, boolean weightsOnly)
      throws IOException {
    String kind = tensor.equals("lm_head.weight") ? "head" : "rest";
    String recipe =
        "rules: [{match: {kind: %s}, stages: [{twn: {group: row}}]}, {match: '*', keep: true}]"
            .formatted(kind);
    Path run =
        weightsOnly
            ? compressed(GOLDEN.resolve(golden), recipe, "--weights-only")
            : compressed(GOLDEN.resolve(golden), recipe);
    Set<String> packed =
        new PlainReader(run.resolve("model/model.safetensors")).matrices().keySet();
    assertTrue(packed.contains(tensor), packed::toString);
    assertTrue(packed.stream().noneMatch(name -> name.contains("norm")), packed::toString);
    requireEveryTensor(GOLDEN.resolve(golden), run, packed.size());
    Invocation.of("verify", run, "--layers", 100).exits(0);
  }
}
