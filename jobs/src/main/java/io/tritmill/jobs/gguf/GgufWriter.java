package io.tritmill.jobs.gguf;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.storage.Publication;
import io.tritmill.jobs.storage.Storage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * Writes the GGUF files of a model, a tensor after the other: version 3, little endian.
 *
 * <p>The first of several files has all keys, the others what tells that they are parts.
 */
public final class GgufWriter {
  private static final int VERSION = 3;
  private static final int ALIGNMENT = 32;
  private static final int BUFFER = 1 << 20;

  /** Bytes of a name and the zero behind it that ggml has room for. */
  private static final int NAME_BYTES = 64;

  private final Storage storage;
  private final Map<String, Object> keys;
  private final List<GgufTensor> tensors;

  /**
   * A model to be written.
   *
   * @param keys values by key, as {@link GgufValueWriter} tells their types apart
   * @param tensors in the order of the files
   * @throws BadInputException if a tensor has a name that ggml has no room for
   */
  public GgufWriter(Storage storage, Map<String, Object> keys, List<GgufTensor> tensors) {
    this.storage = storage;
    this.keys = new LinkedHashMap<>(keys);
    this.tensors = List.copyOf(tensors);
    for (GgufTensor tensor : tensors) {
      int bytes = tensor.name().getBytes(StandardCharsets.UTF_8).length;
      if (bytes >= NAME_BYTES) {
        throw BadInputException.unsupported(
            "tensor %s has a name of %d bytes, but ggml has room for %d; export to another format",
            Printable.of(tensor.name()), bytes, NAME_BYTES - 1);
      }
    }
  }

  /**
   * Writes it.
   *
   * @param file whose name ends in {@code .gguf}
   * @param partBytes that the tensors of a file may have together, unless it is a single one
   * @return the files: the one, or parts whose names say so
   */
  public List<Path> write(Path file, long partBytes) {
    List<List<GgufTensor>> parts = parts(partBytes);
    List<Path> files = new ArrayList<>();
    for (int part = 0; part < parts.size(); part++) {
      files.add(GgufFiles.part(file, part, parts.size()));
    }
    // The first has the keys, without which the others are nothing: it comes last.
    for (int part = parts.size() - 1; part >= 0; part--) {
      write(files.get(part), partKeys(part, parts.size()), parts.get(part));
    }
    return files;
  }

  private List<List<GgufTensor>> parts(long partBytes) {
    List<List<GgufTensor>> parts = new ArrayList<>();
    long left = 0;
    for (GgufTensor tensor : tensors) {
      if (parts.isEmpty() || tensor.bytes() > left) {
        parts.add(new ArrayList<>());
        left = partBytes;
      }
      parts.getLast().add(tensor);
      left -= tensor.bytes();
    }
    return parts.isEmpty() ? List.of(List.of()) : parts;
  }

  private Map<String, Object> partKeys(int part, int parts) {
    Map<String, Object> own = new LinkedHashMap<>(part == 0 ? keys : Map.of());
    if (parts > 1) {
      own.put("split.no", (short) part);
      own.put("split.count", (short) parts);
      own.put("split.tensors.count", new GgufValueWriter.Signed(tensors.size()));
    }
    return own;
  }

  private void write(Path file, Map<String, Object> own, List<GgufTensor> content) {
    try (Publication publication = storage.publication(file, "exporting")) {
      OutputStream out = new BufferedOutputStream(publication.stream(), BUFFER);
      write(out, own, content);
      out.flush();
      publication.commit();
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }

  private static void write(OutputStream out, Map<String, Object> own, List<GgufTensor> content)
      throws IOException {
    GgufValueWriter header = new GgufValueWriter();
    header.bytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    header.i32(VERSION);
    header.i64(content.size());
    header.i64(own.size());
    own.forEach(header::entry);
    long offset = 0;
    for (GgufTensor tensor : content) {
      header.string(tensor.name());
      header.i32(tensor.shape().size());
      tensor.shape().reversed().forEach(header::i64);
      header.i32(tensor.type().number());
      header.i64(offset);
      offset = padded(offset + tensor.bytes());
    }
    header.zeros((int) (padded(header.size()) - header.size()));
    header.writeTo(out);
    for (GgufTensor tensor : content) {
      tensor.content().write(out);
      out.write(new byte[(int) (padded(tensor.bytes()) - tensor.bytes())]);
    }
  }

  private static long padded(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }
}
