package io.tritmill.jobs.inspect;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.checkpoint.SafetensorsHeader;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.format.PackedMetadata;
import io.tritmill.jobs.gguf.GgufArray;
import io.tritmill.jobs.gguf.GgufHeader;
import io.tritmill.jobs.inspect.Inspection.Table;
import io.tritmill.jobs.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;

/** Headers as listings: which facts, and which columns. */
final class Listings {
  private Listings() {}

  static Inspection safetensors(SafetensorsHeader header) {
    Map<String, Object> summary = tensorSummary(header.tensors());
    if (!header.metadata().isEmpty()) {
      summary.put("metadata", header.metadata());
    }
    return new Inspection(
        header.file(), "safetensors", summary, List.of(tensorTable(header.tensors())));
  }

  static Inspection checkpoint(Checkpoint checkpoint) {
    Map<String, Object> summary = new LinkedHashMap<>();
    List<Table> tables = new ArrayList<>();
    try {
      checkpoint.modelType().ifPresent(type -> summary.put("model_type", type));
      if (PackedMetadata.isPacked(checkpoint.metadata())) {
        summary.put("usable", "yes, packed by Tritmill: evaluate it, or verify its run");
      } else {
        checkpoint.check();
        summary.put("usable", "yes");
      }
      tables.add(
          new Table(
              "remarks",
              List.of("remark"),
              checkpoint.remarks().stream().map(List::<Object>of).toList()));
    } catch (BadInputException e) {
      summary.put("usable", "no: " + e.getMessage());
    }
    summary.put("files", checkpoint.files().size());
    summary.putAll(tensorSummary(checkpoint.tensors()));
    if (!checkpoint.metadata().isEmpty()) {
      summary.put("metadata", checkpoint.metadata());
    }
    tables.add(tensorTable(checkpoint.tensors()));
    return new Inspection(checkpoint.directory().toString(), "checkpoint", summary, tables);
  }

  private static Map<String, Object> tensorSummary(List<TensorInfo> tensors) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("tensors_count", tensors.size());
    summary.put("elements", tensors.stream().mapToLong(TensorInfo::elements).sum());
    summary.put("bytes", tensors.stream().mapToLong(TensorInfo::storedBytes).sum());
    summary.put(
        "dtypes",
        tensors.stream()
            .collect(
                Collectors.groupingBy(TensorInfo::dtype, TreeMap::new, Collectors.counting())));
    return summary;
  }

  private static Table tensorTable(List<TensorInfo> tensors) {
    List<List<Object>> rows =
        tensors.stream()
            .map(
                tensor ->
                    List.<Object>of(
                        tensor.name(),
                        tensor.dtype(),
                        tensor.shape(),
                        tensor.storedBytes(),
                        new Path(tensor.file()).getName(),
                        tensor.offset()))
            .toList();
    return new Table("tensors", List.of("name", "dtype", "shape", "bytes", "file", "offset"), rows);
  }

  static Inspection gguf(Path path, GgufHeader header) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("version", header.version());
    summary.put("alignment", header.alignment());
    summary.put("keys_count", header.values().size());
    summary.put("tensors_count", header.tensors().size());
    summary.put("elements", header.tensors().stream().mapToLong(t -> t.elements()).sum());
    summary.put(
        "types",
        header.tensors().stream()
            .collect(Collectors.groupingBy(Listings::type, TreeMap::new, Collectors.counting())));
    List<List<Object>> keys = new ArrayList<>();
    header
        .values()
        .forEach(
            (key, value) ->
                keys.add(List.of(key, value instanceof GgufArray array ? array.shown() : value)));
    List<List<Object>> tensors =
        header.tensors().stream()
            .map(t -> List.<Object>of(t.name(), type(t), t.shape(), bytes(t), t.offset()))
            .toList();
    return new Inspection(
        path.toString(),
        "gguf",
        summary,
        List.of(
            new Table("keys", List.of("key", "value"), keys),
            new Table("tensors", List.of("name", "type", "shape", "bytes", "offset"), tensors)));
  }

  private static String type(GgufHeader.Tensor tensor) {
    return tensor.type().map(Enum::name).orElse("type " + tensor.typeNumber());
  }

  private static Object bytes(GgufHeader.Tensor tensor) {
    return tensor.bytes().<Object>map(bytes -> bytes).orElse("unknown");
  }

  static Inspection arrow(Path path, ArrowHeader header) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("rows", header.rows());
    summary.put("batches", header.batches());
    if (header.dictionaries() > 0) {
      summary.put("dictionary_batches", header.dictionaries());
    }
    header.compression().ifPresent(codec -> summary.put("compression", codec));
    if (!header.ended()) {
      summary.put("end_mark", "missing: the stream may be broken off between two messages");
    }
    return new Inspection(
        path.toString(),
        header.stream() ? "arrow stream" : "arrow file",
        summary,
        List.of(columns(header.columns())));
  }

  static Table columns(Map<String, String> columns) {
    List<List<Object>> rows = new ArrayList<>();
    columns.forEach((name, type) -> rows.add(List.of(name, type)));
    return new Table("columns", List.of("name", "type"), rows);
  }
}
