package io.tritmill.jobs.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.family.ModelFamily;
import io.tritmill.kernels.model.family.StoredTensors;
import io.tritmill.kernels.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;

/**
 * A checkpoint of random weights in the shape of a known model, to measure speed and memory with
 * where no such model is at hand.
 *
 * <p>BF16, shards with an index, config.json, no tokenizer. Weights depend on the seed and the
 * tensor's name alone. They are written as they are made: memory does not grow with the shape.
 */
public final class SyntheticCheckpoint {
  private static final DType TYPE = DType.BF16;
  private static final int BUFFER_BYTES = 1 << 20;
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private SyntheticCheckpoint() {}

  /**
   * Sizes of a Llama.
   *
   * @param shardBytes bytes after which a new shard begins
   */
  public record Shape(
      int vocabulary,
      int hidden,
      int intermediate,
      int blocks,
      int heads,
      int keyValueHeads,
      int maxPositions,
      long shardBytes) {
    private static final long SHARD = 1_000_000_000;
    private static final Map<String, Shape> PRESETS = presets();

    /**
     * The shape of this name: {@code tiny}; {@code 160m}, a Llama of twelve blocks; {@code 1.1b},
     * TinyLlama's; {@code 3b}, OpenLlama's; {@code 7b}, Llama 2's; {@code 70b} and {@code 405b},
     * Llama 3.1's.
     *
     * @throws BadInputException if there is no such name
     */
    public static Shape of(String name) {
      Shape shape = PRESETS.get(name);
      if (shape == null) {
        throw BadInputException.usage(
            "Shape '%s' is unknown, expected one of %s", Printable.of(name), PRESETS.keySet());
      }
      return shape;
    }

    private static Map<String, Shape> presets() {
      Map<String, Shape> presets = new LinkedHashMap<>();
      presets.put("tiny", new Shape(256, 64, 176, 2, 4, 2, 128, 100_000));
      presets.put("160m", new Shape(32_000, 768, 3072, 12, 12, 12, 2048, SHARD));
      presets.put("1.1b", new Shape(32_000, 2048, 5632, 22, 32, 4, 2048, SHARD));
      presets.put("3b", new Shape(32_000, 3200, 8640, 26, 32, 32, 2048, SHARD));
      presets.put("7b", new Shape(32_000, 4096, 11_008, 32, 32, 32, 4096, SHARD));
      presets.put("70b", new Shape(128_256, 8192, 28_672, 80, 64, 8, 131_072, 5 * SHARD));
      presets.put("405b", new Shape(128_256, 16_384, 53_248, 126, 128, 8, 131_072, 5 * SHARD));
      return presets;
    }

    private Map<String, Object> config() {
      Map<String, Object> config = new LinkedHashMap<>();
      config.put("architectures", List.of("LlamaForCausalLM"));
      config.put("model_type", "llama");
      config.put("vocab_size", vocabulary);
      config.put("hidden_size", hidden);
      config.put("intermediate_size", intermediate);
      config.put("num_hidden_layers", blocks);
      config.put("num_attention_heads", heads);
      config.put("num_key_value_heads", keyValueHeads);
      config.put("max_position_embeddings", maxPositions);
      config.put("hidden_act", "silu");
      config.put("rms_norm_eps", 1e-5);
      config.put("rope_theta", 10_000.0);
      config.put("tie_word_embeddings", false);
      config.put("bos_token_id", 1);
      config.put("eos_token_id", 2);
      config.put("torch_dtype", "bfloat16");
      return config;
    }
  }

  /** A file of the checkpoint and what goes into it. */
  private record Shard(String name, List<TensorSpec> tensors) {}

  /**
   * Writes one, shards in parallel, the index and config.json last.
   *
   * @return the checkpoint, opened and checked
   * @throws BadInputException if there is something in the directory
   */
  public static Checkpoint write(Storage storage, Path directory, Shape shape, long seed) {
    requireEmpty(storage, directory);
    Map<String, Object> config = shape.config();
    ModelFamily family = ModelFamily.of("llama").orElseThrow();
    List<Shard> shards =
        shards(
            family
                .describe(new ConfigValues(config), StoredTensors.none(ConfiguredModel.MOST_BLOCKS))
                .tensors(),
            shape.shardBytes());
    writeAll(storage, directory, shards, seed);
    json(storage, new Path(directory, "model.safetensors.index.json"), index(shards));
    json(storage, new Path(directory, "config.json"), config);
    Checkpoint checkpoint = Checkpoint.open(storage, directory);
    checkpoint.check();
    return checkpoint;
  }

  /**
   * Writes config.json alone, which is enough to plan with.
   *
   * @return the checkpoint as config.json describes it
   * @throws BadInputException if there is something in the directory
   */
  public static Checkpoint describe(Storage storage, Path directory, Shape shape) {
    requireEmpty(storage, directory);
    json(storage, new Path(directory, "config.json"), shape.config());
    return Checkpoint.openOrDescribe(storage, directory);
  }

  private static void requireEmpty(Storage storage, Path directory) {
    if (storage.exists(directory) && !storage.list(directory).isEmpty()) {
      throw BadInputException.conflict(
          "%s: is not empty, expected a new folder; give another or remove it", directory);
    }
  }

  private static List<Shard> shards(List<TensorSpec> tensors, long shardBytes) {
    List<List<TensorSpec>> parts = new ArrayList<>();
    long room = 0;
    for (TensorSpec tensor : tensors) {
      long bytes = rows(tensor) * columns(tensor) * TYPE.bytes();
      if (bytes > room) {
        parts.add(new ArrayList<>());
        room = Math.max(shardBytes, bytes);
      }
      parts.getLast().add(tensor);
      room -= bytes;
    }
    List<Shard> shards = new ArrayList<>();
    for (List<TensorSpec> part : parts) {
      String name = "model-%05d-of-%05d.safetensors".formatted(shards.size() + 1, parts.size());
      shards.add(new Shard(name, part));
    }
    return shards;
  }

  private static void writeAll(Storage storage, Path directory, List<Shard> shards, long seed) {
    int threads = Math.min(shards.size(), Runtime.getRuntime().availableProcessors());
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> running = new ArrayList<>();
      for (Shard shard : shards) {
        running.add(executor.submit(() -> write(storage, directory, shard, seed)));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while writing " + directory, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private static void write(Storage storage, Path directory, Shard shard, long seed) {
    SafetensorsLayout layout = new SafetensorsLayout().metadata("format", "pt");
    for (TensorSpec tensor : shard.tensors()) {
      layout.add(
          tensor.name(), TYPE.name(), tensor.shape().stream().map(Integer::longValue).toList());
    }
    try (FSDataOutputStream out = storage.create(new Path(directory, shard.name()))) {
      out.write(layout.header());
      for (TensorSpec tensor : shard.tensors()) {
        write(out, tensor, seed);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(FSDataOutputStream out, TensorSpec tensor, long seed)
      throws IOException {
    int columns = Math.toIntExact(columns(tensor));
    long rows = rows(tensor);
    RandomWeights weights =
        new RandomWeights(seed, tensor.name(), columns, tensor.shape().size() > 1);
    int rowBytes = columns * TYPE.bytes();
    int band = Math.max(1, BUFFER_BYTES / rowBytes);
    float[] values = new float[columns];
    byte[] buffer = new byte[band * rowBytes];
    for (long first = 0; first < rows; first += band) {
      int count = (int) Math.min(band, rows - first);
      for (int i = 0; i < count; i++) {
        weights.row(first + i, values);
        TYPE.encode(values, 0, buffer, i * rowBytes, columns);
      }
      out.write(buffer, 0, count * rowBytes);
    }
  }

  private static long rows(TensorSpec tensor) {
    return tensor.shape().size() > 1 ? tensor.shape().getFirst() : 1;
  }

  private static long columns(TensorSpec tensor) {
    return tensor.shape().getLast();
  }

  private static Map<String, Object> index(List<Shard> shards) {
    Map<String, String> map = new LinkedHashMap<>();
    long bytes = 0;
    for (Shard shard : shards) {
      for (TensorSpec tensor : shard.tensors()) {
        map.put(tensor.name(), shard.name());
        bytes += rows(tensor) * columns(tensor) * TYPE.bytes();
      }
    }
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("metadata", Map.of("total_size", bytes));
    index.put("weight_map", map);
    return index;
  }

  private static void json(Storage storage, Path file, Map<String, Object> content) {
    try {
      storage.write(file, MAPPER.writeValueAsBytes(content));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
