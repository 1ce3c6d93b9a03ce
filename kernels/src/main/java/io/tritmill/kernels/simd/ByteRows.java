package io.tritmill.kernels.simd;

import io.tritmill.kernels.simd.trit.TernaryChoice;
import java.util.Objects;

/**
 * Rows of int8 numbers, each row with a scale: activations, a row for each token.
 *
 * <p>The numbers are -127 to 127.
 */
public final class ByteRows {
  private final int rows;
  private final int columns;
  private final byte[] values;
  private final float[] scales;

  private ByteRows(int rows, int columns, byte[] values, float[] scales) {
    this.rows = rows;
    this.columns = columns;
    this.values = values;
    this.scales = scales;
  }

  /**
   * The given numbers, not copied.
   *
   * @param values (rows, columns)
   * @param scales (rows)
   * @throws IllegalArgumentException if the sizes differ from that, or a value is -128
   */
  public static ByteRows of(int rows, int columns, byte[] values, float[] scales) {
    if (scales.length != rows || values.length != Math.multiplyExact(rows, columns)) {
      throw new IllegalArgumentException(
          "%d rows of %d have %d numbers and %d scales"
              .formatted(rows, columns, values.length, scales.length));
    }
    for (int i = 0; i < values.length; i++) {
      if (values[i] == Byte.MIN_VALUE) {
        throw new IllegalArgumentException("Number %d is -128, expected -127 to 127".formatted(i));
      }
    }
    return new ByteRows(rows, columns, values, scales);
  }

  /**
   * Rounds each row to the nearest integers, ties to even, after scaling its largest magnitude to
   * 127.
   *
   * <p>A row whose magnitudes are all below 2^-119 becomes zeros. One that holds NaN or an infinity
   * becomes zeros with the scale NaN, so that every product with it is NaN.
   *
   * @param a (rows, columns)
   */
  public static ByteRows quantize(int rows, int columns, float[] a) {
    Objects.checkFromIndexSize(0, Math.multiplyExact(rows, columns), a.length);
    byte[] values = new byte[rows * columns];
    float[] scales = new float[rows];
    for (int row = 0; row < rows; row++) {
      int at = row * columns;
      scales[row] = TernaryChoice.BYTE_OPS.quantize(a, at, columns, values, at);
    }
    return new ByteRows(rows, columns, values, scales);
  }

  /** Number of rows. */
  public int rows() {
    return rows;
  }

  /** Numbers in a row. */
  public int columns() {
    return columns;
  }

  /** The number at a place, -127 to 127. */
  public byte value(int row, int column) {
    Objects.checkIndex(column, columns);
    return values[row * columns + column];
  }

  /** What a row's integers are multiplied with. */
  public float scale(int row) {
    return scales[row];
  }

  /** Copies part of a row. */
  void copy(int row, int column, int count, byte[] into) {
    Objects.checkFromIndexSize(column, count, columns);
    System.arraycopy(values, row * columns + column, into, 0, count);
  }
}
