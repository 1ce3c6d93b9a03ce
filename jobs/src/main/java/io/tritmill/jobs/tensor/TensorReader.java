package io.tritmill.jobs.tensor;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.kernels.simd.Simd;
import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.EncodedRows;
import io.tritmill.kernels.tensor.Encoding;
import io.tritmill.kernels.tensor.Matrix;
import io.tritmill.kernels.tensor.WeightRows;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * Reads byte ranges of tensors; one task's reader, not thread-safe.
 *
 * <p>Each file is opened once, at its first use, and stays open until the reader is closed. Bytes
 * pass through one buffer that grows to the largest band asked for. Rows are the last dimension's;
 * a vector is one row.
 */
public final class TensorReader implements AutoCloseable {
  private final Storage storage;
  private final Map<String, FSDataInputStream> streams = new HashMap<>();
  private byte[] scratch = new byte[0];

  public TensorReader(Storage storage) {
    this.storage = storage;
  }

  /**
   * Reads {@code count} bytes of a tensor's rows in order, from their byte {@code firstByte} on,
   * into {@code into[at]}.
   *
   * @throws BadInputException if the file ends before
   * @throws IndexOutOfBoundsException if the tensor or the array has no such range
   */
  public void read(TensorInfo tensor, long firstByte, byte[] into, int at, int count) {
    Objects.checkFromIndexSize(firstByte, count, tensor.readBytes());
    Objects.checkFromIndexSize(at, count, into.length);
    tensor.dress().read(tensor, this::readStored, firstByte, into, at, count);
  }

  private void readStored(TensorInfo tensor, long firstByte, byte[] into, int at, int count) {
    try {
      stream(tensor.file()).readFully(tensor.offset() + firstByte, into, at, count);
      Tasks.addBytesRead(count);
    } catch (EOFException e) {
      throw BadInputException.broken(
          "%s: ended inside tensor %s, expected %d bytes from byte %d on; did the file change?",
          tensor.file(), Printable.of(tensor.name()), count, tensor.offset() + firstByte);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same, as a new array. */
  public byte[] bytes(TensorInfo tensor, long firstByte, int count) {
    byte[] bytes = new byte[count];
    read(tensor, firstByte, bytes, 0, count);
    return bytes;
  }

  /**
   * Decodes rows {@code [firstRow, firstRow + count)}.
   *
   * @throws BadInputException if the file ends before, the type is no {@link Encoding}, or a value
   *     is not finite
   */
  public Matrix rows(TensorInfo tensor, int firstRow, int count) {
    Matrix band = Matrix.zeros(count, Math.toIntExact(tensor.columns()));
    rows(tensor, firstRow, count, band.values());
    return band;
  }

  /** The same, into the first {@code count * columns} elements of an array. */
  public void rows(TensorInfo tensor, int firstRow, int count, float[] into) {
    Encoding type = requireWeights(tensor);
    Objects.checkFromIndexSize(firstRow, count, tensor.rows());
    int elements = Math.toIntExact(Math.multiplyExact(count, tensor.columns()));
    int bytes = Math.toIntExact(type.bytes(elements));
    if (scratch.length < bytes) {
      scratch = new byte[bytes];
    }
    read(tensor, Math.multiplyExact(firstRow, tensor.rowBytes()), scratch, 0, bytes);
    type.decode(scratch, 0, into, 0, elements);
    requireFinite(tensor, firstRow, into, elements);
  }

  /**
   * A whole matrix in memory in its smallest form: codes and their scales where it is made of such,
   * else its rows as they are read.
   *
   * @throws BadInputException as {@link #encoded}
   */
  public WeightRows held(TensorInfo tensor) {
    requireWeights(tensor);
    requireSize(tensor, tensor.heldBytes());
    Optional<WeightRows> smaller = tensor.dress().held(tensor, this::readStored);
    if (smaller.isEmpty()) {
      return encoded(tensor);
    }
    requireFinite(tensor, 0, smaller.get());
    return smaller.get();
  }

  /**
   * Requires that scales, and whatever else the rows of a tensor are made with, are sound.
   *
   * @throws BadInputException if they are not, or the file ends before
   */
  public void requireSound(TensorInfo tensor) {
    tensor.dress().requireSound(tensor, this::readStored);
  }

  private static void requireSize(TensorInfo tensor, long bytes) {
    if (bytes > Integer.MAX_VALUE - 8) {
      throw BadInputException.unsupported(
          "%s: tensor %s has %d bytes, expected less than 2 GiB",
          tensor.file(), Printable.of(tensor.name()), bytes);
    }
  }

  /**
   * A whole matrix or vector in memory, its rows encoded as they are read.
   *
   * @throws BadInputException as {@link #rows}, and if the tensor has 2 GiB or more
   */
  public EncodedRows encoded(TensorInfo tensor) {
    Encoding type = requireWeights(tensor);
    requireSize(tensor, tensor.readBytes());
    EncodedRows rows =
        new EncodedRows(
            Math.toIntExact(tensor.rows()),
            Math.toIntExact(tensor.columns()),
            type,
            bytes(tensor, 0, (int) tensor.readBytes()));
    requireFinite(tensor, 0, rows);
    return rows;
  }

  /**
   * Requires that stored rows have neither NaN nor infinity.
   *
   * @param firstRow the tensor's row that is the first of them
   * @throws BadInputException naming the first row and column that has
   */
  public static void requireFinite(TensorInfo tensor, long firstRow, WeightRows rows) {
    float[] row = new float[rows.columns()];
    for (int r = 0; r < rows.rows(); r++) {
      rows.decode(r, 1, row, 0);
      requireFinite(tensor, firstRow + r, row, row.length);
    }
  }

  /**
   * Requires that decoded rows have neither NaN nor infinity.
   *
   * @param firstRow the tensor's row that {@code values[0]} begins
   * @param elements how many values to look at
   */
  private static void requireFinite(
      TensorInfo tensor, long firstRow, float[] values, int elements) {
    int at = Simd.firstNonFinite(values, 0, elements);
    if (at >= 0) {
      throw BadInputException.broken(
          "%s: tensor %s has %s in row %d, column %d, expected finite weights; was the training"
              + " stable and the download complete?",
          tensor.file(),
          Printable.of(tensor.name()),
          values[at],
          firstRow + at / tensor.columns(),
          at % tensor.columns());
    }
  }

  private static Encoding requireWeights(TensorInfo tensor) {
    return tensor
        .encoding()
        .orElseThrow(
            () ->
                BadInputException.unsupported(
                    "%s: tensor %s has dtype %s, expected one of %s; save the model as bfloat16"
                        + " first",
                    tensor.file(),
                    Printable.of(tensor.name()),
                    tensor.dtype(),
                    List.of(DType.values())));
  }

  private FSDataInputStream stream(String file) {
    return streams.computeIfAbsent(file, name -> storage.openRanges(new Path(name)));
  }

  @Override
  public void close() {
    for (FSDataInputStream stream : streams.values()) {
      try {
        stream.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    streams.clear();
  }
}
