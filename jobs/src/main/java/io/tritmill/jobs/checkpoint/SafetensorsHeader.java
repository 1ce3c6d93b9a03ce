package io.tritmill.jobs.checkpoint;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * What a safetensors file says of itself: eight bytes of length, then JSON.
 *
 * <p>A header that was read is sound: names are unique and printable, every tensor's bytes agree
 * with its type and shape, and the tensors fill the file from the header to the end, without holes
 * or overlaps. Nothing but the header is read, and no more memory is taken than it has bytes.
 *
 * @param file URI of the file
 * @param dataStart position of the first byte after the header
 * @param tensors in the order of their bytes
 * @param metadata the {@code __metadata__} strings, by key
 */
public record SafetensorsHeader(
    String file, long dataStart, List<TensorInfo> tensors, Map<String, String> metadata) {
  private static final int LENGTH_BYTES = 8;
  private static final long MAX_HEADER_BYTES = 100_000_000;
  private static final Comparator<TensorInfo> BY_POSITION =
      Comparator.comparingLong(TensorInfo::offset)
          .thenComparingLong(TensorInfo::bytes)
          .thenComparing(TensorInfo::name);

  public SafetensorsHeader {
    tensors = tensors.stream().sorted(BY_POSITION).toList();
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
  }

  /**
   * Reads and checks the header of a file.
   *
   * @throws BadInputException if the file is missing, or no sound safetensors file
   */
  public static SafetensorsHeader read(Storage storage, Path file) {
    String name = file.toString();
    long fileLength = storage.status(file).getLen();
    if (fileLength < LENGTH_BYTES) {
      throw BadInputException.broken(
          "%s: has %d bytes, expected the %d of a safetensors length at least; is the download"
              + " complete?",
          name, fileLength, LENGTH_BYTES);
    }
    try (FSDataInputStream in = storage.openRanges(file)) {
      byte[] length = in.readNBytes(LENGTH_BYTES);
      byte[] json = in.readNBytes(headerLength(name, length, fileLength));
      if (json.length == 0 || json[0] != '{') {
        throw BadInputException.broken(
            "%s: the header begins with byte 0x%02x, expected '{'; is this a safetensors file?",
            name, json.length == 0 ? 0 : json[0]);
      }
      SafetensorsHeader header = SafetensorsJson.parse(name, json, LENGTH_BYTES + json.length);
      header.requireFilled(fileLength);
      return header;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int headerLength(String file, byte[] bytes, long fileLength) {
    if (bytes.length == LENGTH_BYTES) {
      long length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (length >= 2 && length <= Math.min(MAX_HEADER_BYTES, fileLength - LENGTH_BYTES)) {
        return (int) length;
      }
      // A short file's own length may begin like a pickle; one beyond the cap is no length at all.
      if (Long.compareUnsigned(length, MAX_HEADER_BYTES) > 0 && Pickle.begins(bytes)) {
        throw Pickle.refused(file);
      }
      throw BadInputException.broken(
          "%s: the header's length is %s, expected 2 to %d in a file of %d bytes; is the download"
              + " complete?",
          file,
          Long.toUnsignedString(length),
          Math.min(MAX_HEADER_BYTES, fileLength - LENGTH_BYTES),
          fileLength);
    }
    throw BadInputException.broken("%s: ended while its header was read; was it replaced?", file);
  }

  private void requireFilled(long fileLength) {
    long at = dataStart;
    String before = "the header";
    for (TensorInfo tensor : tensors) {
      String name = "tensor " + Printable.of(tensor.name());
      if (tensor.offset() < at) {
        throw BadInputException.broken(
            "%s: %s begins at byte %d, inside %s, which ends at %d; tensors must not overlap",
            file, name, tensor.offset(), before, at);
      }
      if (tensor.offset() + tensor.bytes() > fileLength) {
        throw BadInputException.broken(
            "%s: %s ends at byte %d but the file has %d; is the download complete?",
            file, name, tensor.offset() + tensor.bytes(), fileLength);
      }
      if (tensor.offset() > at) {
        throw BadInputException.broken(
            "%s: %s begins at byte %d, but %s ends at %d; expected no hole between them",
            file, name, tensor.offset(), before, at);
      }
      at += tensor.bytes();
      before = name;
    }
    if (at != fileLength) {
      throw BadInputException.broken(
          "%s: %s ends at byte %d but the file has %d; expected nothing after the last tensor",
          file, before, at, fileLength);
    }
  }
}
