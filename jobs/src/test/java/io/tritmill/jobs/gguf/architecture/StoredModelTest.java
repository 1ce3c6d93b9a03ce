package io.tritmill.jobs.gguf.architecture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.gguf.FamilyTensor;
import io.tritmill.jobs.gguf.GgufArray;
import io.tritmill.jobs.gguf.GgufModel;
import io.tritmill.jobs.gguf.StoredTensor;
import io.tritmill.jobs.gguf.TensorNumbers;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Models as keys and tensors, against the files that llama.cpp's converter wrote: what these are
 * read as is written as they are.
 */
class StoredModelTest {
  /** Keys that the converter leaves out of some files, and that repeat what others say. */
  private static final List<String> REPEATED =
      List.of(
          "vocab_size",
          "feed_forward_length",
          "rope.dimension_count",
          "rope.freq_base",
          "attention.key_length",
          "attention.value_length");

  /** What config.json says of them changes nothing, and is not read. */
  private static final List<String> SILENT =
      List.of("rope.dimension_sections", "full_attention_interval");

  /**
   * Files whose tensors are not those of the checkpoint: other sizes, or matrices that are turned.
   */
  private static final Set<String> OTHERS =
      Set.of(
          "smollm3",
          "qwen3_moe",
          "qwen3_next",
          "qwen3_5",
          "qwen3_5_moe",
          "cohere-plain",
          "gpt_oss",
          "glm4_moe_lite");

  private final Storage storage = new Storage(new Configuration());

  static Stream<Path> models() throws IOException {
    return GgufArchitectureTest.models();
  }

  private GgufModel open(Path file) {
    Set<String> whole = new HashSet<>(GgufArchitecture.wholeKeys());
    Descriptions.names().forEach(name -> whole.add(name + ".rope.dimension_sections"));
    return GgufModel.open(storage, List.of(storage.path(file.toString())), whole);
  }

  /** A checkpoint, and the values of its config.json that were others where it was converted. */
  private record Origin(String file, String folder, Map<String, Object> changes) {
    /** Of Qwen3-Next the converter does not find the interval. */
    List<String> unread() {
      return folder.equals("qwen3_next") ? List.of("full_attention_interval") : List.of();
    }
  }

  private static Origin origin(String file, String folder) {
    return new Origin(file, folder, Map.of());
  }

  private static Origin origin(String file, String folder, String key, Object value) {
    Map<String, Object> changes = new HashMap<>();
    changes.put(key, value);
    return new Origin(file, folder, changes);
  }

  static Stream<Origin> origins() {
    return Stream.of(
        origin("llama-bias", "llama-bias"),
        origin("llama-rope", "llama-rope"),
        origin("mistral", "mistral", "sliding_window", null),
        origin("mixtral", "mixtral", "sliding_window", null),
        origin("ministral3", "ministral3"),
        origin("granite", "granite"),
        origin("granitemoe", "granitemoe"),
        origin("arcee", "arcee"),
        new Origin(
            "smollm3",
            "smollm3",
            Map.of("num_hidden_layers", 4, "no_rope_layers", List.of(1, 1, 1, 0))),
        origin("qwen2", "qwen2", "use_sliding_window", false),
        origin("qwen3", "qwen3"),
        new Origin(
            "qwen3_moe",
            "qwen3_moe",
            Map.of("mlp_only_layers", List.of(), "decoder_sparse_step", 1, "norm_topk_prob", true)),
        new Origin(
            "qwen3_next",
            "qwen3_next",
            Map.of("linear_value_head_dim", 4, "mlp_only_layers", List.of())),
        origin("qwen3_5", "qwen3_5", "linear_value_head_dim", 4),
        origin("qwen3_5-predicting", "qwen3_5"),
        origin("qwen3_5_moe", "qwen3_5_moe", "linear_value_head_dim", 4),
        origin("seed_oss", "seed_oss"),
        origin("bitnet", "bitnet", "hidden_act", "silu"),
        origin("phi3", "phi3"),
        origin("phi3-longrope", "phi3-longrope"),
        origin("gemma2", "gemma2", "query_pre_attn_scalar", 8),
        origin("olmo2", "olmo2"),
        origin("olmo3", "olmo3"),
        origin("exaone4", "exaone4"),
        origin("glm4", "glm4"),
        origin("cohere", "cohere"),
        origin("cohere-plain", "cohere", "use_qk_norm", false),
        origin("apertus", "apertus"),
        origin("gpt_oss", "gpt_oss", "swiglu_limit", 7.0),
        origin("gpt_oss-mxfp4", "gpt_oss-mxfp4"),
        origin("minimax_m2", "minimax_m2"),
        origin("ernie4_5_moe", "ernie4_5_moe"),
        origin("glm4_moe", "glm4_moe"),
        origin("deepseek_v3-plain", "deepseek_v3-plain", "rope_interleave", true),
        new Origin(
            "glm4_moe_lite",
            "glm4_moe_lite",
            Map.of(
                "mlp_layer_types",
                List.of("dense", "sparse", "sparse"),
                "first_k_dense_replace",
                1)));
  }

  /** Of a config.json in either spelling, and its own tensors where they are those of the file. */
  @ParameterizedTest
  @MethodSource("origins")
  void checkpointsAreWrittenAsTheConverterDoes(Origin origin) throws IOException {
    Path folder = Path.of("src/test/resources/golden").toAbsolutePath().resolve(origin.folder());
    GgufModel model = open(Path.of("src/test/resources/gguf", origin.file() + ".gguf"));
    Map<String, TensorInfo> read = new LinkedHashMap<>();
    GgufArchitecture.of(model).tensors().forEach(one -> read.put(one.name(), one));
    Map<String, TensorInfo> own = new LinkedHashMap<>();
    Checkpoint.open(storage, storage.path(folder.toString()))
        .tensors()
        .forEach(one -> own.put(one.name(), one));
    own.keySet().removeIf(name -> name.startsWith("model.visual."));
    boolean same = own.size() == read.size();
    for (TensorInfo tensor : read.values()) {
      String wrapped = tensor.name().replaceFirst("^model\\.", "model.language_model.");
      TensorInfo likewise = own.getOrDefault(tensor.name(), own.get(wrapped));
      same &= likewise != null && likewise.shape().equals(tensor.shape());
    }
    assertEquals(!OTHERS.contains(origin.file()), same);
    Map<String, TensorInfo> family = same ? own : read;
    for (String spelling : List.of("config.json", "config-v5.json")) {
      Map<String, Object> config = config(folder.resolve(spelling), origin.changes());
      assertWritten(model, config, family, origin.unread());
    }
  }

  private static Map<String, Object> config(Path file, Map<String, Object> changes)
      throws IOException {
    Map<String, Object> config =
        new ObjectMapper().readValue(file.toFile(), new TypeReference<>() {});
    Object inner = config.get("text_config");
    @SuppressWarnings("unchecked")
    Map<String, Object> decoder = inner == null ? config : (Map<String, Object>) inner;
    decoder.putAll(changes);
    if (changes.containsKey("num_hidden_layers")) {
      decoder.remove("layer_types");
    }
    return config;
  }

  @ParameterizedTest
  @MethodSource("models")
  void filesOfTheConverterAreWrittenAsTheyAre(Path file) {
    GgufModel model = open(file);
    GgufArchitecture read = GgufArchitecture.of(model);
    Map<String, TensorInfo> family = new LinkedHashMap<>();
    read.tensors().forEach(tensor -> family.put(tensor.name(), tensor));
    assertWritten(model, read.config(), family, SILENT);
  }

  /**
   * The keys of a file are written, and its tensors with the same values.
   *
   * @param family what these are made of
   * @param unread keys whose values may be others
   */
  private void assertWritten(
      GgufModel model,
      Map<String, Object> config,
      Map<String, TensorInfo> family,
      List<String> unread) {
    StoredModel written =
        StoredModel.of(
            model.file(),
            config,
            family.values().stream()
                .map(tensor -> new FamilyTensor(tensor.name(), tensor.shape()))
                .toList());
    Map<String, StoredTensor> tensors = new TreeMap<>();
    written.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
    Map<String, List<Long>> shapes = new TreeMap<>();
    tensors.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    Map<String, List<Long>> expected = new TreeMap<>();
    model.tensors().forEach(tensor -> expected.put(tensor.name(), tensor.shape()));
    assertEquals(expected, shapes);
    try (TensorReader reader = new TensorReader(storage)) {
      Function<String, float[]> values = name -> values(reader, family.get(name));
      Map<String, Object> keys = numbers(written.keys(), values);
      assertEquals(keys(model, keys, unread), shown(keys), config::toString);
      for (GgufModel.Tensor tensor : model.tensors()) {
        TensorInfo stored =
            new TensorInfo(
                tensor.name(),
                tensor.type(),
                tensor.shape(),
                tensor.file(),
                tensor.offset(),
                tensor.bytes());
        assertArrayEquals(
            values(reader, stored),
            values(tensors.get(tensor.name()), family, values),
            1e-6f,
            tensor.name());
      }
    }
  }

  private static Map<String, Object> numbers(
      Map<String, Object> keys, Function<String, float[]> values) {
    Map<String, Object> known = new TreeMap<>(keys);
    known.replaceAll(
        (key, value) ->
            value instanceof TensorNumbers numbers
                ? GgufArray.of(
                    numbers.tensors().stream().map(name -> values.apply(name)[0]).toList())
                : value);
    return known;
  }

  private static float[] values(TensorReader reader, TensorInfo tensor) {
    return reader.rows(tensor, 0, Math.toIntExact(tensor.rows())).values();
  }

  private static float[] values(
      StoredTensor tensor, Map<String, TensorInfo> family, Function<String, float[]> values) {
    return switch (tensor.content()) {
      case StoredTensor.Given given -> given.values();
      case StoredTensor.Values(var sources, var making) ->
          making.apply(sources.stream().map(values).toList());
      case StoredTensor.Rows(var sources, var order) -> {
        int columns = Math.toIntExact(tensor.shape().getLast());
        long rows = tensor.shape().stream().reduce(1L, (a, b) -> a * b) / columns;
        List<float[]> all = sources.stream().map(values).toList();
        float[] made = new float[Math.toIntExact(rows * columns)];
        for (long row = 0; row < rows; row++) {
          assertEquals(columns, family.get(sources.get(order.source(row))).columns());
          float[] source = all.get(order.source(row));
          System.arraycopy(
              source, (int) order.row(row) * columns, made, (int) row * columns, columns);
        }
        yield made;
      }
    };
  }

  /** Those of the architecture in a file, with kinds of numbers, and those that may be repeated. */
  private static Map<String, String> keys(
      GgufModel model, Map<String, Object> written, List<String> unread) {
    String architecture = model.keys().text("general.architecture").orElseThrow();
    Map<String, Object> found = new TreeMap<>();
    found.put("general.architecture", architecture);
    model
        .keys()
        .values()
        .forEach(
            (key, value) -> {
              if (key.startsWith(architecture + ".") || key.startsWith("xielu.")) {
                found.put(key, value instanceof Long number ? number.intValue() : value);
              }
            });
    String scaling = architecture + ".rope.scaling.type";
    String factor = architecture + ".rope.scaling.factor";
    if (Float.valueOf(1).equals(found.get(factor)) && !written.containsKey(factor)) {
      found.keySet().removeAll(List.of(scaling, factor));
    }
    for (String key : unread) {
      found.computeIfPresent(architecture + "." + key, (named, value) -> written.get(named));
    }
    if ("none".equals(found.get(scaling))) {
      found.remove(scaling);
    }
    for (String key : REPEATED) {
      String named = architecture + "." + key;
      if (written.containsKey(named)) {
        found.putIfAbsent(named, written.get(named));
      }
    }
    return shown(found);
  }

  private static Map<String, String> shown(Map<String, Object> keys) {
    Map<String, String> shown = new TreeMap<>();
    keys.forEach((key, value) -> shown.put(key, shown(value)));
    return shown;
  }

  private static String shown(Object value) {
    if (value instanceof GgufArray array) {
      List<String> elements = new ArrayList<>();
      array.elements().forEach(element -> elements.add(shown(element)));
      return elements.toString();
    }
    return value.getClass().getSimpleName() + " " + value;
  }
}
