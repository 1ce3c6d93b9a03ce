package io.tritmill.kernels.pack;

import io.tritmill.kernels.quantize.PlaneLayout;
import io.tritmill.kernels.tensor.WeightRows;

/**
 * Trit-planes as stored: five trits a byte and half-precision scales.
 *
 * @param rows rows
 * @param columns columns
 * @param layout planes, groups and tie
 * @param trits (planes, bytes of a plane), see {@link FiveTrits}
 * @param scales little-endian IEEE half, (scale rows, groups, scales of a group)
 */
public record PackedTensor(int rows, int columns, PlaneLayout layout, byte[] trits, byte[] scales)
    implements WeightRows {
  @Override
  public void decode(int firstRow, int count, float[] into, int at) {
    throw new UnsupportedOperationException();
  }
}
