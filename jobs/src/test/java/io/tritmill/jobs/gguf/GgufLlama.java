package io.tritmill.jobs.gguf;

import io.tritmill.jobs.checkpoint.SafetensorsBuilder;
import io.tritmill.jobs.checkpoint.SafetensorsBuilder.Sizes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A tiny Llama as a GGUF file, to change and to write: by the letter, without the code under test.
 */
public final class GgufLlama {
  public static final int F32 = 0;
  public static final int Q8_0 = 8;

  private final Map<String, Object> keys = new LinkedHashMap<>();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  private record Tensor(int type, List<Integer> shape, byte[] bytes) {}

  /** The weights of {@link SafetensorsBuilder#writeLlama} in single precision. */
  public static GgufLlama of(Sizes sizes, boolean tied) {
    GgufLlama model = new GgufLlama();
    model
        .key("general.architecture", "llama")
        .key("llama.block_count", sizes.blocks())
        .key("llama.context_length", 64)
        .key("llama.embedding_length", sizes.hidden())
        .key("llama.feed_forward_length", sizes.intermediate())
        .key("llama.attention.head_count", sizes.heads())
        .key("llama.attention.head_count_kv", sizes.keyValueHeads())
        .key("llama.attention.layer_norm_rms_epsilon", 1e-5f)
        .key("tokenizer.ggml.bos_token_id", 1);
    int headRows = sizes.hidden() / sizes.heads();
    SafetensorsBuilder.llamaShapes(sizes, tied)
        .forEach(
            (name, shape) -> {
              float[] values = random(name, shape);
              boolean turned = name.contains("q_proj") || name.contains("k_proj");
              model.tensor(
                  ggml(name),
                  F32,
                  shape,
                  floats(turned ? interleaved(values, shape, headRows) : values));
            });
    return model;
  }

  /** The values that {@link SafetensorsBuilder#random} gives the name. */
  private static float[] random(String name, List<Integer> shape) {
    Random random = new Random(name.hashCode());
    float[] values = new float[shape.stream().reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 0.1f;
    }
    return values;
  }

  /** What ggml calls it. */
  static String ggml(String name) {
    return name.replace("model.layers.", "blk.")
        .replace("model.embed_tokens", "token_embd")
        .replace("model.norm", "output_norm")
        .replace("lm_head", "output")
        .replace("input_layernorm", "attn_norm")
        .replace("post_attention_layernorm", "ffn_norm")
        .replaceAll("self_attn\\.([qkv])_proj", "attn_$1")
        .replace("self_attn.o_proj", "attn_output")
        .replaceAll("mlp\\.(gate|up|down)_proj", "ffn_$1");
  }

  /** Row {@code p * n / 2 + j} of each head of n rows goes to {@code 2 j + p}. */
  private static float[] interleaved(float[] values, List<Integer> shape, int headRows) {
    int columns = shape.get(1);
    float[] stored = new float[values.length];
    for (int row = 0; row < shape.getFirst(); row++) {
      int within = row % headRows;
      int half = headRows / 2;
      int to = row - within + 2 * (within % half) + within / half;
      System.arraycopy(values, row * columns, stored, to * columns, columns);
    }
    return stored;
  }

  /** Numbers of single precision as bytes. */
  public static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  /** Sets a key; null takes it out. */
  public GgufLlama key(String key, Object value) {
    if (value == null) {
      keys.remove(key);
    } else {
      keys.put(key, value);
    }
    return this;
  }

  /** Sets a tensor; null takes it out. */
  public GgufLlama tensor(String name, int type, List<Integer> shape, byte[] bytes) {
    if (bytes == null) {
      tensors.remove(name);
    } else {
      tensors.put(name, new Tensor(type, shape, bytes));
    }
    return this;
  }

  /**
   * Makes a matrix one of 8-bit blocks, whose codes are random and scales about 0.001.
   *
   * @return this
   */
  public GgufLlama blocks(String name) {
    Tensor tensor = tensors.get(name);
    int count = tensor.shape().stream().reduce(1, Math::multiplyExact) / 32;
    ByteBuffer bytes = ByteBuffer.allocate(count * 34).order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(name.hashCode());
    byte[] codes = new byte[32];
    for (int i = 0; i < count; i++) {
      random.nextBytes(codes);
      bytes.putShort(Float.floatToFloat16(0.001f + 0.0005f * random.nextFloat())).put(codes);
    }
    return tensor(name, Q8_0, tensor.shape(), bytes.array());
  }

  /** The file. */
  public byte[] bytes() {
    return bytes(new ArrayList<>(tensors.keySet()), keys);
  }

  private byte[] bytes(List<String> names, Map<String, Object> with) {
    GgufBuilder file = GgufBuilder.header(3, names.size(), with.size());
    with.forEach(file::key);
    long offset = 0;
    for (String name : names) {
      Tensor tensor = tensors.get(name);
      file.tensor(name, tensor.type(), tensor.shape(), offset);
      offset += Math.ceilDiv(tensor.bytes().length, 32) * 32L;
    }
    names.forEach(name -> file.data(tensors.get(name).bytes()));
    return file.data(0).bytes();
  }

  /** Writes the file. */
  public Path write(Path file) {
    return write(file, bytes());
  }

  /** Writes it as parts, the keys of the model in the first alone. */
  public List<Path> writeParts(Path directory, int parts) {
    List<String> names = new ArrayList<>(tensors.keySet());
    List<Path> files = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      Map<String, Object> own = part == 0 ? new LinkedHashMap<>(keys) : new LinkedHashMap<>();
      own.put("split.no", part);
      own.put("split.count", parts);
      own.put("split.tensors.count", names.size());
      List<String> inside =
          names.subList(names.size() * part / parts, names.size() * (part + 1) / parts);
      String name = "tiny-%05d-of-%05d.gguf".formatted(part + 1, parts);
      files.add(write(directory.resolve(name), bytes(inside, own)));
    }
    return files;
  }

  private static Path write(Path file, byte[] bytes) {
    try {
      Files.createDirectories(file.getParent());
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
