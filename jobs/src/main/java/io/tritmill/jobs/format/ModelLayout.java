package io.tritmill.jobs.format;

import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.plan.PlannedTensor;
import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.code.Levels;
import io.tritmill.kernels.code.Piece;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** Lays the packed model out over files: one for each file of the checkpoint. */
public final class ModelLayout {
  private ModelLayout() {}

  /**
   * The files to be written.
   *
   * @param tensors what becomes of each tensor
   * @param transforms what was done to the model before
   * @param shards of all of them, each tensor's in row order
   * @param part URI of the part that holds a shard's band
   */
  public static List<OutputFile> files(
      List<PlannedTensor> tensors,
      Transforms transforms,
      List<LayerShard> shards,
      Function<LayerShard, String> part) {
    Map<String, List<LayerShard>> bands = new LinkedHashMap<>();
    for (LayerShard shard : shards) {
      bands.computeIfAbsent(shard.tensor().name(), name -> new ArrayList<>()).add(shard);
    }
    Map<String, List<PlannedTensor>> byFile = new LinkedHashMap<>();
    for (PlannedTensor tensor : tensors) {
      byFile.computeIfAbsent(tensor.tensor().file(), file -> new ArrayList<>()).add(tensor);
    }
    List<OutputFile> files = new ArrayList<>();
    byFile.forEach(
        (file, inside) -> {
          SortedMap<String, OutputTensor> outputs = new TreeMap<>();
          SortedMap<String, PackedEntry> packed = new TreeMap<>();
          SortedSet<String> inputsFirst = new TreeSet<>();
          for (PlannedTensor tensor : inside) {
            for (OutputTensor output : outputs(tensor, bands, part)) {
              outputs.put(output.name(), output);
            }
            if (!tensor.kept()) {
              packed.put(tensor.tensor().name(), entry(tensor));
            }
            tensor.tensor().inputsFirst().ifPresent(inputsFirst::add);
          }
          String name = byFile.size() == 1 ? "model.safetensors" : baseName(file);
          Map<String, String> metadata = PackedMetadata.write(packed, inputsFirst, transforms);
          files.add(OutputFile.of(name, outputs.values(), metadata));
        });
    return files;
  }

  /** The index of a model of several files; none for a single one. */
  public static Optional<byte[]> index(List<OutputFile> files) {
    if (files.size() == 1) {
      return Optional.empty();
    }
    SortedMap<String, String> weightMap = new TreeMap<>();
    long total = 0;
    for (OutputFile file : files) {
      for (OutputTensor tensor : file.tensors()) {
        weightMap.put(tensor.name(), file.name());
        total += tensor.bytes();
      }
    }
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("metadata", Map.of("total_size", total));
    index.put("weight_map", weightMap);
    return Optional.of(Json.document(index));
  }

  private static List<OutputTensor> outputs(
      PlannedTensor planned,
      Map<String, List<LayerShard>> bands,
      Function<LayerShard, String> part) {
    if (!planned.kept()) {
      return packed(planned, bands.get(planned.tensor().name()), part);
    }
    List<TensorInfo> parts = planned.tensor().parts();
    return parts.isEmpty()
        ? List.of(rewritten(planned, bands, part))
        : parts.stream().map(ModelLayout::kept).toList();
  }

  private static OutputTensor kept(TensorInfo tensor) {
    Segment whole = new Segment(tensor.file(), tensor.offset(), tensor.bytes());
    return new OutputTensor(tensor.name(), tensor.dtype(), tensor.shape(), List.of(whole));
  }

  /** A tensor that is kept in another form than its file has: parts hold its bands. */
  private static OutputTensor rewritten(
      PlannedTensor planned,
      Map<String, List<LayerShard>> bands,
      Function<LayerShard, String> part) {
    TensorInfo tensor = planned.tensor();
    long rowBytes = tensor.elements() == 0 ? 0 : tensor.keptBytes() / planned.rows();
    List<Segment> segments =
        bands.getOrDefault(tensor.name(), List.of()).stream()
            .map(band -> new Segment(part.apply(band), 0, band.rows() * rowBytes))
            .toList();
    return new OutputTensor(tensor.name(), tensor.keptType().name(), tensor.shape(), segments);
  }

  /** Each piece run by run, a run the bands' joined; what all bands share is that of the first. */
  private static List<OutputTensor> packed(
      PlannedTensor planned, List<LayerShard> bands, Function<LayerShard, String> part) {
    Levels levels = planned.quantizer().levels();
    List<OutputTensor> outputs = new ArrayList<>();
    List<Piece> pieces = levels.pieces(planned.rows(), planned.columns());
    for (int i = 0; i < pieces.size(); i++) {
      Piece piece = pieces.get(i);
      List<Segment> segments = new ArrayList<>();
      for (int run = 0; run < piece.runs(); run++) {
        for (LayerShard band : piece.shared() ? bands.subList(0, 1) : bands) {
          List<Piece> own = levels.pieces(band.rows(), band.columns());
          long before = own.subList(0, i).stream().mapToLong(Piece::bytes).sum();
          long bytes = own.get(i).runBytes();
          segments.add(new Segment(part.apply(band), before + run * bytes, bytes));
        }
      }
      String name = planned.tensor().name() + piece.suffix();
      outputs.add(new OutputTensor(name, piece.dtype(), piece.shape(), segments));
    }
    return outputs;
  }

  private static PackedEntry entry(PlannedTensor planned) {
    return new PackedEntry(
        planned.rows(),
        planned.columns(),
        planned.quantizer().levels(),
        planned.tensor().dtype(),
        planned.method());
  }

  private static String baseName(String file) {
    String name = file.substring(file.lastIndexOf('/') + 1);
    return name.endsWith(".safetensors")
        ? name
        : name.replaceFirst("(?i)\\.gguf$", "") + ".safetensors";
  }
}
