package io.tritmill.jobs.plan;

import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.code.Levels;
import io.tritmill.kernels.code.PlaneCounts;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.kernels.quantize.Need;
import io.tritmill.kernels.quantize.PackedBand;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a run will do.
 *
 * @param model URI of the checkpoint
 * @param modelSha256 fingerprint of its headers, file sizes and times
 * @param recipeName name of the recipe
 * @param recipeSha256 checksum of the recipe with every default written out
 * @param calibration digest of the calibration set; empty when no layer learns from data
 * @param transforms what is done to the whole model first
 * @param tensors every tensor of the checkpoint, in its order
 * @param shards bands of all of them
 * @param forward memory of the forward pass
 * @param warnings sentences that a person should read first
 */
public record Plan(
    String model,
    String modelSha256,
    String recipeName,
    String recipeSha256,
    String calibration,
    Transforms transforms,
    List<PlannedTensor> tensors,
    List<LayerShard> shards,
    ForwardMemory forward,
    List<String> warnings) {

  /**
   * The plan with the number of planes of each row of some layers decided, by the layers' names.
   *
   * <p>Keys of shards stay: the numbers follow from what the keys tell.
   */
  public Plan withPlanes(Map<String, PlaneCounts> planes) {
    Map<String, PlannedTensor> decided = new LinkedHashMap<>();
    for (PlannedTensor tensor : tensors) {
      PlaneCounts counts = planes.get(tensor.tensor().name());
      decided.put(tensor.tensor().name(), counts == null ? tensor : tensor.withPlanes(counts));
    }
    List<LayerShard> same =
        shards.stream()
            .map(shard -> shard.withQuantizer(decided.get(shard.tensor().name()).quantizer()))
            .toList();
    return new Plan(
        model,
        modelSha256,
        recipeName,
        recipeSha256,
        calibration,
        transforms,
        List.copyOf(decided.values()),
        same,
        forward,
        warnings);
  }

  /** The tensors that are quantized. */
  public List<PlannedTensor> layers() {
    return tensors.stream().filter(tensor -> !tensor.kept()).toList();
  }

  /** What becomes of all tensors: together they are the whole checkpoint. */
  public Map<Fate, FateTotals> fates() {
    Map<Fate, FateTotals> fates = new EnumMap<>(Fate.class);
    for (Fate fate : Fate.values()) {
      fates.put(fate, FateTotals.of(tensors, fate));
    }
    return fates;
  }

  /**
   * The embedding where it is compressed before any layer learns: inputs of later layers are then
   * those that it leaves. One that learns is a tied table and fitted last, as the head.
   *
   * @param embedding the model's
   */
  public Optional<PlannedTensor> packedFirst(TensorSpec embedding) {
    return layers().stream()
        .filter(layer -> embedding.equals(layer.spec()) && !layer.learns())
        .findFirst();
  }

  /** Whether layers learn from calibration data. */
  public boolean learns() {
    return layers().stream().anyMatch(PlannedTensor::learns);
  }

  /** Weights of the whole model. */
  public long parameters() {
    return tensors.stream().mapToLong(tensor -> tensor.tensor().elements()).sum();
  }

  /** Weights that are quantized. */
  public long quantizedParameters() {
    return layers().stream().mapToLong(tensor -> tensor.tensor().elements()).sum();
  }

  /** Bytes of all tensors in the checkpoint. */
  public long bytesIn() {
    return tensors.stream().mapToLong(tensor -> tensor.tensor().storedBytes()).sum();
  }

  /** Bytes of all tensors in the output. */
  public long bytesOut() {
    return tensors.stream().mapToLong(PlannedTensor::bytesOut).sum();
  }

  /** Stored bits of a quantized weight, scales and padding counted. */
  public double bitsPerWeight() {
    return 8.0
        * layers().stream().mapToLong(PlannedTensor::bytesOut).sum()
        / Math.max(1, quantizedParameters());
  }

  /** Stored bits of a weight over the whole model, kept tensors counted. */
  public double bitsPerWeightOfModel() {
    return 8.0 * bytesOut() / Math.max(1, parameters());
  }

  /** Matrices that were to be quantized and are kept, with a reason. */
  public long fallbacks() {
    return tensors.stream().filter(PlannedTensor::fallback).count();
  }

  /** Bytes of so many tasks of an executor at its peak: solving layers, or passing to them. */
  long memory(int tasks) {
    return Math.max(tasks * memoryPerTask(), forward.weights() + tasks * forward.task());
  }

  /**
   * Bytes that one task on a layer holds at its peak: the stored band and what is packed of it;
   * where rows are not solved a few at a time, also its floats, the trits and the decoded band;
   * where a layer learns, also what it learned, a factor of it, and the weights as they are moved.
   */
  public long memoryPerTask() {
    return shards.stream().mapToLong(this::memory).max().orElse(0);
  }

  private long memory(LayerShard shard) {
    long weights = (long) shard.rows() * shard.columns();
    TensorInfo tensor = shard.tensor();
    // What rows are made of is held beside them.
    long codes = tensor.dress().sources().isEmpty() ? 0 : tensor.bytes();
    long stored = shard.rows() * (tensor.rowBytes() + codes / tensor.rows());
    if (shard.quantizer() == null) {
      return stored;
    }
    Levels levels = shard.quantizer().levels();
    if (shard.turned() || !PackedBand.inBlocks(shard.quantizer())) {
      long learned = shard.learns() ? learning(shard) : 0;
      return stored + weights * (4 + 4 + 2L * levels.codeBytes()) + learned;
    }
    long packed = levels.bytes(shard.rows(), shard.columns());
    return stored + packed + PackedBand.BLOCK_WEIGHTS * (4L + 4 + 2L * levels.codeBytes());
  }

  private static long learning(LayerShard shard) {
    long rows = shard.rows();
    long columns = shard.columns();
    Set<Need> needs = shard.quantizer().needs();
    boolean metric = needs.contains(Need.OUTPUT_METRIC);
    double squares = (needs.size() + 1.0) * columns * columns;
    double bytes = 4 * (squares + 4.0 * rows * columns) + (metric ? 8.0 * rows * rows : 0);
    return (long) Math.min(bytes, 1L << 60);
  }

  /**
   * Bytes that a core takes beside them where it works on parts of another's task: some rows of the
   * widest layer that learns, and what it packs for products.
   */
  long memoryPerHelper() {
    long columns =
        shards.stream().filter(LayerShard::learns).mapToLong(LayerShard::columns).max().orElse(0);
    long rows = Math.max(1 << 22, 256 * columns);
    return Float.BYTES * (12 * rows + 2 * 512 * columns + (1 << 23));
  }

  /** The plan as a JSON document. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", model);
    json.put("model_sha256", modelSha256);
    json.put("recipe", recipeName);
    json.put("recipe_sha256", recipeSha256);
    json.put("calibration", calibration);
    json.put("transforms", transforms.names());
    json.put("parameters", parameters());
    json.put("quantized_parameters", quantizedParameters());
    json.put("bytes_in", bytesIn());
    json.put("bytes_out", bytesOut());
    json.put("bits_per_weight", bitsPerWeight());
    json.put("bits_per_weight_model", bitsPerWeightOfModel());
    json.put("shards", shards.size());
    json.put("memory_per_task_bytes", memoryPerTask());
    json.put("forward_weights_bytes", forward.weights());
    json.put("forward_task_bytes", forward.task());
    json.put("evaluation_task_bytes", forward.evaluation());
    json.put("fallbacks", fallbacks());
    Map<String, Object> fates = new LinkedHashMap<>();
    fates().forEach((fate, of) -> fates.put(fate.word(), of.toJson()));
    json.put("fates", fates);
    json.put("warnings", warnings);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (PlannedTensor tensor : tensors) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("name", tensor.tensor().name());
      row.put("dtype", tensor.tensor().dtype());
      row.put("shape", tensor.tensor().shape());
      row.put("fate", tensor.fate().word());
      row.put("method", tensor.method());
      row.put("reason", tensor.reason());
      row.put("bits_per_weight", tensor.bitsPerWeight());
      row.put("bytes_in", tensor.tensor().storedBytes());
      row.put("bytes_out", tensor.bytesOut());
      rows.add(row);
    }
    json.put("tensors", rows);
    return json;
  }
}
