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
import io.tritmill.kernels.code.FiveTrits;
import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PlaneLayout;
import io.tritmill.kernels.model.TensorSpec;
import io.tritmill.udf.Decode;
import io.tritmill.udf.SquaredError;
import io.tritmill.udf.SumOfSquares;
import io.tritmill.udf.UnpackRowTrits;
import io.tritmill.udf.UnpackTrits;
import java.io.Serializable;
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
   * @param counts the numbers of planes of its rows; null where they do not differ
   */
  record Band(
      TensorInfo original,
      TensorInfo trits,
      TensorInfo scales,
      TensorInfo counts,
      PackedEntry entry,
      int firstRow,
      int rows)
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
              .formatted(band.trits().file(), Printable.of(band.original().name()), e.getMessage()),
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
    int columns = band.entry().columns();
    PlaneLayout layout = band.entry().layout();
    UTF8String group = UTF8String.fromString(layout.group().toString());
    boolean oneForAll = layout.group().kind() == Group.Kind.TENSOR;
    byte[] scales =
        reader.bytes(
            band.scales(),
            oneForAll ? 0 : 2L * band.firstRow() * layout.scales(1, columns),
            Math.toIntExact(2 * layout.scales(band.rows(), columns)));
    return band.counts() == null
        ? UnpackTrits.invoke(
            trits(reader, band),
            scales,
            band.rows(),
            columns,
            layout.planes(),
            group,
            layout.tied())
        : UnpackRowTrits.invoke(
            all(reader, band.trits()),
            scales,
            all(reader, band.counts()),
            band.rows(),
            columns,
            layout.planes(),
            group);
  }

  private static byte[] all(TensorReader reader, TensorInfo tensor) {
    return reader.bytes(tensor, 0, Math.toIntExact(tensor.bytes()));
  }

  /** The band's run of each plane. */
  private static byte[] trits(TensorReader reader, Band band) {
    PackedEntry entry = band.entry();
    long planeBytes = FiveTrits.bytes((long) entry.rows() * entry.columns());
    int bandPlane = Math.toIntExact(FiveTrits.bytes((long) band.rows() * entry.columns()));
    long firstByte = (long) band.firstRow() * entry.columns() / FiveTrits.PER_BYTE;
    byte[] trits = new byte[entry.layout().planes() * bandPlane];
    for (int plane = 0; plane < entry.layout().planes(); plane++) {
      reader.read(
          band.trits(), plane * planeBytes + firstByte, trits, plane * bandPlane, bandPlane);
    }
    return trits;
  }
}
