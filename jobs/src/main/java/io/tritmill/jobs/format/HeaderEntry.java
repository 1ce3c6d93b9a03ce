package io.tritmill.jobs.format;

import io.tritmill.jobs.storage.Json;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the header of a safetensors file says of a tensor. */
public interface HeaderEntry {
  /** Its name. */
  String name();

  /** Type of its elements, as safetensors spells it. */
  String dtype();

  /** Its dimensions. */
  List<Long> shape();

  /** How many bytes it has. */
  long bytes();

  /** Tensors in the order of a file: widest elements first, so that each begins at a multiple. */
  static <T extends HeaderEntry> List<T> ordered(Collection<T> tensors) {
    return tensors.stream()
        .sorted(
            Comparator.<T>comparingInt(tensor -> -elementBytes(tensor))
                .thenComparing(HeaderEntry::name))
        .toList();
  }

  private static int elementBytes(HeaderEntry tensor) {
    long elements = tensor.shape().stream().reduce(1L, Math::multiplyExact);
    return elements == 0 ? 0 : Math.toIntExact(tensor.bytes() / elements);
  }

  /**
   * Length field and JSON of a file, padded to a multiple of eight bytes.
   *
   * @param tensors in the order of the file
   */
  static byte[] header(List<? extends HeaderEntry> tensors, Map<String, String> metadata) {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("__metadata__", metadata);
    long offset = 0;
    for (HeaderEntry tensor : tensors) {
      Map<String, Object> info = new LinkedHashMap<>();
      info.put("dtype", tensor.dtype());
      info.put("shape", tensor.shape());
      info.put("data_offsets", List.of(offset, offset + tensor.bytes()));
      header.put(tensor.name(), info);
      offset += tensor.bytes();
    }
    byte[] text = Json.line(header).getBytes(StandardCharsets.UTF_8);
    int padded = Math.ceilDiv(text.length, 8) * 8;
    ByteBuffer bytes = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(padded).put(text);
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    return bytes.array();
  }
}
