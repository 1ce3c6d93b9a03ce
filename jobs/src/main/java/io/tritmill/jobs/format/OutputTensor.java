package io.tritmill.jobs.format;

import java.io.Serializable;
import java.util.List;

/**
 * A tensor of an output file and the segments that it is made of.
 *
 * @param name name in the output
 * @param dtype element type as safetensors spells it
 * @param shape dimensions
 * @param segments its bytes, in order
 */
public record OutputTensor(String name, String dtype, List<Long> shape, List<Segment> segments)
    implements HeaderEntry, Serializable {
  @Override
  public long bytes() {
    return segments.stream().mapToLong(Segment::bytes).sum();
  }
}
