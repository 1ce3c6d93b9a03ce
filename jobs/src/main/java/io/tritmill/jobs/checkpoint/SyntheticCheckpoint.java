package io.tritmill.jobs.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.model.Architecture;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.model.describe.StoredTensors;
import io.tritmill.kernels.model.family.ModelFamily;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;

/**
 * A checkpoint of random weights in the shape of a known model, to measure speed and memory with
 * where no such model is at hand.
 *
 * <p>BF16, or with linear modules as 8-bit floats where the shape says so; shards with an index,
 * config.json, no tokenizer. Weights depend on the seed and the tensor's name alone. They are
 * written as they are made: memory does not grow with the shape.
 */
public final class SyntheticCheckpoint {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private SyntheticCheckpoint() {}

  /** A file of the checkpoint and what goes into it. */
  private record Shard(String name, List<SyntheticTensor> tensors) {}

  /**
   * Writes one, shards in parallel, the index and config.json last.
   *
   * @return the checkpoint, opened and checked
   * @throws BadInputException if there is something in the directory
   */
  public static Checkpoint write(Storage storage, Path directory, SyntheticShape shape, long seed) {
    requireEmpty(storage, directory);
    List<Shard> shards = shards(shape);
    writeAll(directory, shards, shard -> write(storage, directory, shard, seed));
    end(storage, directory, shape, shards);
    Checkpoint checkpoint = Checkpoint.open(storage, directory);
    checkpoint.check();
    return checkpoint;
  }

  /**
   * Writes one whose files are all header and hole: as long as those of {@link #write}, and yet
   * without room on a disk. Good for planning; its weights are zero.
   *
   * @throws BadInputException if there is something in the directory, or it is not a local one
   */
  public static void writeHeaders(Storage storage, Path directory, SyntheticShape shape) {
    requireEmpty(storage, directory);
    if (!"file".equals(directory.toUri().getScheme())) {
      throw BadInputException.usage(
          "--headers-only writes files with holes, which %s cannot hold; give a local --output",
          directory);
    }
    List<Shard> shards = shards(shape);
    java.nio.file.Path local = java.nio.file.Path.of(directory.toUri().getPath());
    try {
      Files.createDirectories(local);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    writeAll(directory, shards, shard -> writeHeader(local.resolve(shard.name()), shard));
    end(storage, directory, shape, shards);
  }

  private static void writeHeader(java.nio.file.Path file, Shard shard) {
    byte[] header = layout(shard).header();
    long bytes = shard.tensors().stream().mapToLong(SyntheticTensor::bytes).sum();
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(header);
      out.setLength(header.length + bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Index and configuration, which come last. */
  private static void end(
      Storage storage, Path directory, SyntheticShape shape, List<Shard> shards) {
    json(storage, new Path(directory, "model.safetensors.index.json"), index(shards));
    json(storage, new Path(directory, "config.json"), shape.config());
  }

  /**
   * Writes config.json alone, which is enough to plan with.
   *
   * @return the checkpoint as config.json describes it
   * @throws BadInputException if there is something in the directory
   */
  public static Checkpoint describe(Storage storage, Path directory, SyntheticShape shape) {
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

  private static List<Shard> shards(SyntheticShape shape) {
    ConfigValues values = new ConfigValues(shape.config());
    Architecture model =
        ModelFamily.of(shape.modelType())
            .orElseThrow()
            .describe(values, StoredTensors.none(ConfiguredModel.MOST_BLOCKS));
    Set<TensorSpec> scaled = new HashSet<>();
    if (shape.float8()) {
      model.modules().forEach(module -> scaled.add(module.weight()));
    }
    List<SyntheticTensor> tensors =
        model.tensors().stream()
            .flatMap(
                spec ->
                    (scaled.contains(spec)
                            ? SyntheticTensor.scaled(spec)
                            : SyntheticTensor.plain(spec))
                        .stream())
            .toList();
    return shards(tensors, shape.shardBytes());
  }

  private static List<Shard> shards(List<SyntheticTensor> tensors, long shardBytes) {
    List<List<SyntheticTensor>> parts = new ArrayList<>();
    long room = 0;
    for (SyntheticTensor tensor : tensors) {
      long bytes = tensor.bytes();
      if (bytes > room) {
        parts.add(new ArrayList<>());
        room = Math.max(shardBytes, bytes);
      }
      parts.getLast().add(tensor);
      room -= bytes;
    }
    List<Shard> shards = new ArrayList<>();
    for (List<SyntheticTensor> part : parts) {
      String name = "model-%05d-of-%05d.safetensors".formatted(shards.size() + 1, parts.size());
      shards.add(new Shard(name, part));
    }
    return shards;
  }

  private static void writeAll(Path directory, List<Shard> shards, Consumer<Shard> write) {
    int threads = Math.min(shards.size(), Runtime.getRuntime().availableProcessors());
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> running = new ArrayList<>();
      for (Shard shard : shards) {
        running.add(executor.submit(() -> write.accept(shard)));
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
    try (FSDataOutputStream out = storage.create(new Path(directory, shard.name()))) {
      out.write(layout(shard).header());
      for (SyntheticTensor tensor : shard.tensors()) {
        tensor.write(out, seed);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SafetensorsLayout layout(Shard shard) {
    SafetensorsLayout layout = new SafetensorsLayout().metadata("format", "pt");
    shard.tensors().forEach(tensor -> layout.add(tensor.name(), tensor.dtype(), tensor.shape()));
    return layout;
  }

  private static Map<String, Object> index(List<Shard> shards) {
    Map<String, String> map = new LinkedHashMap<>();
    long bytes = 0;
    for (Shard shard : shards) {
      for (SyntheticTensor tensor : shard.tensors()) {
        map.put(tensor.name(), shard.name());
        bytes += tensor.bytes();
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
