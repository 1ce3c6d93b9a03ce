package io.tritmill.jobs.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tritmill.kernels.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Writes tiny safetensors files and checkpoints for tests, by the letter of the format and without
 * the code under test.
 */
public final class SafetensorsBuilder {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Map<String, Object> header = new LinkedHashMap<>();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  /** Sizes of a tiny Llama. */
  public record Sizes(
      int vocabulary, int hidden, int intermediate, int blocks, int heads, int keyValueHeads) {
    /** Two blocks of width 16. */
    public static final Sizes TINY = new Sizes(32, 16, 40, 2, 4, 2);
  }

  /** A string of {@code __metadata__}. */
  public SafetensorsBuilder metadata(String key, String value) {
    @SuppressWarnings("unchecked")
    Map<String, String> metadata =
        (Map<String, String>)
            header.computeIfAbsent("__metadata__", k -> new LinkedHashMap<String, String>());
    metadata.put(key, value);
    return this;
  }

  /** A tensor of floats, encoded. */
  public SafetensorsBuilder tensor(String name, DType type, List<Integer> shape, float... values) {
    byte[] bytes = new byte[values.length * type.bytes()];
    type.encode(values, 0, bytes, 0, values.length);
    return raw(name, type.name(), shape, bytes);
  }

  /** A tensor of any type, its bytes as they are. */
  public SafetensorsBuilder raw(String name, String dtype, List<Integer> shape, byte[] bytes) {
    long begin = data.size();
    data.writeBytes(bytes);
    header.put(name, entry(dtype, shape, begin, data.size()));
    return this;
  }

  /** A tensor of normally distributed floats, the same for the same name. */
  public SafetensorsBuilder random(String name, DType type, List<Integer> shape) {
    Random random = new Random(name.hashCode());
    float[] values = new float[shape.stream().reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 0.1f;
    }
    return tensor(name, type, shape, values);
  }

  /** The file's bytes. */
  public byte[] bytes() {
    return file(json(header), data.toByteArray());
  }

  /** Writes the file. */
  public void write(Path file) {
    write(file, bytes());
  }

  /** The names of its tensors. */
  public List<String> names() {
    return header.keySet().stream().filter(name -> !name.equals("__metadata__")).toList();
  }

  /** A file of any header, sound or not, and data. */
  public static byte[] file(String header, byte[] data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data)
        .array();
  }

  /** Header entry of a tensor. */
  public static Map<String, Object> entry(String dtype, List<Integer> shape, long begin, long end) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("dtype", dtype);
    entry.put("shape", shape);
    entry.put("data_offsets", List.of(begin, end));
    return entry;
  }

  /** Any value as JSON. */
  public static String json(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes shards, and the index that names every tensor's. */
  public static void writeSharded(Path directory, List<SafetensorsBuilder> shards) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < shards.size(); i++) {
      String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      shards.get(i).write(directory.resolve(name));
      shards.get(i).names().forEach(tensor -> map.put(tensor, name));
    }
    write(
        directory.resolve("model.safetensors.index.json"),
        json(Map.of("metadata", Map.of(), "weight_map", map)).getBytes(StandardCharsets.UTF_8));
  }

  /** The config.json of a tiny Llama, to change and to write. */
  public static Map<String, Object> llamaConfig(Sizes sizes, boolean tied) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architectures", List.of("LlamaForCausalLM"));
    config.put("model_type", "llama");
    config.put("vocab_size", sizes.vocabulary());
    config.put("hidden_size", sizes.hidden());
    config.put("intermediate_size", sizes.intermediate());
    config.put("num_hidden_layers", sizes.blocks());
    config.put("num_attention_heads", sizes.heads());
    config.put("num_key_value_heads", sizes.keyValueHeads());
    config.put("max_position_embeddings", 64);
    config.put("rms_norm_eps", 1e-5);
    config.put("rope_theta", 10000.0);
    config.put("tie_word_embeddings", tied);
    config.put("bos_token_id", 1);
    return config;
  }

  /** The shape of every tensor of a tiny Llama, by name. */
  public static Map<String, List<Integer>> llamaShapes(Sizes sizes, boolean tied) {
    int hidden = sizes.hidden();
    int wide = sizes.intermediate();
    int narrow = hidden / sizes.heads() * sizes.keyValueHeads();
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    shapes.put("model.embed_tokens.weight", List.of(sizes.vocabulary(), hidden));
    for (int block = 0; block < sizes.blocks(); block++) {
      String prefix = "model.layers." + block + ".";
      shapes.put(prefix + "input_layernorm.weight", List.of(hidden));
      shapes.put(prefix + "self_attn.q_proj.weight", List.of(hidden, hidden));
      shapes.put(prefix + "self_attn.k_proj.weight", List.of(narrow, hidden));
      shapes.put(prefix + "self_attn.v_proj.weight", List.of(narrow, hidden));
      shapes.put(prefix + "self_attn.o_proj.weight", List.of(hidden, hidden));
      shapes.put(prefix + "post_attention_layernorm.weight", List.of(hidden));
      shapes.put(prefix + "mlp.gate_proj.weight", List.of(wide, hidden));
      shapes.put(prefix + "mlp.up_proj.weight", List.of(wide, hidden));
      shapes.put(prefix + "mlp.down_proj.weight", List.of(hidden, wide));
    }
    shapes.put("model.norm.weight", List.of(hidden));
    if (!tied) {
      shapes.put("lm_head.weight", List.of(sizes.vocabulary(), hidden));
    }
    return shapes;
  }

  /**
   * Writes a whole tiny Llama of random weights.
   *
   * @param shards 1 for {@code model.safetensors}, more for shards and an index
   */
  public static void writeLlama(Path directory, Sizes sizes, boolean tied, DType type, int shards) {
    List<SafetensorsBuilder> builders = new ArrayList<>();
    for (int i = 0; i < shards; i++) {
      builders.add(new SafetensorsBuilder().metadata("format", "pt"));
    }
    int[] next = {0};
    llamaShapes(sizes, tied)
        .forEach((name, shape) -> builders.get(next[0]++ % shards).random(name, type, shape));
    if (shards == 1) {
      builders.getFirst().write(directory.resolve("model.safetensors"));
    } else {
      writeSharded(directory, builders);
    }
    writeJson(directory.resolve("config.json"), llamaConfig(sizes, tied));
  }

  /** Writes any value as a JSON file. */
  public static void writeJson(Path file, Object value) {
    write(file, json(value).getBytes(StandardCharsets.UTF_8));
  }

  private static void write(Path file, byte[] bytes) {
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
