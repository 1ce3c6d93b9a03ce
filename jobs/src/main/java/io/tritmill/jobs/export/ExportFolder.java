package io.tritmill.jobs.export;

import io.tritmill.jobs.checkpoint.Companion;
import io.tritmill.jobs.format.HeaderEntry;
import io.tritmill.jobs.storage.Json;
import io.tritmill.jobs.storage.Publication;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.storage.StrictJson;
import io.tritmill.jobs.tensor.TensorInfo;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * Writes the files of an exported checkpoint, config.json last: without it nothing opens the
 * folder, so that what is half written does not look whole.
 */
final class ExportFolder {
  private static final int BUFFER = 1 << 20;

  private final Storage storage;
  private final PackedRun model;
  private final Map<String, Held> held = new HashMap<>();
  private final Path output;

  ExportFolder(Storage storage, PackedRun model, List<Held> held, Path output) {
    this.storage = storage;
    this.model = model;
    held.forEach(one -> this.held.put(one.layer().name(), one));
    this.output = output;
  }

  /**
   * Writes everything.
   *
   * @param quantization for config.json; empty where weights are plain
   * @param card README.md
   */
  void write(Optional<Map<String, Object>> quantization, String card) {
    SortedMap<String, String> index = new TreeMap<>();
    long total = 0;
    for (String file : model.checkpoint().files()) {
      String name = new Path(file).getName();
      List<ExportedTensor> tensors = HeaderEntry.ordered(tensors(file));
      writeTensors(new Path(output, name), tensors);
      tensors.forEach(tensor -> index.put(tensor.name(), name));
      total += tensors.stream().mapToLong(ExportedTensor::bytes).sum();
    }
    if (model.checkpoint().files().size() > 1) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("metadata", Map.of("total_size", total));
      json.put("weight_map", index);
      storage.publish(new Path(output, "model.safetensors.index.json"), Json.document(json));
    }
    storage.publish(new Path(output, "README.md"), card.getBytes(StandardCharsets.UTF_8));
    byte[] config = null;
    for (Companion companion : model.checkpoint().companions()) {
      byte[] content = companion.read(storage);
      if (companion.name().equals("config.json")) {
        config = config(companion.name(), content, quantization);
      } else {
        storage.publish(new Path(output, companion.name()), content);
      }
    }
    if (config != null) {
      storage.publish(new Path(output, "config.json"), config);
    }
  }

  private static byte[] config(
      String name, byte[] content, Optional<Map<String, Object>> quantization) {
    Map<String, Object> config = StrictJson.object(name, content);
    config.remove("quantization_config");
    quantization.ifPresent(of -> config.put("quantization_config", of));
    return StrictJson.document(config);
  }

  private List<ExportedTensor> tensors(String file) {
    List<ExportedTensor> tensors = new ArrayList<>();
    model.layers().get(file).forEach(layer -> tensors.addAll(held.get(layer.name()).tensors()));
    for (TensorInfo kept : model.kept().get(file)) {
      tensors.add(
          new ExportedTensor(
              kept.name(), kept.dtype(), kept.shape(), kept.bytes(), out -> copy(kept, out)));
    }
    return tensors;
  }

  private void writeTensors(Path file, List<ExportedTensor> tensors) {
    try (Publication publication = storage.publication(file, "exporting")) {
      OutputStream out = new BufferedOutputStream(publication.stream(), BUFFER);
      out.write(HeaderEntry.header(tensors, Map.of("format", "pt")));
      for (ExportedTensor tensor : tensors) {
        tensor.content().write(out);
      }
      out.flush();
      publication.commit();
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }

  private void copy(TensorInfo tensor, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER];
    try (FSDataInputStream in = storage.openRanges(new Path(tensor.file()))) {
      in.seek(tensor.offset());
      for (long left = tensor.bytes(); left > 0; ) {
        int some = (int) Math.min(left, buffer.length);
        in.readFully(buffer, 0, some);
        out.write(buffer, 0, some);
        left -= some;
      }
    }
  }
}
