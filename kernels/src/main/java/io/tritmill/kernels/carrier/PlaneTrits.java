package io.tritmill.kernels.carrier;

import io.tritmill.kernels.code.Group;
import io.tritmill.kernels.code.PackedPlanes;
import io.tritmill.kernels.code.PlaneLayout;
import java.util.Optional;

/**
 * One plane of a matrix, which is the sum of its planes: trits times scales of their own, for
 * formats that hold the planes side by side.
 */
public final class PlaneTrits implements ScaledIntegers {
  /** From here on a multiple of a scale of eight bits may have more than half's eleven. */
  private static final int MOST_FACTOR = 8;

  private final PackedPlanes planes;
  private final int plane;
  private final PlaneLayout layout;
  private final float[] scales;

  /** The plane of this number of a matrix that is not refused. */
  public PlaneTrits(PackedPlanes planes, int plane) {
    this.planes = planes;
    this.plane = plane;
    layout = planes.layout();
    scales = planes.scaleValues();
  }

  /** Why the planes of a layout are not held side by side in TQ2_0; empty where they are. */
  public static Optional<String> refusal(PlaneLayout layout, int columns) {
    if (layout.shifted()) {
      return Optional.of("its groups are shifted");
    }
    if (layout.tied() && layout.factor(0) > MOST_FACTOR) {
      return Optional.of(
          "%d times a scale need not be a number of half precision".formatted(layout.factor(0)));
    }
    IntegerGrid grid = IntegerGrid.of(-1, 1, layout.group().width(columns));
    return BlockCarrier.TQ2_0.refusal(grid, columns);
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
    return IntegerGrid.of(-1, 1, layout.group().width(planes.columns()));
  }

  @Override
  public float scale(int row, int group) {
    int scaleRow = layout.group().kind() == Group.Kind.TENSOR ? 0 : row;
    int at = scaleRow * layout.group().perRow(planes.columns()) + group;
    return layout.tied() ? scales[at] * layout.factor(plane) : scales[at * layout.planes() + plane];
  }

  @Override
  public void codes(int row, byte[] into) {
    planes.unpackRow(plane, row, into, 0);
    for (int c = 0; c < planes.columns(); c++) {
      into[c]++;
    }
  }
}
