package io.tritmill.jobs.gguf.architecture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tritmill.jobs.gguf.FamilyTensor;
import io.tritmill.jobs.gguf.GgufArray;
import io.tritmill.jobs.gguf.GgufModel;
import io.tritmill.jobs.gguf.StoredTensor;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  private final Storage storage = new Storage(new Configuration());

  static Stream<Path> models() throws IOException {
    return GgufArchitectureTest.models().filter(file -> !file.endsWith("apertus.gguf"));
  }

  private GgufModel open(Path file) {
    return GgufModel.open(
        storage, List.of(storage.path(file.toString())), GgufArchitecture.wholeKeys());
  }

  @ParameterizedTest
  @MethodSource("models")
  void filesOfTheConverterAreWrittenAsTheyAre(Path file) {
    GgufModel model = open(file);
    GgufArchitecture read = GgufArchitecture.of(model);
    Map<String, TensorInfo> family = new LinkedHashMap<>();
    read.tensors().forEach(tensor -> family.put(tensor.name(), tensor));
    StoredModel written =
        StoredModel.of(
            file.toString(),
            read.config(),
            family.values().stream()
                .map(tensor -> new FamilyTensor(tensor.name(), tensor.shape()))
                .toList());
    assertEquals(keys(model, written.keys()), new TreeMap<>(shown(written.keys())));
    Map<String, StoredTensor> tensors = new TreeMap<>();
    written.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
    Map<String, List<Long>> shapes = new TreeMap<>();
    tensors.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    Map<String, List<Long>> expected = new TreeMap<>();
    model.tensors().forEach(tensor -> expected.put(tensor.name(), tensor.shape()));
    assertEquals(expected, shapes);
    try (TensorReader reader = new TensorReader(storage)) {
      Function<String, float[]> values = name -> values(reader, family.get(name));
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
  private static Map<String, String> keys(GgufModel model, Map<String, Object> written) {
    String architecture = model.keys().text("general.architecture").orElseThrow();
    Map<String, Object> found = new TreeMap<>();
    found.put("general.architecture", architecture);
    model
        .keys()
        .values()
        .forEach(
            (key, value) -> {
              if (key.startsWith(architecture + ".")) {
                found.put(key, value instanceof Long number ? number.intValue() : value);
              }
            });
    String scaling = architecture + ".rope.scaling.type";
    String factor = architecture + ".rope.scaling.factor";
    if (Float.valueOf(1).equals(found.get(factor)) && !written.containsKey(factor)) {
      found.keySet().removeAll(List.of(scaling, factor));
    }
    for (String key : SILENT) {
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
