package io.tritmill.jobs.format;

import io.tritmill.jobs.storage.Json;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file to be written: its header and, tensor after tensor, the segments that follow.
 *
 * @param name file name
 * @param header length field and JSON, padded to a multiple of eight bytes
 * @param tensors in the order of the file
 */
public record OutputFile(String name, byte[] header, List<OutputTensor> tensors)
    implements Serializable {
  /** Widest elements first, so that every tensor begins at a multiple of its element size. */
  private static final Comparator<OutputTensor> ORDER =
      Comparator.<OutputTensor>comparingInt(tensor -> -elementBytes(tensor))
          .thenComparing(OutputTensor::name);

  /** Lays a file out: orders the tensors and writes the header. */
  static OutputFile of(
      String name, Collection<OutputTensor> tensors, Map<String, String> metadata) {
    List<OutputTensor> ordered = tensors.stream().sorted(ORDER).toList();
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("__metadata__", metadata);
    long offset = 0;
    for (OutputTensor tensor : ordered) {
      Map<String, Object> info = new LinkedHashMap<>();
      info.put("dtype", tensor.dtype());
      info.put("shape", tensor.shape());
      info.put("data_offsets", List.of(offset, offset + tensor.bytes()));
      header.put(tensor.name(), info);
      offset += tensor.bytes();
    }
    return new OutputFile(name, encode(Json.line(header)), ordered);
  }

  /** Number of bytes of the whole file. */
  public long bytes() {
    return header.length + tensors.stream().mapToLong(OutputTensor::bytes).sum();
  }

  private static byte[] encode(String json) {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    int padded = Math.ceilDiv(text.length, 8) * 8;
    ByteBuffer header = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(padded).put(text);
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    return header.array();
  }

  private static int elementBytes(OutputTensor tensor) {
    long elements = tensor.shape().stream().reduce(1L, Math::multiplyExact);
    return elements == 0 ? 0 : Math.toIntExact(tensor.bytes() / elements);
  }
}
