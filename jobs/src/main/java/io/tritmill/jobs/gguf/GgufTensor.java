package io.tritmill.jobs.gguf;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A tensor of a file in the making, whose bytes are made when they are written.
 *
 * @param name its name there
 * @param type of its elements
 * @param shape outermost dimension first, the last of whole blocks
 * @param content makes the bytes
 */
public record GgufTensor(String name, GgufType type, List<Long> shape, Content content) {
  /** What makes the bytes of a tensor. */
  public interface Content {
    /** Writes all of them. */
    void write(OutputStream out) throws IOException;
  }

  public GgufTensor {
    shape = List.copyOf(shape);
  }

  /** Bytes that it has. */
  public long bytes() {
    return type.bytes(shape.stream().reduce(1L, Math::multiplyExact));
  }
}
