package io.tritmill.jobs.command;

import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A directory with all that a command needs, small and sound, for tests to spoil: a checkpoint of
 * two blocks, a recipe and a data set of token ids.
 *
 * @param directory where everything lies
 */
record TinyModel(Path directory) {
  static final Sizes SIZES = Sizes.TINY;

  /** Writes it. */
  static TinyModel in(Path directory) {
    TinyModel tiny = new TinyModel(directory);
    SafetensorsBuilder.writeLlama(tiny.model(), SIZES, true, DType.F32, 1);
    tiny.recipe("rules: [{match: \"*\", stages: [{twn: {group: row}}]}]");
    Random random = new Random(5);
    StringBuilder data = new StringBuilder();
    for (int document = 0; document < 4; document++) {
      List<Integer> ids = random.ints(20, 1, SIZES.vocabulary()).boxed().toList();
      data.append(SafetensorsBuilder.json(Map.of("input_ids", ids))).append('\n');
    }
    tiny.text("data.jsonl", data.toString());
    return tiny;
  }

  Path model() {
    return directory.resolve("model");
  }

  Path weights() {
    return model().resolve("model.safetensors");
  }

  Path output() {
    return directory.resolve("run");
  }

  /** Writes a recipe's lines after its version and name. */
  void recipe(String lines) {
    text("recipe.yaml", "version: 1\nname: tiny\n" + lines + "\n");
  }

  /** Writes a file of text. */
  void text(String file, String content) {
    bytes(file, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a file. */
  void bytes(String file, byte[] content) {
    try {
      Path path = directory.resolve(file);
      Files.createDirectories(path.getParent());
      Files.write(path, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces one weight. */
  void weight(String tensor, int index, float value) {
    SafetensorsBuilder builder = new SafetensorsBuilder();
    SafetensorsBuilder.llamaShapes(SIZES, true)
        .forEach(
            (name, shape) -> {
              if (name.equals(tensor)) {
                float[] values = new float[shape.stream().reduce(1, Math::multiplyExact)];
                java.util.Arrays.fill(values, 0.5f);
                values[index] = value;
                builder.tensor(name, DType.F32, shape, values);
              } else {
                builder.random(name, DType.F32, shape);
              }
            });
    builder.write(weights());
  }

  /** Gives a tensor this weight, or its opposite, everywhere. */
  void weights(String tensor, float value) {
    SafetensorsBuilder builder = new SafetensorsBuilder();
    SafetensorsBuilder.llamaShapes(SIZES, true)
        .forEach(
            (name, shape) -> {
              if (name.equals(tensor)) {
                float[] values = new float[shape.stream().reduce(1, Math::multiplyExact)];
                for (int i = 0; i < values.length; i++) {
                  values[i] = i % 3 == 0 ? -value : value;
                }
                builder.tensor(name, DType.F32, shape, values);
              } else {
                builder.random(name, DType.F32, shape);
              }
            });
    builder.write(weights());
  }

  /** Replaces a value of config.json; null takes it out. */
  void config(String key, Object value) {
    Map<String, Object> config = SafetensorsBuilder.llamaConfig(SIZES, true);
    if (value == null) {
      config.remove(key);
    } else {
      config.put(key, value);
    }
    SafetensorsBuilder.writeJson(model().resolve("config.json"), config);
  }

  /** Leaves a tensor out, or adds one of a vector. */
  void tensors(String without, String with) {
    SafetensorsBuilder builder = new SafetensorsBuilder();
    SafetensorsBuilder.llamaShapes(SIZES, true)
        .forEach(
            (name, shape) -> {
              if (!name.equals(without)) {
                builder.random(name, DType.F32, shape);
              }
            });
    if (!with.isEmpty()) {
      builder.random(with, DType.F32, List.of(3));
    }
    builder.write(weights());
  }

  /** The arguments that compress it. */
  Object[] compress(Object... more) {
    return arguments(
        List.of(
            "compress",
            "--model",
            model(),
            "--recipe",
            directory.resolve("recipe.yaml"),
            "--output",
            output()),
        more);
  }

  /** The same command with another output. */
  Object[] compressInto(Object output) {
    Object[] arguments = compress();
    arguments[arguments.length - 1] = output;
    return arguments;
  }

  /** The arguments that evaluate it. */
  Object[] evaluate(Object... more) {
    return arguments(
        List.of("evaluate", model(), "--dataset", directory.resolve("data.jsonl")), more);
  }

  private static Object[] arguments(List<Object> first, Object[] more) {
    List<Object> all = new ArrayList<>(first);
    all.addAll(List.of(more));
    return all.toArray();
  }
}
