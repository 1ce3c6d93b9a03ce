package io.tritmill.jobs.verify;

import io.tritmill.jobs.failure.BadInputException;
import io.tritmill.jobs.failure.ExitCode;
import io.tritmill.jobs.failure.Printable;
import io.tritmill.jobs.format.PackedEntry;
import io.tritmill.jobs.model.ModelSource;
import io.tritmill.jobs.model.ModelTensors;
import io.tritmill.jobs.spark.Tasks;
import io.tritmill.jobs.storage.Storage;
import io.tritmill.jobs.tensor.TensorInfo;
import io.tritmill.jobs.tensor.TensorReader;
import io.tritmill.kernels.code.BlockLevels;
import io.tritmill.kernels.code.IntegerLevels;
import io.tritmill.kernels.code.Levels;
import io.tritmill.kernels.code.Piece;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.udf.Decode;
import io.tritmill.udf.SquaredError;
import io.tritmill.udf.SumOfSquares;
import io.tritmill.udf.UnpackIntegers;
import io.tritmill.udf.UnpackRowTrits;
import io.tritmill.udf.UnpackTrits;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Derives the error of a band: its packed bytes and those of the checkpoint go through the SQL
 * functions, which read the format by loops of their own.
 *
 * @param transformed the transformed model; null where weights are those of the file
 */
record DeriveBand(Storage storage, ModelSource transformed)
    implements Tasks.Work<DeriveBand.Band, DeriveBand.Derived> {
  /**
   * A band of one layer: where its bytes lie, and how they are laid out.
   *
   * @param stored the tensors that it is stored as
   */
  record Band(
      TensorInfo original, List<TensorInfo> stored, PackedEntry entry, int firstRow, int rows)
      implements Serializable {}

  /**
   * What its packed weights lose.
   *
   * @param error sum of squares of the differences
   * @param energy sum of squares of the weights
   */
  record Derived(String tensor, int firstRow, double error, double energy)
      implements Serializable {}

  @Override
  public Derived apply(Band band, String attempt) {
    try (TensorReader reader = new TensorReader(storage)) {
      ArrayData weights = weights(reader, band);
      return new Derived(
          band.original().name(),
          band.firstRow(),
          SquaredError.invoke(weights, unpacked(reader, band)),
          SumOfSquares.invoke(weights));
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          ExitCode.VERIFICATION_FAILED,
          "%s: packed tensor %s: %s; was the file changed since it was written?"
              .formatted(
                  band.stored().getFirst().file(),
                  Printable.of(band.original().name()),
                  e.getMessage()),
          e);
    }
  }

  private ArrayData weights(TensorReader reader, Band band) {
    if (transformed != null
        && transformed.architecture().module(band.original().name()).isPresent()) {
      return ArrayData.toArrayData(transformed(band));
    }
    long rowBytes = band.original().rowBytes();
    byte[] bytes =
        reader.bytes(
            band.original(), band.firstRow() * rowBytes, Math.toIntExact(band.rows() * rowBytes));
    String type = band.original().encoding().orElseThrow().name();
    return Decode.invoke(bytes, UTF8String.fromString(type));
  }

  private float[] transformed(Band band) {
    TensorSpec spec = transformed.architecture().tensor(band.original().name()).orElseThrow();
    float[] values = new float[band.rows() * band.entry().columns()];
    try (ModelTensors tensors = transformed.open()) {
      tensors.rows(spec, band.firstRow(), band.rows(), values);
    }
    return values;
  }

  private static ArrayData unpacked(TensorReader reader, Band band) {
    PackedEntry entry = band.entry();
    return switch (entry.levels()) {
      case PlaneLayout layout when entry.byRow() ->
          UnpackRowTrits.invoke(
              all(reader, band.stored().get(0)),
              all(reader, band.stored().get(1)),
              all(reader, band.stored().get(2)),
              band.rows(),
              entry.columns(),
              layout.planes(),
              group(layout));
      case PlaneLayout layout ->
          UnpackTrits.invoke(
              runs(reader, band, 0),
              runs(reader, band, 1),
              band.rows(),
              entry.columns(),
              layout.planes(),
              group(layout),
              layout.tied());
      case IntegerLevels integers ->
          UnpackIntegers.invoke(
              runs(reader, band, 0),
              runs(reader, band, 1),
              integers.zeroPoints() ? runs(reader, band, 2) : new byte[0],
              band.rows(),
              entry.columns(),
              integers.bits(),
              group(integers),
              integers.zero());
      case BlockLevels blocks ->
          Decode.invoke(runs(reader, band, 0), UTF8String.fromString(blocks.type().name()));
    };
  }

  private static UTF8String group(Levels levels) {
    return UTF8String.fromString(levels.group().toString());
  }

  private static byte[] all(TensorReader reader, TensorInfo tensor) {
    return reader.bytes(tensor, 0, Math.toIntExact(tensor.bytes()));
  }

  /** The band's part of each run of a piece. */
  private static byte[] runs(TensorReader reader, Band band, int piece) {
    PackedEntry entry = band.entry();
    Levels levels = entry.levels();
    Piece whole = levels.pieces(entry.rows(), entry.columns()).get(piece);
    Piece own = levels.pieces(band.rows(), entry.columns()).get(piece);
    long before = levels.pieces(band.firstRow(), entry.columns()).get(piece).runBytes();
    int bytes = Math.toIntExact(own.runBytes());
    byte[] runs = new byte[own.runs() * bytes];
    for (int run = 0; run < own.runs(); run++) {
      long from = run * whole.runBytes() + (own.shared() ? 0 : before);
      reader.read(band.stored().get(piece), from, runs, run * bytes, bytes);
    }
    return runs;
  }
}
