package io.tritmill.jobs.export;

import io.tritmill.jobs.format.HeaderEntry;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A tensor of an exported file, whose bytes are made when they are written.
 *
 * @param name its name there
 * @param dtype type of its elements, as safetensors spells it
 * @param shape its dimensions
 * @param bytes how many there are
 * @param content makes them
 */
record ExportedTensor(String name, String dtype, List<Long> shape, long bytes, Content content)
    implements HeaderEntry {
  /** What makes the bytes of a tensor. */
  interface Content {
    void write(OutputStream out) throws IOException;
  }
}
