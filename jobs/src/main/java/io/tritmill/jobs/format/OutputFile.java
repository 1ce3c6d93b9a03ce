package io.tritmill.jobs.format;

import java.io.Serializable;
import java.util.Collection;
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
  /** Lays a file out: orders the tensors and writes the header. */
  static OutputFile of(
      String name, Collection<OutputTensor> tensors, Map<String, String> metadata) {
    List<OutputTensor> ordered = HeaderEntry.ordered(tensors);
    return new OutputFile(name, HeaderEntry.header(ordered, metadata), ordered);
  }

  /** Number of bytes of the whole file. */
  public long bytes() {
    return header.length + tensors.stream().mapToLong(OutputTensor::bytes).sum();
  }
}
