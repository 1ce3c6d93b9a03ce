package io.tritmill.kernels.quantize;

import io.tritmill.kernels.tensor.Matrix;
import java.util.Arrays;

/**
 * Tied trit-planes of which each row has its own number.
 *
 * <p>A row of one plane has the levels -1..1, of two -4..4 and of three -13..13 times one scale a
 * group, fitted as {@link Ptqtp} fits them. The result has three tied planes for all rows; the
 * first ones of a row that has fewer are zero, and its scale is that of its last plane, as ever. So
 * it decodes as it stands, and a format that leaves out the planes that are zero has to know their
 * number for each row.
 *
 * <p>It belongs to the rows that {@code planes} was made for, so recipes cannot name it: {@link
 * PlaneAllocation} makes the numbers, and stages wrap this as they wrap any rounding.
 */
public final class RowPlanes implements IntegerMethod {
  private static final long serialVersionUID = 1L;

  private static final int ROUNDS = 50;

  private final byte[] planes;
  private final Group group;

  /**
   * @param planes of each row, 1 to 3
   * @param group who shares a scale: a number of columns, or a row
   */
  public RowPlanes(byte[] planes, Group group) {
    for (byte count : planes) {
      if (count < 1 || count > 3) {
        throw new IllegalArgumentException("A row has 1 to 3 planes, found " + count);
      }
    }
    if (group.kind() == Group.Kind.TENSOR) {
      throw new IllegalArgumentException("group is a number of columns or row, found tensor");
    }
    this.planes = planes.clone();
    this.group = group;
  }

  /** The method for some of the rows. */
  public RowPlanes band(int firstRow, int count) {
    return new RowPlanes(Arrays.copyOfRange(planes, firstRow, firstRow + count), group);
  }

  /** Planes of each row. */
  public byte[] planes() {
    return planes.clone();
  }

  @Override
  public PlaneLayout layout() {
    return new PlaneLayout(3, group, true);
  }

  /** False: a band would have to bring the planes of its own rows, see {@link #band}. */
  @Override
  public boolean rowsIndependent() {
    return false;
  }

  @Override
  public TritPlanes quantize(Matrix band, LayerInputs inputs) {
    if (band.rows() != planes.length) {
      throw new IllegalArgumentException(
          "Expected the %d rows that have planes, found %d".formatted(planes.length, band.rows()));
    }
    return IntegerRounding.quantize(this, band);
  }

  @Override
  public IntegerFit integerFit(int width) {
    return new Fit(width);
  }

  private final class Fit implements IntegerFit {
    private final GroupFit[] fits;
    private final double[] found = new double[1];
    private float scale;
    private int top;

    Fit(int width) {
      fits =
          new GroupFit[] {
            new OnePlane(width), new TiedPlanes(2, ROUNDS, width), new TiedPlanes(3, ROUNDS, width)
          };
    }

    @Override
    public void fit(float[] w, int offset, int length, int row) {
      int count = planes[row];
      fits[count - 1].fitRow(w, offset, length, length, found);
      scale = Grid.half(found[0], row);
      top = new TiedLevels(count).top();
    }

    @Override
    public float scale() {
      return scale;
    }

    @Override
    public int low() {
      return -top;
    }

    @Override
    public int high() {
      return top;
    }
  }
}
