package io.tritmill.jobs.model;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.format.PackedEntry;
import io.tritmill.jobs.format.PackedMetadata;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.code.FiveTrits;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PackedTensor;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.function.Supplier;

/**
 * Reads packed matrices: whole ones, and of tables that may be too large to hold the rows that are
 * asked for.
 *
 * @param storage the file systems
 * @param checkpoint the packed model's files
 */
record PackedMatrices(Storage storage, Checkpoint checkpoint) {
  /** A whole matrix, whose trits are decoded row by row. */
  WeightRows whole(String name, PackedEntry entry) {
    return checked(
        name,
        () -> {
          try (TensorReader reader = new TensorReader(storage)) {
            byte[] trits = all(reader, name + PackedMetadata.TRITS);
            byte[] scales = all(reader, name + PackedMetadata.SCALES);
            byte[] counts = entry.byRow() ? all(reader, name + PackedMetadata.PLANES) : new byte[0];
            PlaneLayout layout = entry.layout(counts);
            return tensor(entry.rows(), entry.columns(), layout, trits, scales);
          }
        });
  }

  /**
   * Decodes a few rows, of which alone the bytes are read, unless rows differ in their planes.
   *
   * @param into (count, columns) from 0 on; overwritten
   */
  void rows(String name, PackedEntry entry, int firstRow, int count, float[] into) {
    if (entry.byRow()) {
      whole(name, entry).decode(firstRow, count, into, 0);
      return;
    }
    // Rows begin at bytes where the weights before them are a multiple of five.
    int begin = firstRow - firstRow % FiveTrits.PER_BYTE;
    int end =
        Math.min(
            entry.rows(), Math.ceilDiv(firstRow + count, FiveTrits.PER_BYTE) * FiveTrits.PER_BYTE);
    checked(name, () -> band(name, entry, begin, end - begin))
        .decode(firstRow - begin, count, into, 0);
  }

  private WeightRows band(String name, PackedEntry entry, int firstRow, int rows) {
    PlaneLayout layout = entry.layout();
    int columns = entry.columns();
    long plane = FiveTrits.bytes((long) entry.rows() * columns);
    long first = (long) firstRow * columns / FiveTrits.PER_BYTE;
    int bytes = Math.toIntExact(FiveTrits.bytes((long) rows * columns));
    try (TensorReader reader = new TensorReader(storage)) {
      TensorInfo stored = stored(name + PackedMetadata.TRITS);
      byte[] trits = new byte[Math.multiplyExact(layout.planes(), bytes)];
      for (int p = 0; p < layout.planes(); p++) {
        reader.read(stored, p * plane + first, trits, p * bytes, bytes);
      }
      boolean shared = layout.group().kind() == Group.Kind.TENSOR;
      byte[] scales =
          reader.bytes(
              stored(name + PackedMetadata.SCALES),
              shared ? 0 : 2 * layout.scales(1, columns) * firstRow,
              Math.toIntExact(2 * layout.scales(rows, columns)));
      return tensor(rows, columns, layout, trits, scales);
    }
  }

  private static WeightRows tensor(
      int rows, int columns, PlaneLayout layout, byte[] trits, byte[] scales) {
    FiveTrits.requireCodes(trits);
    return new PackedTensor(rows, columns, layout, trits, scales);
  }

  private WeightRows checked(String name, Supplier<WeightRows> reading) {
    try {
      return reading.get();
    } catch (IllegalArgumentException e) {
      throw BadInputException.broken(
          "%s: packed tensor %s: %s; was the file changed since it was written?",
          stored(name + PackedMetadata.TRITS).file(), Printable.of(name), e.getMessage());
    }
  }

  private byte[] all(TensorReader reader, String name) {
    TensorInfo tensor = stored(name);
    return reader.bytes(tensor, 0, Math.toIntExact(tensor.bytes()));
  }

  private TensorInfo stored(String name) {
    return checkpoint
        .tensor(name)
        .orElseThrow(
            () ->
                BadInputException.broken(
                    "%s: tensor %s is missing, but the metadata speaks of it",
                    checkpoint.directory(), name));
  }
}
