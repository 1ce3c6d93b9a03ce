package io.tritmill.jobs.model;

import io.tritmill.jobs.checkpoint.Checkpoint;
import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.format.PackedEntry;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.code.FiveTrits;
import io.tritmill.kernels.code.Levels;
import io.tritmill.kernels.code.PackedMatrix;
import io.tritmill.kernels.code.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Reads packed matrices: whole ones, and of tables that may be too large to hold the rows that are
 * asked for.
 *
 * @param storage the file systems
 * @param checkpoint the packed model's files
 */
public record PackedMatrices(Storage storage, Checkpoint checkpoint) {
  /** A whole matrix, whose codes are decoded row by row. */
  public PackedMatrix whole(String name, PackedEntry entry) {
    return checked(
        name,
        entry,
        () -> {
          try (TensorReader reader = new TensorReader(storage)) {
            return entry.matrix(
                entry.suffixes().stream().map(suffix -> all(reader, name + suffix)).toList());
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
    // Rows of trits begin at bytes where the weights before them are a multiple of five.
    int begin = firstRow - firstRow % FiveTrits.PER_BYTE;
    int end =
        Math.min(
            entry.rows(), Math.ceilDiv(firstRow + count, FiveTrits.PER_BYTE) * FiveTrits.PER_BYTE);
    checked(name, entry, () -> band(name, entry, begin, end - begin))
        .decode(firstRow - begin, count, into, 0);
  }

  private PackedMatrix band(String name, PackedEntry entry, int firstRow, int rows) {
    Levels levels = entry.levels();
    int columns = entry.columns();
    List<Piece> whole = levels.pieces(entry.rows(), columns);
    List<Piece> before = levels.pieces(firstRow, columns);
    List<Piece> own = levels.pieces(rows, columns);
    List<byte[]> stored = new ArrayList<>();
    try (TensorReader reader = new TensorReader(storage)) {
      for (int i = 0; i < own.size(); i++) {
        Piece piece = own.get(i);
        int bytes = Math.toIntExact(piece.runBytes());
        long from = piece.shared() ? 0 : before.get(i).runBytes();
        byte[] runs = new byte[Math.multiplyExact(piece.runs(), bytes)];
        TensorInfo tensor = stored(name + piece.suffix());
        if (tensor.bytes() != whole.get(i).bytes()) {
          throw new IllegalArgumentException(
              "%s has %d bytes, expected %d for %d x %d"
                  .formatted(
                      piece.suffix(), tensor.bytes(), whole.get(i).bytes(), entry.rows(), columns));
        }
        for (int run = 0; run < piece.runs(); run++) {
          reader.read(tensor, run * whole.get(i).runBytes() + from, runs, run * bytes, bytes);
        }
        stored.add(runs);
      }
    }
    PackedMatrix band = levels.packed(rows, columns, stored);
    band.requireCodes();
    return band;
  }

  private PackedMatrix checked(String name, PackedEntry entry, Supplier<PackedMatrix> reading) {
    try {
      return reading.get();
    } catch (IllegalArgumentException e) {
      throw BadInputException.broken(
          "%s: packed tensor %s: %s; was the file changed since it was written?",
          stored(name + entry.suffixes().getFirst()).file(), Printable.of(name), e.getMessage());
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
