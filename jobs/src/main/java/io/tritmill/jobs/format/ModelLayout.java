package io.tritmill.jobs.format;

import io.tritmill.jobs.plan.LayerShard;
import io.tritmill.jobs.plan.PlannedTensor;
import io.tritmill.jobs.recipe.Transforms;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.kernels.code.FiveTrits;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneLayout;
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

  private static List<OutputTensor> packed(
      PlannedTensor planned, List<LayerShard> bands, Function<LayerShard, String> part) {
    return planned.quantizer().layout().byRow()
        ? packedByRow(planned, part.apply(bands.getFirst()))
        : packedInBands(planned, bands, part);
  }

  /** A part holds all of it, as it stands in the file. */
  private static List<OutputTensor> packedByRow(PlannedTensor planned, String part) {
    String name = planned.tensor().name();
    long trits = planned.tritBytes();
    long scales = planned.scaleBytes();
    long counts = planned.countBytes();
    long groups = planned.quantizer().layout().group().perRow(planned.columns());
    return List.of(
        new OutputTensor(
            name + PackedMetadata.TRITS,
            "U8",
            List.of(trits),
            List.of(new Segment(part, 0, trits))),
        new OutputTensor(
            name + PackedMetadata.SCALES,
            "F16",
            List.of((long) planned.rows(), groups, 1L),
            List.of(new Segment(part, trits, scales))),
        new OutputTensor(
            name + PackedMetadata.PLANES,
            "U8",
            List.of(counts),
            List.of(new Segment(part, trits + scales, counts))));
  }

  /** Trits plane after plane, each the bands' runs joined; scales the bands' rows joined. */
  private static List<OutputTensor> packedInBands(
      PlannedTensor planned, List<LayerShard> bands, Function<LayerShard, String> part) {
    PlaneLayout layout = planned.quantizer().layout();
    String name = planned.tensor().name();
    List<Segment> trits = new ArrayList<>();
    for (int plane = 0; plane < layout.planes(); plane++) {
      for (LayerShard band : bands) {
        long bytes = planeBytes(band);
        trits.add(new Segment(part.apply(band), plane * bytes, bytes));
      }
    }
    boolean oneForAll = layout.group().kind() == Group.Kind.TENSOR;
    List<Segment> scales = new ArrayList<>();
    for (LayerShard band : oneForAll ? bands.subList(0, 1) : bands) {
      scales.add(
          new Segment(
              part.apply(band),
              layout.planes() * planeBytes(band),
              2L * layout.scales(band.rows(), band.columns())));
    }
    long scaleRows = oneForAll ? 1 : planned.rows();
    long groups = layout.group().perRow(planned.columns());
    long perPlane = FiveTrits.bytes(planned.tensor().elements());
    return List.of(
        new OutputTensor(
            name + PackedMetadata.TRITS, "U8", List.of((long) layout.planes(), perPlane), trits),
        new OutputTensor(
            name + PackedMetadata.SCALES,
            "F16",
            List.of(scaleRows, groups, (long) layout.scalesPerGroup()),
            scales));
  }

  private static long planeBytes(LayerShard band) {
    return FiveTrits.bytes((long) band.rows() * band.columns());
  }

  private static PackedEntry entry(PlannedTensor planned) {
    return new PackedEntry(
        planned.rows(),
        planned.columns(),
        planned.quantizer().layout(),
        planned.quantizer().layout().byRow(),
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
