package io.tritmill.kernels.carrier;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PackedPlanes;
import io.tritmill.kernels.code.PlaneLayout;
import java.util.Arrays;

/** Tied planes, or one plane, as the integers that their trits stand for. */
final class TiedIntegers implements ScaledIntegers {
  private final PackedPlanes planes;
  private final PlaneLayout layout;
  private final float[] scales;
  private final IntegerGrid grid;
  private final byte[] trits;

  TiedIntegers(PackedPlanes planes) {
    this.planes = planes;
    layout = planes.layout();
    scales = planes.scaleValues();
    grid = IntegerGrid.of(layout, planes.columns()).orElseThrow();
    trits = new byte[planes.columns()];
  }

  @Override
  public int rows() {
    return planes.rows();
  }

  @Override
  public int columns() {
    return planes.columns();
  }

  @Override
  public IntegerGrid grid() {
    return grid;
  }

  @Override
  public float scale(int row, int group) {
    int scaleRow = layout.group().kind() == Group.Kind.TENSOR ? 0 : row;
    return scales[scaleRow * layout.group().perRow(planes.columns()) + group];
  }

  @Override
  public void codes(int row, byte[] into) {
    Arrays.fill(into, 0, trits.length, (byte) -grid.low());
    for (int plane = layout.firstPlane(row); plane < layout.planes(); plane++) {
      planes.unpackRow(plane, row, trits, 0);
      multiplyAdd(layout.factor(plane), trits, into);
    }
  }

  /** A method of its own, which is compiled to lanes of bytes. */
  private static void multiplyAdd(int factor, byte[] trits, byte[] into) {
    for (int i = 0; i < trits.length; i++) {
      into[i] = (byte) (into[i] + factor * trits[i]);
    }
  }
}
