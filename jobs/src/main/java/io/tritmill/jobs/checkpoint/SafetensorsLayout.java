package io.tritmill.jobs.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tritmill.jobs.tensor.TensorInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A safetensors file that is about to be written: what its header says, and where each tensor will
 * lie.
 *
 * <p>Tensors lie in the order in which they are added, one right after the other.
 */
public final class SafetensorsLayout {
  private static final int ALIGNMENT = 8;

  private final Map<String, String> metadata = new TreeMap<>();
  private final LinkedHashMap<String, TensorInfo> tensors = new LinkedHashMap<>();
  private long dataBytes;

  /** Says something about the file, in {@code __metadata__}. */
  public SafetensorsLayout metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * Adds a tensor.
   *
   * @throws IllegalArgumentException if the name is taken or the type unknown
   */
  public SafetensorsLayout add(String name, String dtype, List<Long> shape) {
    ElementType type =
        ElementType.of(dtype)
            .orElseThrow(() -> new IllegalArgumentException("Unknown dtype " + dtype));
    long bytes = type.bytes(shape.stream().reduce(1L, Math::multiplyExact));
    TensorInfo tensor = new TensorInfo(name, dtype, List.copyOf(shape), "", dataBytes, bytes);
    if (tensors.putIfAbsent(name, tensor) != null) {
      throw new IllegalArgumentException("Two tensors of the name " + name);
    }
    dataBytes = Math.addExact(dataBytes, bytes);
    return this;
  }

  /** Bytes of all tensors. */
  public long dataBytes() {
    return dataBytes;
  }

  /** The file's first bytes: length, JSON, and spaces up to a multiple of eight. */
  public byte[] header() {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator out = new JsonFactory().createGenerator(json)) {
      write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    while (json.size() % ALIGNMENT != 0) {
      json.write(' ');
    }
    return ByteBuffer.allocate(Long.BYTES + json.size())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.size())
        .put(json.toByteArray())
        .array();
  }

  private void write(JsonGenerator out) throws IOException {
    out.writeStartObject();
    if (!metadata.isEmpty()) {
      out.writeObjectFieldStart("__metadata__");
      for (Map.Entry<String, String> entry : metadata.entrySet()) {
        out.writeStringField(entry.getKey(), entry.getValue());
      }
      out.writeEndObject();
    }
    for (TensorInfo tensor : tensors.values()) {
      out.writeObjectFieldStart(tensor.name());
      out.writeStringField("dtype", tensor.dtype());
      out.writeArrayFieldStart("shape");
      for (long dimension : tensor.shape()) {
        out.writeNumber(dimension);
      }
      out.writeEndArray();
      out.writeArrayFieldStart("data_offsets");
      out.writeNumber(tensor.offset());
      out.writeNumber(tensor.offset() + tensor.bytes());
      out.writeEndArray();
      out.writeEndObject();
    }
    out.writeEndObject();
  }

  /** The header as it will be read from a file of this URI. */
  public SafetensorsHeader at(String file) {
    long start = header().length;
    List<TensorInfo> placed =
        tensors.values().stream()
            .map(
                t ->
                    new TensorInfo(
                        t.name(), t.dtype(), t.shape(), file, start + t.offset(), t.bytes()))
            .toList();
    return new SafetensorsHeader(file, start, placed, metadata);
  }
}
