package io.tritmill.jobs.tensor;

import io.tritmill.kernels.tensor.DType;
import io.tritmill.kernels.tensor.Encoding;
import io.tritmill.kernels.tensor.Float8;
import io.tritmill.kernels.tensor.Float8Rows;
import io.tritmill.kernels.tensor.WeightRows;
import java.util.List;
import java.util.Optional;

/**
 * A matrix of 8-bit floats (E4M3), each times a scale: one of the whole, one of each row, or one of
 * each block of 128 rows and 128 columns. It is read as single precision, in which a product is
 * rounded once.
 *
 * @param scales where the scales lie, of a type of weights
 * @param blockRows rows that share a scale
 * @param blockColumns columns that share a scale
 */
record ScaledFloat8(TensorInfo scales, int blockRows, int blockColumns) implements ByRows {
  private static final long serialVersionUID = 1L;

  private static final int BLOCK = 128;

  /**
   * The dress of a matrix with these scales; empty where their shape is none of the three.
   *
   * @param matrix of two dimensions, neither of them 0
   */
  static Optional<Dress> of(TensorInfo matrix, TensorInfo scales) {
    if (matrix.rows() > Integer.MAX_VALUE || matrix.columns() > Integer.MAX_VALUE) {
      return Optional.empty();
    }
    int rows = (int) matrix.rows();
    int columns = (int) matrix.columns();
    if (scales.elements() == 1) {
      return Optional.of(new ScaledFloat8(scales, rows, columns));
    }
    List<Long> shape = scales.shape();
    if (scales.elements() == rows && shape.getFirst() == rows) {
      return Optional.of(new ScaledFloat8(scales, 1, columns));
    }
    List<Long> blocks =
        List.of((long) Math.ceilDiv(rows, BLOCK), (long) Math.ceilDiv(columns, BLOCK));
    return shape.equals(blocks)
        ? Optional.of(new ScaledFloat8(scales, BLOCK, BLOCK))
        : Optional.empty();
  }

  @Override
  public Optional<Encoding> encoding(String stored) {
    return Optional.of(DType.F32);
  }

  @Override
  public Optional<TensorInfo> companion() {
    return Optional.of(scales);
  }

  @Override
  public List<TensorInfo> parts(TensorInfo tensor) {
    return List.of(tensor.undressed(), scales);
  }

  @Override
  public void rows(TensorInfo tensor, Source stored, long first, int rows, byte[] into, int at) {
    int columns = Math.toIntExact(tensor.columns());
    byte[] codes = new byte[Math.multiplyExact(rows, columns)];
    stored.read(tensor, first * columns, codes, 0, codes.length);
    int perRow = Math.ceilDiv(columns, blockColumns);
    int firstBlock = Math.toIntExact(first / blockRows);
    int blocks = Math.toIntExact((first + rows - 1) / blockRows) - firstBlock + 1;
    float[] factors = Numbers.read(stored, scales, (long) firstBlock * perRow, blocks * perRow);
    float[] row = new float[columns];
    for (int r = 0; r < rows; r++) {
      int block = (int) ((first + r) / blockRows - firstBlock) * perRow;
      for (int c = 0; c < columns; c += blockColumns) {
        int count = Math.min(blockColumns, columns - c);
        Float8.decode(codes, r * columns + c, factors[block + c / blockColumns], row, c, count);
      }
      DType.F32.encode(row, 0, into, at + r * columns * Float.BYTES, columns);
    }
  }

  @Override
  public Optional<WeightRows> held(TensorInfo tensor, Source stored) {
    int rows = Math.toIntExact(tensor.rows());
    int columns = Math.toIntExact(tensor.columns());
    byte[] codes = new byte[Math.multiplyExact(rows, columns)];
    stored.read(tensor, 0, codes, 0, codes.length);
    float[] factors = Numbers.read(stored, scales, 0, Math.toIntExact(scales.elements()));
    return Optional.of(new Float8Rows(rows, columns, codes, factors, blockRows, blockColumns));
  }

  @Override
  public long heldBytes(TensorInfo tensor) {
    return tensor.bytes() + Float.BYTES * scales.elements();
  }
}
