package io.tritmill.jobs.gguf.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.gguf.FamilyTensor;
import io.tritmill.jobs.gguf.StoredTensor;
import io.tritmill.jobs.storage.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Experts, and blocks that predict further tokens, as checkpoints may have them. */
class StoredExpertsTest {
  private final Storage storage = new Storage(new Configuration());

  private static Path folder(String model) {
    return Path.of("src/test/resources/golden").toAbsolutePath().resolve(model);
  }

  private List<FamilyTensor> tensors(String model) {
    return Checkpoint.open(storage, storage.path(folder(model).toString())).tensors().stream()
        .map(tensor -> new FamilyTensor(tensor.name(), tensor.shape()))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static StoredModel write(String model, List<FamilyTensor> tensors) throws IOException {
    Map<String, Object> config =
        new ObjectMapper()
            .readValue(folder(model).resolve("config.json").toFile(), new TypeReference<>() {});
    config.remove("rope_scaling"); // that of DeepSeek's model is none that ggml has
    return StoredModel.of(model, config, tensors);
  }

  private static Map<String, List<Long>> shapes(StoredModel model) {
    Map<String, List<Long>> shapes = new TreeMap<>();
    model.tensors().forEach(tensor -> shapes.put(tensor.name(), tensor.shape()));
    return shapes;
  }

  /** The experts of a block in two tensors, where they lie apart. */
  private static List<FamilyTensor> together(List<FamilyTensor> tensors) {
    List<FamilyTensor> stacked = new ArrayList<>();
    for (FamilyTensor tensor : tensors) {
      String name = tensor.name();
      if (!name.contains(".experts.")) {
        stacked.add(tensor);
      } else if (name.contains(".experts.0.") && !name.contains("up_proj")) {
        String last = name.substring(name.indexOf(".0.") + 3).replace(".weight", "");
        String before = name.substring(0, name.indexOf(".0.") + 1);
        long experts =
            tensors.stream()
                .filter(
                    one ->
                        one.name().startsWith(before)
                            && one.name().endsWith("." + last + ".weight"))
                .count();
        boolean gate = last.equals("gate_proj");
        stacked.add(
            new FamilyTensor(
                before + (gate ? "gate_up_proj" : last),
                List.of(
                    experts,
                    tensor.shape().getFirst() * (gate ? 2 : 1),
                    tensor.shape().getLast())));
      }
    }
    return stacked;
  }

  @ParameterizedTest
  @ValueSource(strings = {"deepseek_v3", "glm4_moe", "ernie4_5_moe"})
  void expertsAreTheSameWhicheverWayTheyLie(String model) throws IOException {
    List<FamilyTensor> apart = tensors(model);
    List<FamilyTensor> together = together(apart);
    assertTrue(together.size() < apart.size());
    assertEquals(shapes(write(model, apart)), shapes(write(model, together)));
  }

  @Test
  void aMissingExpertIsNamed() throws IOException {
    List<FamilyTensor> tensors = tensors("deepseek_v3");
    String missing = "model.layers.1.mlp.experts.3.up_proj.weight";
    assertTrue(tensors.removeIf(tensor -> tensor.name().equals(missing)));
    String message =
        assertThrows(BadInputException.class, () -> write("deepseek_v3", tensors)).getMessage();
    assertTrue(message.contains(missing), message);
  }

  /** A whole block behind the others, and what it has besides. */
  @ParameterizedTest
  @ValueSource(strings = {"deepseek_v3", "glm4_moe"})
  void blocksThatPredictAreWritten(String model) throws IOException {
    List<FamilyTensor> tensors = tensors(model);
    for (FamilyTensor tensor : List.copyOf(tensors)) {
      if (tensor.name().startsWith("model.layers.1.")) {
        String name = tensor.name().replace("layers.1.", "layers.2.");
        tensors.add(new FamilyTensor(name, tensor.shape()));
      }
    }
    tensors.add(new FamilyTensor("model.layers.2.eh_proj.weight", List.of(16L, 32L)));
    for (String norm : List.of("enorm", "hnorm", "shared_head.norm")) {
      tensors.add(new FamilyTensor("model.layers.2." + norm + ".weight", List.of(16L)));
    }
    StoredModel written = write(model, tensors);
    String own = written.architecture() + ".";
    assertEquals(3, written.keys().get(own + "block_count"));
    assertEquals(1, written.keys().get(own + "nextn_predict_layers"));
    assertEquals(List.of(), written.leftOut());
    Set<String> names =
        written.tensors().stream().map(StoredTensor::name).collect(Collectors.toSet());
    for (String name : names) {
      if (name.startsWith("blk.1.")) {
        assertTrue(names.contains(name.replace("blk.1.", "blk.2.")), name);
      }
    }
    assertTrue(names.contains("blk.2.nextn.eh_proj.weight"));
    assertFalse(names.contains("blk.1.nextn.eh_proj.weight"));
  }
}
