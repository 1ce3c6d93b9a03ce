package io.tritmill.jobs.checkpoint;

import io.tritmill.jobs.storage.StrictJson;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.model.config.ConfigValues;
import io.tritmill.kernels.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * The tensors of a model of which only config.json is there, laid out over shards as hubs do: so a
 * run can be planned before anything is downloaded.
 */
final class DescribedCheckpoint {
  private static final long SHARD_BYTES = 5_000_000_000L;

  private DescribedCheckpoint() {}

  static Checkpoint of(Path directory, byte[] config) {
    String file = new Path(directory, "config.json").toString();
    ConfigValues values = new ConfigValues(StrictJson.object(file, config));
    DType type = type(values);
    List<TensorInfo> tensors = new ArrayList<>();
    int shard = 0;
    long offset = SHARD_BYTES;
    for (TensorSpec spec : new ConfiguredModel(file, values, NamedTensors.none()).described()) {
      List<Long> shape = spec.shape().stream().map(Integer::longValue).toList();
      long bytes = type.bytes() * shape.stream().reduce(1L, Math::multiplyExact);
      if (offset + bytes > SHARD_BYTES) {
        shard++;
        offset = 0;
      }
      String name = new Path(directory, "model-%05d.safetensors".formatted(shard)).toString();
      tensors.add(new TensorInfo(spec.name(), type.name(), shape, name, offset, bytes));
      offset += bytes;
    }
    return Checkpoint.described(directory, tensors, config);
  }

  /** What the weights will be stored as; BF16 where config.json does not say. */
  private static DType type(ConfigValues values) {
    Map<String, DType> types =
        Map.of("float32", DType.F32, "float16", DType.F16, "bfloat16", DType.BF16);
    Object named = values.values().getOrDefault("dtype", values.values().get("torch_dtype"));
    String name = String.valueOf(named).toLowerCase(Locale.ROOT).replace("torch.", "");
    return types.getOrDefault(name, DType.BF16);
  }
}
